import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { autolab, autolabJson, type Ended, type JsonEnded, startProgram } from '../support/autolab.ts';
import { withoutPrivileges } from '../support/contract.ts';
import { commitAll, read, temporaryFolder, treeDigest, write } from '../support/project.ts';
import { git } from '../support/repositories.ts';
import { SLOW_MS } from '../support/runs.ts';

/** `autolab init` in a repository that is there: what it finds, and that the activation it writes works. */

vi.setConfig({ testTimeout: SLOW_MS });

const SYSTEM = '/usr/bin:/bin';
const CLONE = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

interface Place {
  readonly root: string;
  readonly env: Record<string, string | undefined>;
}

/** A repository with these files, and a user whose home and PATH have nothing but the system and `programs`. */
function repository(files: Readonly<Record<string, string>>, programs: Readonly<Record<string, string>> = {}): Place {
  const root = temporaryFolder();
  const home = temporaryFolder();
  for (const [path, text] of Object.entries(files)) write(root, path, text);
  for (const [name, script] of Object.entries(programs)) {
    write(home, `bin/${name}`, `#!/bin/bash\n${script}\n`);
    chmodSync(join(home, 'bin', name), 0o755);
  }
  if (Object.keys(files).length > 0) commitAll(root);
  const none = { VIRTUAL_ENV: undefined, CONDA_EXE: undefined, CONDA_DEFAULT_ENV: undefined, NVM_DIR: undefined };
  const modules = { LOADEDMODULES: undefined, MODULESHOME: undefined, LMOD_PKG: undefined };
  // A login shell reads the machine's own files, too.
  return { root, env: { ...none, ...modules, HOME: home, PATH: `${home}/bin:${SYSTEM}` } };
}

/** A virtual environment, as far as its activation goes. */
function venv(root: string, name: string): void {
  write(
    root,
    `${name}/bin/activate`,
    `export VIRTUAL_ENV="${join(root, name)}" PATH="${join(root, name)}/bin:$PATH"\n`,
  );
  symlinkSync('/bin/true', join(root, name, 'bin/python'));
}

async function init({ root, env }: Place, ...words: readonly string[]): Promise<JsonEnded> {
  const made = await autolabJson(root, ['init', ...words], { env });
  expect(made.status, made.stdout).toBe(0);
  return made;
}

function blockOf(root: string): string {
  return /```bash\n(.*?)```/s.exec(read(root, 'docs/environment.md'))?.[1] ?? '';
}

/** Runs the block as a launch script does, and prints a variable. */
async function activated({ root, env }: Place, variable: string): Promise<string> {
  const script = `set -e\n${blockOf(root)}\nprintf %s "\${${variable}-}"`;
  const ended = await startProgram(['bash', '-c', script], root, { env }).ended;
  expect(ended.status, ended.stderr).toBe(0);
  return ended.stdout;
}

describe('what init proposes to activate', () => {
  it('a virtual environment that is there', async () => {
    const place = repository({ 'requirements.txt': 'numpy\n', 'train.py': '' });
    venv(place.root, '.venv');

    const made = await init(place);

    expect(made.json['proposal']).toEqual({ activation: blockOf(place.root), from: ['.venv'] });
    expect(await activated(place, 'VIRTUAL_ENV')).toBe(join(place.root, '.venv'));
    expect(made.json['hint']).toBe('Add an experiment: autolab new train -- python train.py');
    expect(made.json['message']).toContain('read from .venv');
  });

  it('nothing if its Python is gone; the comment says how to make one', async () => {
    const place = repository({ 'requirements.txt': 'numpy\n', 'venv/bin/activate': 'exit 1\n' });

    const made = await init(place);

    expect(made.json['proposal']).toMatchObject({ from: [] });
    expect(await activated(place, 'VIRTUAL_ENV')).toBe('');
    expect(blockOf(place.root)).toMatch(
      /^# nothing to activate\n# from requirements\.txt: python3? -m venv \.venv && .* -r requirements\.txt; then, here:\n# source/,
    );
    expect(made.json['message']).toContain('requirements.txt is there, its environment is not');
  });

  it.each([
    ['uv.lock', 'uv sync'],
    ['poetry.lock', 'poetry install'],
    ['Pipfile', 'pipenv install'],
    ['pyproject.toml', 'pip install -e .'],
  ])('%s without an environment: %s', async (name, command) => {
    const place = repository({ [name]: '' });

    await init(place);

    expect(blockOf(place.root)).toContain(command);
    expect(await activated(place, 'VIRTUAL_ENV')).toBe('');
  });

  it.each([
    ['poetry.lock', 'poetry', 'env info --path'],
    ['Pipfile', 'pipenv', '--venv'],
  ])('%s: the environment that %s names', async (file, name, words) => {
    const elsewhere = temporaryFolder();
    venv(elsewhere, 'made');
    const place = repository({ [file]: '' }, { [name]: `[ "$*" = '${words}' ] && echo '${elsewhere}/made'` });

    const made = await init(place);

    expect(made.json['proposal']).toMatchObject({ from: [file] });
    expect(await activated(place, 'VIRTUAL_ENV')).toBe(join(elsewhere, 'made'));
  });

  it('an environment of conda, if it is made; otherwise the command that makes it', async () => {
    const place = repository({ 'environment.yml': 'name: lab # ours\ndependencies: [python]\n', 'run.py': '' });
    const conda = join(String(place.env['HOME']), 'conda');
    write(conda, 'bin/conda', '');
    write(conda, 'etc/profile.d/conda.sh', 'conda() { [ "$1" = activate ] && export CONDA_DEFAULT_ENV="$2"; }\n');
    const env = { ...place.env, CONDA_EXE: join(conda, 'bin/conda') };

    const lacking = await init({ ...place, env }, 'one');
    mkdirSync(join(conda, 'envs/lab'), { recursive: true });
    const made = await init({ ...place, env });

    expect(lacking.json['proposal']).toMatchObject({ from: [] });
    expect((lacking.json['proposal'] as { activation: string }).activation).toContain(
      '# from ../environment.yml: conda env create -f ../environment.yml; then, here:\n# source "$HOME/conda/etc',
    );
    expect(made.json['proposal']).toMatchObject({ from: ['environment.yml'] });
    expect(await activated({ ...place, env }, 'CONDA_DEFAULT_ENV')).toBe('lab');
  });

  it('what is active in the shell, if the repository has nothing of its own', async () => {
    const elsewhere = temporaryFolder();
    venv(elsewhere, 'mine');
    const place = repository({ 'train.py': '' });
    const env = { ...place.env, VIRTUAL_ENV: join(elsewhere, 'mine') };

    const made = await init({ ...place, env });

    expect(made.json['proposal']).toMatchObject({ from: ['$VIRTUAL_ENV of your shell'] });
    expect(await activated(place, 'VIRTUAL_ENV')).toBe(join(elsewhere, 'mine'));
  });

  it('the project of Julia', async () => {
    const place = repository({ 'Project.toml': 'name = "Lab"\n', 'main.jl': '' });

    const made = await init(place);

    expect(await activated(place, 'JULIA_PROJECT')).toBe('@.');
    expect(made.json['hint']).toContain('autolab new main -- julia main.jl');
  });

  it('renv: nothing if R reads its profile by itself, otherwise the profile', async () => {
    const own = repository({ 'renv.lock': '{}', '.Rprofile': 'source("renv/activate.R")\n', 'renv/activate.R': '' });
    const bare = repository({ 'renv.lock': '{}', 'renv/activate.R': '' });

    await Promise.all([init(own), init(bare)]);

    expect(blockOf(own.root)).toBe('# nothing to activate\n# from .Rprofile, which needs no activation\n');
    expect(await activated(bare, 'R_PROFILE_USER')).toBe(join(bare.root, 'renv/activate.R'));
  });

  it('the programs and the version of a Node project', async () => {
    const place = repository({ 'package.json': '{}', '.nvmrc': 'v20.1\n', 'main.mjs': '' });
    const nvm = join(String(place.env['HOME']), '.nvm');
    write(nvm, 'nvm.sh', 'nvm() { export NVM_USED="$2"; }\n');
    mkdirSync(join(place.root, 'node_modules/.bin'), { recursive: true });

    const without = await init(place, 'one');
    mkdirSync(join(nvm, 'versions/node/v20.1.0'), { recursive: true });
    await init(place);

    expect(without.json['proposal']).toMatchObject({ from: ['../package.json'] });
    expect(await activated(place, 'NVM_USED')).toBe('v20.1');
    expect(blockOf(place.root)).toContain('# export PATH="$PWD/node_modules/.bin:$PATH"');
  });

  it('the modules that are loaded in the shell, and the one of a language that is missing', async () => {
    const place = repository({ 'Project.toml': '', 'main.jl': '' });
    const home = String(place.env['HOME']);
    const command =
      'module() { case "$*" in "-t avail julia") printf "/sw:\\njulia/1.9\\njulia/1.11(default)\\njulia/1.12\\n" >&2;; load*) export LOADED="$*";; esac; }';
    write(home, 'modules/init/bash', `${command}\n`);
    write(
      home,
      '.bash_profile',
      `echo noise\nexport MODULESHOME=~/modules LOADEDMODULES=site/1\n. ~/modules/init/bash\n`,
    );
    const env = { ...place.env, LOADEDMODULES: 'site/1:cuda/12.4' };

    const made = await init({ ...place, env });

    expect(made.json['proposal']).toMatchObject({
      from: ['the modules that are loaded in your shell', 'what `module avail` offers', 'Project.toml'],
    });
    expect(blockOf(place.root)).toContain('source "$HOME/modules/init/bash"\nmodule load cuda/12.4 julia/1.11\n');
    expect(await activated(place, 'LOADED')).toBe('load cuda/12.4 julia/1.11');
  });

  it('only what works when it is tried; the rest is a comment', async () => {
    const place = repository({ 'train.py': '', 'experiments/train/notes.txt': '' });
    venv(place.root, '.venv');
    write(place.root, '.venv/bin/activate', 'exit 3\n');

    const made = await init(place);

    expect(made.json['proposal']).toMatchObject({ from: [] });
    expect(blockOf(place.root)).toBe(
      '# nothing to activate; what follows failed when autolab tried it: exit status 3\n# from .venv\n# source .venv/bin/activate\n',
    );
    expect(made.json['message']).toContain('activates nothing: autolab tried what it found in .venv: exit status 3.');
    // The folder of an experiment is taken.
    expect(made.json['hint']).toContain('autolab new train-2 -- python');
  });

  it('nothing, if a login shell never answers', async () => {
    const place = repository({ 'train.py': '' });
    write(String(place.env['HOME']), '.bash_profile', 'exec sleep 1000\n');

    const made = await init(place);

    expect(made.json['proposal']).toEqual({ activation: '# nothing to activate\n', from: [] });
  });

  it('the most specific of several; the others are comments', async () => {
    const place = repository({
      'environment.yml': 'name: lab\n',
      'package.json': '{}',
      'main.py': '',
      'Project.toml': '',
    });
    venv(place.root, 'venv');

    const made = await init(place);

    expect(made.json['proposal']).toMatchObject({ from: ['venv'] });
    const active = blockOf(place.root)
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(active).toEqual(['source venv/bin/activate']);
    for (const name of ['environment.yml', 'Project.toml', 'package.json'])
      expect(blockOf(place.root)).toContain(`# from ${name}`);
  });
});

it('what init and doctor say next leads from a script to a completed run, word by word', async () => {
  const place = repository({ 'train.py': 'import os\nassert os.environ["VIRTUAL_ENV"]\n' });
  const { root, env } = place;
  execFileSync('python3', ['-m', 'venv', '--without-pip', '.venv'], { cwd: root });
  // The host type is that of this test, whatever the machine has.
  const typed = (line: string): Promise<Ended> =>
    startProgram(['sh', '-c', line], root, { env: { ...env, PATH: `${CLONE}/bin:${String(env['PATH'])}` } }).ended;

  const made = await init(place);
  write(root, '.autolab/launch.yaml', 'host_mode: local\n');
  const lines = [String(made.json['hint']).replace('Add an experiment: ', '')];
  for (let line = lines[0] ?? ''; !line.endsWith('extract') && lines.length < 6;) {
    const ended = await typed(line.replace('WHO', 'ada --yes'));
    expect([line, ended.status, ended.stderr]).toEqual([line, 0, expect.any(String)]);
    const doctor = await autolabJson(root, ['doctor'], { env });
    line = String(doctor.json['next_command']);
    lines.push(line);
  }

  expect(lines).toEqual([
    'autolab new train -- python train.py',
    'autolab approve --by WHO',
    'autolab launch',
    'autolab extract',
  ]);
});

describe('a repository with files of its own', () => {
  it('keeps docs/environment.md, and says whether a launch can use it', async () => {
    const good = '# Ours\n\n## Activation\n\n```sh\nmodule load gcc\n```\n';
    const [usable, unusable] = [good, '# Ours\n\nsource it\n'].map((text) =>
      repository({ 'docs/environment.md': text, 'train.py': '' }),
    ) as [Place, Place];

    const [kept, lacking] = await Promise.all([init(usable), init(unusable)]);

    expect(read(usable.root, 'docs/environment.md')).toBe(good);
    expect(kept.json['message']).toContain('Your docs/environment.md stays; line 5 begins its activation.');
    expect(lacking.json['message']).toContain('Your docs/environment.md has no usable activation.');
    expect(lacking.json['hint']).toContain('heading that contains "Activation"');
    expect(read(unusable.root, 'docs/environment.md')).toBe('# Ours\n\nsource it\n');
  });

  it('adds only files of autolab, and lines to .gitignore, also with read-only files', async () => {
    const place = repository({ '.gitignore': 'data/', 'docs/notes.md': 'ours\n', 'experiments/old.txt': '' });
    chmodSync(join(place.root, '.gitignore'), 0o444);
    chmodSync(join(place.root, 'docs/notes.md'), 0o444);

    const made = await init(place);

    const status = git(place.root, 'status', '--porcelain', '--untracked-files=all').split('\n');
    const mine = [...(made.json['created'] as string[]).map((path) => `?? ${path}`), ' M .gitignore', ''];
    expect(status.sort()).toEqual(mine.sort());
    expect(read(place.root, '.gitignore')).toMatch(/^data\/\n\n# autolab: begin\n/);
    expect(statSync(join(place.root, '.gitignore')).mode & 0o777).toBe(0o444);
  });

  it('works in a folder of a repository, with the environment at its top', async () => {
    const { root, env } = repository({ 'requirements.txt': '', 'study/train.py': '' });
    venv(root, '.venv');
    const study = join(root, 'study');

    const made = await init({ root: study, env });

    expect(made.json['proposal']).toMatchObject({ from: ['../.venv'] });
    expect(await activated({ root: study, env }, 'VIRTUAL_ENV')).toBe(join(root, '.venv'));
    expect(git(root, 'status', '--porcelain', '--', ':!study', ':!.venv')).toBe('');
  });

  it('works in a linked work tree, and leaves the other one alone', async () => {
    const { root, env } = repository({ 'train.py': '' });
    const tree = join(temporaryFolder(), 'tree');
    git(root, 'worktree', 'add', '--quiet', tree);

    await init({ root: tree, env });

    expect(git(root, 'status', '--porcelain')).toBe('');
    expect(git(tree, 'status', '--porcelain')).toContain('?? .autolab/');
  });

  it('takes nothing from a folder above that is no repository', async () => {
    const above = temporaryFolder();
    venv(above, '.venv');
    mkdirSync(join(above, 'mine'));
    const { env } = repository({});

    const made = await init({ root: join(above, 'mine'), env });

    expect(made.json['proposal']).toEqual({ activation: '# nothing to activate\n', from: [] });
  });

  it('leaves nothing behind if a folder cannot be written', async () => {
    const { root, env } = repository({ 'docs/notes.md': '', 'experiments/old.txt': '' });
    chmodSync(join(root, 'experiments'), 0o555);
    chmodSync(root, 0o777);
    chmodSync(join(root, 'docs'), 0o777);
    const before = treeDigest(root);
    const program = new URL('../../bin/autolab.js', import.meta.url).pathname;

    const argv = [...withoutPrivileges(), process.execPath, program, 'init', '--json'];
    const made = await startProgram(argv, root, { env: { ...env, PATH: process.env['PATH'] } }).ended;

    expect([made.status, JSON.parse(made.stdout)]).toMatchObject([12, { code: 'project.read_only' }]);
    expect(treeDigest(root)).toBe(before);
  });

  it('a project that launches at once: a plain script needs no activation', async () => {
    const { root, env } = repository({ 'train.sh': 'echo hello\n' });

    const made = await autolab(root, ['init'], { env });

    expect(made.stdout).toContain('next: Add an experiment: autolab new train -- bash train.sh');
    expect(readFileSync(join(root, 'docs/environment.md'), 'utf8')).toContain('```bash\n# nothing to activate\n```');
    execFileSync('git', ['add', '--all'], { cwd: root });
  });
});
