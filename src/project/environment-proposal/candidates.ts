import { quotePosix } from '../../platform/quoting.ts';
import { type FoundEnvironment, INTERPRETERS, type Language, languagesOf } from './found.ts';

/** The ways to activate an environment that a repository suggests. Pure. */

export interface Candidate {
  /** What it was read from. */
  readonly from: readonly string[];
  /** Empty if nothing has to be activated. */
  readonly commands: readonly string[];
  /** What must be done before it works; null if it works now. */
  readonly first: string | null;
}

/** The most specific one first: what the repository has, then what it names, then what the shell has. */
export function waysToActivate(found: FoundEnvironment): readonly Candidate[] {
  const languages = languagesOf(found);
  const of: Readonly<Record<Language, (found: FoundEnvironment) => readonly Candidate[]>> = {
    python: pythonCandidates,
    julia: juliaCandidates,
    r: rCandidates,
    node: nodeCandidates,
  };
  return languages.flatMap((language) => of[language](found));
}

const PYTHON_LOCKS = ['uv.lock', 'poetry.lock', 'Pipfile', 'requirements.txt', 'pyproject.toml', 'setup.py'];

function pythonCandidates(found: FoundEnvironment): readonly Candidate[] {
  const { files, venv, shell } = found;
  const named = PYTHON_LOCKS.map((name) => files[name]).find((path) => path !== undefined);
  const found1 = [...venvOf(found), ...condaOf(found), ...managedOf(found), ...activeOf(found)];
  if (venv !== null || found1.some(({ first }) => first === null) || named === undefined) return found1;
  const make = howToMake(found, shell.programs.includes('python3') ? 'python3' : 'python');
  return [...found1, { from: [named], commands: ['source .venv/bin/activate'], first: make }];
}

function venvOf({ venv }: FoundEnvironment): readonly Candidate[] {
  return venv === null ? [] : [{ from: [venv], commands: [`source ${venv}/bin/activate`], first: null }];
}

/** The command that makes `.venv` as the repository asks for. */
function howToMake({ files }: FoundEnvironment, python: string): string {
  if (files['uv.lock'] !== undefined) return 'uv sync';
  if (files['poetry.lock'] !== undefined) return 'POETRY_VIRTUALENVS_IN_PROJECT=1 poetry install';
  if (files['Pipfile'] !== undefined) return 'PIPENV_VENV_IN_PROJECT=1 pipenv install';
  const requirements = files['requirements.txt'];
  const setup = files['pyproject.toml'] ?? files['setup.py'] ?? 'pyproject.toml';
  const wanted = requirements === undefined ? `-e ${folderOf(setup)}` : `-r ${requirements}`;
  return `${python} -m venv .venv && .venv/bin/pip install ${wanted}`;
}

function folderOf(path: string): string {
  const at = path.lastIndexOf('/');
  return at < 0 ? '.' : path.slice(0, at);
}

function condaOf({ files, condaName: name, conda, shell }: FoundEnvironment): readonly Candidate[] {
  const file = files['environment.yml'] ?? files['environment.yaml'];
  if (file === undefined || name === null) return [];
  const script = conda === null ? '"$(conda info --base)/etc/profile.d/conda.sh"' : inHome(conda.script, shell.home);
  const made = conda?.environments.includes(name) === true;
  const first = conda === null ? `install conda, then: ${createConda(file)}` : createConda(file);
  return [{ from: [file], commands: [`source ${script}`, `conda activate ${name}`], first: made ? null : first }];
}

function createConda(file: string): string {
  return `conda env create -f ${file}`;
}

function managedOf({ files, managed }: FoundEnvironment): readonly Candidate[] {
  const ask = { poetry: ['poetry.lock', 'poetry env info --path'], pipenv: ['Pipfile', 'pipenv --venv'] } as const;
  return managed.map((manager) => {
    const [name, command] = ask[manager];
    return { from: [files[name] ?? name], commands: [`source "$(${command})/bin/activate"`], first: null };
  });
}

/** What is active in the user's shell: there, the program works. */
function activeOf({ venv, conda, shell }: FoundEnvironment): readonly Candidate[] {
  const { virtualEnv, condaEnv, home } = shell;
  const ofVenv =
    virtualEnv === null || venv !== null
      ? []
      : [{ from: ['$VIRTUAL_ENV of your shell'], commands: [`source ${inHome(`${virtualEnv}/bin/activate`, home)}`] }];
  const ofConda =
    condaEnv === null || conda === null
      ? []
      : [
          {
            from: ['$CONDA_DEFAULT_ENV of your shell'],
            commands: [`source ${inHome(conda.script, home)}`, `conda activate ${quotePosix(condaEnv)}`],
          },
        ];
  return [...ofVenv, ...ofConda].map((one) => ({ ...one, first: null }));
}

function juliaCandidates({ files }: FoundEnvironment): readonly Candidate[] {
  const file = files['Project.toml'] ?? files['JuliaProject.toml'];
  // Julia looks for the file from the current folder upwards.
  return file === undefined ? [] : [{ from: [file], commands: ['export JULIA_PROJECT=@.'], first: null }];
}

function rCandidates({ files }: FoundEnvironment): readonly Candidate[] {
  const [lock, script, profile] = [files['renv.lock'], files['renv/activate.R'], files['.Rprofile']];
  if (lock === undefined) return [];
  if (profile === '.Rprofile') return [{ from: [profile], commands: [], first: null }];
  if (script === undefined) return [{ from: [lock], commands: [], first: `Rscript -e 'renv::restore()'` }];
  const folder = folderOf(lock) === '.' ? '$PWD' : `$PWD/${folderOf(lock)}`;
  const commands = [`export RENV_PROJECT="${folder}" R_PROFILE_USER="$PWD/${script}"`];
  return [{ from: [lock, script], commands, first: null }];
}

function nodeCandidates({ files, nvm, shell }: FoundEnvironment): readonly Candidate[] {
  const version = files['.nvmrc'] ?? files['.node-version'];
  const [bin, manifest] = [files['node_modules/.bin'], files['package.json']];
  const ofNvm =
    version === undefined || nvm === null
      ? []
      : [
          {
            from: [version],
            commands: [`source ${inHome(nvm.script, shell.home)} --no-use`, `nvm use "$(cat ${version})"`],
            first: nvm.installed ? null : `nvm install "$(cat ${version})"`,
          },
        ];
  if (manifest === undefined) return ofNvm;
  const commands = bin === undefined ? [] : [`export PATH="$PWD/${bin}:$PATH"`];
  return [...ofNvm, { from: [manifest], commands, first: bin === undefined ? 'npm install' : null }];
}

/** A path for a shell, the same for every user who has it in his home folder. */
export function inHome(path: string, home: string): string {
  const rest = home !== '' && path.startsWith(`${home}/`) ? path.slice(home.length) : null;
  return rest === null || !/^[\w./@+ -]*$/.test(rest) ? quotePosix(path) : `"$HOME${rest}"`;
}

/** The interpreter of a program, and the program; null if its language is not known. Pure. */
export function commandFor(program: string, found: FoundEnvironment): readonly string[] {
  if (/\.(?:sh|bash)$/.test(program)) return ['bash', program];
  const [language] = languagesOf({ files: {}, venv: null, program });
  if (language === undefined) return [program];
  const [usual = program, ...others] = INTERPRETERS[language];
  const known = [usual, ...others].find((name) => found.shell.programs.includes(name)) ?? usual;
  // An environment has the usual one.
  const hasEnvironment = waysToActivate(found).some(({ first, commands }) => first === null && commands.length > 0);
  return [language === 'python' && hasEnvironment ? usual : known, program];
}
