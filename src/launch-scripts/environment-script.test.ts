import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../test/support/project.ts';
import { lives } from '../../test/support/runs.ts';
import { ENVIRONMENT_PARTS, environmentScript } from './environment-script.ts';

/** The script as bash runs it, with programs of ours in PATH. */

let at = '';
beforeEach(() => {
  at = mkdtempSync(join(tmpdir(), 'look around '));
  for (const name of ['receipt', 'b in', 'work']) mkdirSync(join(at, name));
});
afterEach(() => {
  rmSync(at, { recursive: true, force: true });
});

function program(path: string, text: string): void {
  mkdirSync(join(at, path, '..'), { recursive: true });
  writeFileSync(join(at, path), text);
  chmodSync(join(at, path), 0o755);
}

/** Leaves out that a busy machine may be too slow for the bound of a real job. */
const PATIENT = { AUTOLAB_TEST_ENVIRONMENT_SECONDS: '50' };

function run(argv: readonly string[], env: Readonly<Record<string, string>> = PATIENT): void {
  writeFileSync(join(at, 'receipt/environment.sh'), environmentScript(argv));
  const said = execFileSync('bash', ['-p', '--', join(at, 'receipt/environment.sh')], {
    cwd: join(at, 'work'),
    env: { PATH: [join(at, 'b in'), '/usr/bin', '/bin'].join(delimiter), ...env },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  expect(said).toBe('');
}

function part(name: keyof typeof ENVIRONMENT_PARTS): readonly string[] {
  return readFileSync(join(at, 'receipt', ENVIRONMENT_PARTS[name]), 'utf8')
    .split('\n')
    .slice(0, -1);
}

/** A Python as far as the script needs one: it says that it was asked, noisily, and writes its answer. */
const PYTHON = (version: string, packages: string): string => `#!/bin/bash
echo noise; echo noise >&2
printf '%s\\n' "$@" > "${at}/asked"
printf '%s\\n' "$0" ${version} ${packages} . > "\${@: -1}"
`;

describe('what a job writes down before its entrypoint', () => {
  it('asks the interpreter of the entrypoint, and never starts the entrypoint', () => {
    program('b in/python3', PYTHON('3.11.7', `$'NumPy\\t1.26.4'`));
    program('work/train.py', 'touch started\n');

    run(['env', 'A=b', 'python3', '-s', 'train.py', '--lr', '1']);

    expect(part('interpreter')).toEqual(['python', '.']);
    expect(part('python')).toEqual([join(at, 'b in/python3'), '3.11.7', 'NumPy\t1.26.4', '.']);
    const asked = readFileSync(join(at, 'asked'), 'utf8').split('\n');
    expect(asked.slice(0, 3)).toEqual(['-s', '-B', '-c']);
    expect(existsSync(join(at, 'work/started'))).toBe(false);
    expect(part('host').at(-1)).toBe('.');
    expect(part('host').some((line) => line.startsWith('kernel\t'))).toBe(true);
  });

  it('lists thousands of packages of a real Python, without a module of the working folder', () => {
    const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
    const names = Array.from({ length: 2000 }, (_, index) => `p_${index}-1.${index}.dist-info`);
    for (const name of [
      ...names,
      '~broken-1.dist-info',
      'new\nline-1.dist-info',
      'old.egg-info',
      'six-1.16-py3.11.egg-info',
    ])
      mkdirSync(join(at, 'packages', name), { recursive: true });
    writeFileSync(join(at, 'packages/old.egg-info/PKG-INFO'), 'Metadata-Version: 1.0\nVersion: 7.1\n');
    for (const name of ['os.py', 'sys.py', 'codecs.py', 'train.py'])
      writeFileSync(join(at, 'work', name), 'open("started", "w").close()\n');

    run([python, '-m', 'train'], { ...PATIENT, PYTHONPATH: join(at, 'packages') });

    const lines = part('python');
    expect(lines[0]).toBe(python);
    expect(lines.filter((line) => /^p_\d+\t1\.\d+$/.test(line))).toHaveLength(2000);
    expect(lines).toEqual(expect.arrayContaining(['old\t7.1', 'six\t1.16', 'new line\t1']));
    expect(lines.some((line) => line.startsWith('~'))).toBe(false);
    expect(lines.at(-1)).toBe('.');
    expect(readdirSync(join(at, 'work')).sort()).toEqual(['codecs.py', 'os.py', 'sys.py', 'train.py']);
  });

  it('ends after two seconds whatever it waits for', () => {
    execFileSync('mkfifo', [join(at, 'receipt', ENVIRONMENT_PARTS.host)]);
    expect(() => {
      run(['/bin/true'], {});
    }).toThrow();
    expect(existsSync(join(at, 'receipt', ENVIRONMENT_PARTS.variables))).toBe(false);
  });

  it('finds the interpreter of a program by its first line', () => {
    program('b in/python3', PYTHON('3.9.1', ''));
    program('b in/torchrun', `#!/usr/bin/env python3\nimport nothing\n`);

    run(['torchrun', 'train.py']);

    expect(part('python').slice(0, 2)).toEqual([join(at, 'b in/python3'), '3.9.1']);
  });

  it.each([
    ['a program that answers with its version', ['node', 'x.mjs'], ['node', '$at/b in/node', 'v20.19.0', '.']],
    ['this bash', ['bash', 'x.sh'], ['bash']],
    ['a program without an interpreter', ['/bin/true'], ['none', '.']],
    ['a program that is nowhere', ['nowhere'], ['unknown', '.']],
    ['one that chooses its environment itself', ['uv', 'run', 'python3'], ['unknown', '.']],
  ])('knows %s', (_, argv, expected) => {
    program('b in/node', '#!/bin/sh\n[ "$*" = --version ] && echo v20.19.0\n');
    program('b in/uv', `#!/bin/sh\ntouch "${at}/synced"\n`);

    run(argv);

    expect(part('interpreter').slice(0, expected.length)).toEqual(expected.map((line) => line.replace('$at', at)));
    expect(existsSync(join(at, 'synced'))).toBe(false);
    expect(part('python')).toEqual(['.']);
  });

  it('asks the Python of an active environment for a shell script', () => {
    program('venv/bin/python', PYTHON('3.12.1', `$'torch\\t2.5.0'`));
    mkdirSync(join(at, 'conda/conda-meta'), { recursive: true });
    for (const name of ['numpy-1.26.4-py311_0.json', 'gcc_linux-64-12.3.0-h1_2.json', 'history'])
      writeFileSync(join(at, 'conda/conda-meta', name), '{}');

    run(['bash', 'x.sh'], { ...PATIENT, VIRTUAL_ENV: join(at, 'venv'), CONDA_PREFIX: join(at, 'conda') });

    expect(part('python')).toEqual([join(at, 'venv/bin/python'), '3.12.1', 'torch\t2.5.0', '.']);
    expect(part('conda').slice(1)).toEqual(['gcc_linux-64-12.3.0-h1_2.json', 'numpy-1.26.4-py311_0.json', '.']);
  });

  it('reads the packages of Node from what npm installed', () => {
    program('b in/node', '#!/bin/sh\necho v20.19.0\n');
    mkdirSync(join(at, 'work/node_modules'));
    const packages = { 'node_modules/a': { version: '1.0.0' }, 'node_modules/a/node_modules/b': { version: '2.0.0' } };
    writeFileSync(join(at, 'work/node_modules/.package-lock.json'), JSON.stringify({ packages }, null, 2));
    run(['node', 'x.mjs']);
    expect(part('node').filter((line) => /node_modules|version/.test(line))).toHaveLength(4);
    expect(part('node').at(-1)).toBe('.');

    // Another program installed them: what is there is not known.
    rmSync(join(at, 'work/node_modules/.package-lock.json'));
    run(['node', 'x.mjs']);
    expect(part('node')).toEqual([]);
  });

  it('leaves a part without its end if a program hangs, and leaves no process behind', async () => {
    program('b in/python3', `#!/bin/bash\necho $$ > "${at}/pid"\nsleep 1000 & echo $! > "${at}/child"\nwait\n`);
    program('b in/nvidia-smi', '#!/bin/bash\nprintf "A100, 81920, 535.1\\n"; exec sleep 1000\n');

    run(['python3', 'x.py'], {});

    expect(part('python')).toEqual([]);
    expect(part('gpus')).not.toContain('.');
    expect(part('variables').at(-1)).toBe('.');
    for (const name of ['pid', 'child'].filter((file) => existsSync(join(at, file)))) {
      const pid = Number(readFileSync(join(at, name), 'utf8'));
      await until('it is gone', () => !lives(pid));
    }
  });

  it('believes no version of a program that failed', () => {
    program('b in/node', '#!/bin/sh\necho "node: -x 20 is not allowed"\nexit 9\n');
    run(['node', 'x.mjs']);
    expect(part('interpreter')).toEqual([]);
  });

  it('names the GPUs that the driver names', () => {
    program(
      'b in/nvidia-smi',
      '#!/bin/bash\n[ "$1" = --query-gpu=name,memory.total,driver_version ] && echo "A100, 81920, 535.1"\n',
    );
    run(['/bin/true']);
    expect(part('gpus')).toEqual(['A100, 81920, 535.1', '.']);
    program('b in/nvidia-smi', '#!/bin/bash\necho "cannot talk to the driver"; exit 9\n');
    run(['/bin/true']);
    expect(part('gpus')).not.toContain('.');
  });

  it('withholds secrets, and every variable that is not on the list', () => {
    run(['/bin/true'], {
      ...PATIENT,
      HF_TOKEN: 'hush-0815',
      SLURM_JWT: 'eyJ.x.y',
      OMP_PLACES: 'a hush-0815 b\nc\\d',
      PYTHONPATH: '/a:/b@2',
      CUDA_CACHE_PATH: 'https://me:pw@host/x',
      MY_DATA: 'mine',
      TZ: 'a?access_token=x',
    });
    const lines = part('variables');
    expect(lines).toEqual(
      expect.arrayContaining([
        'CUDA_CACHE_PATH=***',
        'OMP_PLACES=a *** b\\nc\\\\d',
        'PYTHONPATH=/a:/b@2',
        'SLURM_JWT=***',
        'TZ=***',
      ]),
    );
    const all = readdirSync(join(at, 'receipt')).map((name) => readFileSync(join(at, 'receipt', name), 'utf8'));
    expect(all.join('\n')).not.toMatch(/hush|eyJ|mine|me:pw/);
  });

  it('forgets what an earlier start of the job wrote', () => {
    writeFileSync(join(at, 'receipt', ENVIRONMENT_PARTS.python), '/old\n3.0\n.\n');
    run(['/bin/true']);
    expect(part('python')).toEqual(['.']);
  });

  it('takes neither functions nor a start-up file from the environment', () => {
    writeFileSync(join(at, 'rc'), `touch "${at}/sourced"\n`);
    run(['/bin/true'], {
      ...PATIENT,
      BASH_ENV: join(at, 'rc'),
      'BASH_FUNC_printf%%': '() { echo hijacked; }',
      SHELLOPTS: 'nounset:errexit',
    });
    expect(existsSync(join(at, 'sourced'))).toBe(false);
    expect(part('host').at(-1)).toBe('.');
  });
});
