import { homedir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { readDocument } from '../../platform/document.ts';
import { exists, listNames, lstatOrNull, realPathOr } from '../../platform/files.ts';
import { findProgram } from '../../platform/find-program.ts';
import { run } from '../../platform/process.ts';
import {
  ENVIRONMENT_FILES,
  type EnvironmentManager,
  type FoundConda,
  type FoundEnvironment,
  type FoundFiles,
  INTERPRETERS,
  languagesOf,
  MODULE_NAMES,
} from './found.ts';
import { askModules, moduleNames } from './module-command.ts';

/** Looks at a folder, at its repository above it, and at the user's shell. Writes nothing. */

const MOST_BYTES = 1024 * 1024;
const MANAGER_TIMEOUT_MS = 10_000;
const VENVS = ['.venv', 'venv'];

/** What a program to start with is usually called; those that train come first. */
const PROGRAMS = [
  ...['train', 'main', 'run', 'experiment'].flatMap((name) => [`${name}.py`, `scripts/${name}.py`, `src/${name}.py`]),
  ...['train', 'main', 'run'].flatMap((name) => ['jl', 'R', 'mjs', 'js', 'sh'].map((kind) => `${name}.${kind}`)),
];

/** `root` need not exist. */
export async function lookForEnvironment(root: string): Promise<FoundEnvironment> {
  const folders = repositoryFolders(root);
  const files = nearestFiles(root, folders);
  const venv = findVenv(root, folders);
  const program = firstProgram(root);
  const home = homedir();
  const languages = languagesOf({ files, venv, program });
  const [managed, modules] = await Promise.all([
    venv === null ? askManagers(root, files) : [],
    languages.length === 0
      ? null
      : askModules(
          languages.map((language) => MODULE_NAMES[language]),
          exists,
        ),
  ]);
  const loaded = moduleNames(process.env['LOADEDMODULES'] ?? '');
  return {
    files,
    venv,
    program,
    condaName: condaNameIn(root, files),
    conda: findConda(home),
    managed,
    nvm: findNvm(root, files, home),
    shell: {
      home,
      programs: Object.values(INTERPRETERS)
        .flat()
        .filter((name) => findProgram(name, root) !== null),
      virtualEnv: activeVenv(),
      condaEnv: activeConda(),
      loadedModules: loaded.filter((name) => modules?.loaded.includes(name) === false),
      modules,
    },
  };
}

/** The folder itself first, the top of its repository last; only itself if it is in none. */
function repositoryFolders(root: string): readonly string[] {
  const folders = [root];
  for (let folder = realPathOr(root); ; folder = dirname(folder)) {
    if (folder !== realPathOr(root)) folders.push(folder);
    if (exists(join(folder, '.git'))) return folders;
    if (dirname(folder) === folder) return [root];
  }
}

/** A path in one of these folders, as the root sees it. */
function seenFrom(root: string, folder: string, name: string): string {
  const path = relative(realPathOr(root), folder === root ? realPathOr(root) : folder);
  return path === '' ? name : `${path}/${name}`;
}

function nearestFiles(root: string, folders: readonly string[]): FoundFiles {
  const found = ENVIRONMENT_FILES.flatMap((name): [string, string][] => {
    const folder = folders.find((one) => exists(join(one, name)));
    return folder === undefined ? [] : [[name, seenFrom(root, folder, name)]];
  });
  return Object.fromEntries(found);
}

/** One whose Python was removed is none. */
function findVenv(root: string, folders: readonly string[]): string | null {
  const found = folders
    .flatMap((folder) => VENVS.map((name) => ({ folder, name })))
    .find(({ folder, name }) => isVenv(join(folder, name)));
  return found === undefined ? null : seenFrom(root, found.folder, found.name);
}

function isVenv(path: string): boolean {
  return exists(join(path, 'bin/activate')) && exists(join(path, 'bin/python'));
}

function firstProgram(root: string): string | null {
  const usual = PROGRAMS.find((name) => lstatOrNull(join(root, name))?.isFile() === true);
  if (usual !== undefined) return usual;
  const scripts = listNames(root).filter((name) => /^\w[\w-]*\.(?:py|jl|R)$/.test(name) && name !== 'setup.py');
  return scripts.length === 1 ? (scripts[0] ?? null) : null;
}

function condaNameIn(root: string, files: FoundFiles): string | null {
  const file = files['environment.yml'] ?? files['environment.yaml'];
  const read = file === undefined ? null : readDocument(join(root, file), MOST_BYTES);
  if (read?.kind !== 'text') return null;
  return /^name:[ \t]*["']?([A-Za-z0-9][\w.-]*)["']?[ \t]*(?:#.*)?$/m.exec(read.text)?.[1] ?? null;
}

function findConda(home: string): FoundConda | null {
  const program = process.env['CONDA_EXE'] ?? findProgram('conda', '/');
  if (program === null || !exists(program)) return null;
  const base = dirname(dirname(realPathOr(program)));
  const script = join(base, 'etc/profile.d/conda.sh');
  if (!exists(script)) return null;
  const listed = readDocument(join(home, '.conda/environments.txt'), MOST_BYTES);
  const elsewhere = listed.kind === 'text' ? listed.text.split('\n').filter((path) => path !== '' && exists(path)) : [];
  const environments = [...listNames(join(base, 'envs')), ...listNames(join(home, '.conda/envs'))];
  return { script, environments: [...environments, ...elsewhere.map((path) => basename(path))] };
}

async function askManagers(root: string, files: FoundFiles): Promise<readonly EnvironmentManager[]> {
  const questions: readonly [EnvironmentManager, string, readonly string[]][] = [
    ['poetry', 'poetry.lock', ['poetry', 'env', 'info', '--path']],
    ['pipenv', 'Pipfile', ['pipenv', '--venv']],
  ];
  const answers = questions.map(async ([manager, name, argv]) => {
    if (files[name] === undefined || findProgram(manager, root) === null) return [];
    const cwd = dirname(join(root, files[name]));
    const { stdout, exitCode } = await run(argv, { cwd, timeoutMs: MANAGER_TIMEOUT_MS, stdin: '' });
    const path = stdout.trim();
    return exitCode === 0 && path.startsWith('/') && isVenv(path) ? [manager] : [];
  });
  return (await Promise.all(answers)).flat();
}

function findNvm(root: string, files: FoundFiles, home: string): FoundEnvironment['nvm'] {
  const folder = process.env['NVM_DIR'] ?? join(home, '.nvm');
  const script = join(folder, 'nvm.sh');
  const file = files['.nvmrc'] ?? files['.node-version'];
  if (file === undefined || !exists(script)) return null;
  const read = readDocument(join(root, file), MOST_BYTES);
  const version = read.kind === 'text' ? read.text.trim().replace(/^v/, '') : '';
  const installed = listNames(join(folder, 'versions/node'));
  const has = installed.some((name) => name === `v${version}` || name.startsWith(`v${version}.`));
  return { script, installed: version !== '' && has };
}

function activeVenv(): string | null {
  const path = process.env['VIRTUAL_ENV'] ?? '';
  // In a line of a script, and in a fenced block.
  return /^\/[\w./@+ -]+$/.test(path) && isVenv(path) ? path : null;
}

function activeConda(): string | null {
  const name = process.env['CONDA_DEFAULT_ENV'] ?? '';
  return name === 'base' || !/^[\w./@+ -]+$/.test(name) ? null : name;
}
