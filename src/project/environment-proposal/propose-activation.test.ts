import { describe, expect, it } from 'vitest';
import { parseEnvironment } from '../environment.ts';
import { inHome } from './candidates.ts';
import type { FoundEnvironment } from './found.ts';
import { moduleNames, readModules } from './module-command.ts';
import { proposeActivation } from './propose-activation.ts';

const NOTHING: FoundEnvironment = {
  files: {},
  venv: null,
  condaName: null,
  conda: null,
  managed: [],
  nvm: null,
  program: null,
  shell: { home: '/home/ada', programs: [], virtualEnv: null, condaEnv: null, loadedModules: [], modules: null },
};

describe('proposeActivation', () => {
  it('activates nothing if nothing was found', () => {
    expect(proposeActivation(NOTHING)).toEqual({ activation: '# nothing to activate\n', from: [], missing: [] });
  });

  it('takes an environment with a lock file for that of the lock file', () => {
    const found = { ...NOTHING, venv: '.venv', files: { 'uv.lock': 'uv.lock', 'pyproject.toml': 'pyproject.toml' } };

    expect(proposeActivation(found)).toMatchObject({ from: ['.venv'], missing: [] });
  });

  it('loads the default module of a language whose interpreter is missing, and none for one that is there', () => {
    const modules = { script: '/m/init/bash', available: ['python/3.9', 'python/3.12', 'python/3.11'] };
    const found = { ...NOTHING, program: 'train.py', shell: { ...NOTHING.shell, modules } };
    const there = { ...found, shell: { ...found.shell, programs: ['python3'] } };

    expect(proposeActivation(found).activation).toContain('\nmodule load python/3.11\n');
    const unknown = { ...found, shell: { ...found.shell, modules: { ...modules, script: null } } };
    expect(proposeActivation(there).from).toEqual([]);
    // A script's shell would not have the command.
    expect(proposeActivation(unknown).from).toEqual([]);
  });

  it('is a block that a launch can use, whatever was found', () => {
    const found: FoundEnvironment = {
      ...NOTHING,
      files: { 'environment.yml': '../environment.yml', 'package.json': 'package.json', 'renv.lock': 'renv.lock' },
      condaName: 'lab',
      shell: { ...NOTHING.shell, virtualEnv: '/home/ada/my envs/lab' },
    };
    const { activation } = proposeActivation(found);

    const read = parseEnvironment(`## Activation\n\n\`\`\`bash\n${activation}\`\`\`\n`, 'f');

    expect(read).toMatchObject({ problems: [], value: { any: { text: activation } } });
    expect(activation).toMatch(/^source "\$HOME\/my envs\/lab\/bin\/activate"$/m);
  });
});

describe('inHome', () => {
  it.each([
    ['/home/ada/conda/x.sh', '"$HOME/conda/x.sh"'],
    ['/home/adam/x.sh', '/home/adam/x.sh'],
    ['/home/ada/$(x)`y`"/x.sh', `'/home/ada/$(x)\`y\`"/x.sh'`],
    ["/opt/it's/x.sh", `'/opt/it'\\''s/x.sh'`],
  ])('%s is %s', (path, words) => {
    expect(inHome(path, '/home/ada')).toBe(words);
  });
});

describe('the answer of a login shell', () => {
  const isFile = (path: string): boolean => path === '/usr/share/lmod/init/bash';

  it('is what stands after the mark, without folders, other names and states; the default comes last', () => {
    const offers = '/sw/modules:\npython/\npython/3.11(D)\npython/3.12\nPython-old/1\nbiopython/1\nL: loaded\n';

    const answer = readModules(`hello\nautolab-modules\0/usr/share/lmod\0\0a/1:b\0${offers}`, ['python'], isFile);

    expect(answer).toEqual({
      script: '/usr/share/lmod/init/bash',
      loaded: ['a/1', 'b'],
      available: ['python/3.12', 'python/3.11'],
    });
  });

  it('is none without the mark', () => {
    expect(readModules('module: command not found\n', ['python'], isFile)).toBeNull();
  });

  it('takes no name that could be more than a name', () => {
    expect(moduleNames('gcc/12:$(rm):a b:-x:../y:cuda/12.4')).toEqual(['gcc/12', 'cuda/12.4']);
  });
});
