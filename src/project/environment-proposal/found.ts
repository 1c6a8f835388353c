/** What a repository and the user's shell say about the environment that the repository's programs need. */
export interface FoundEnvironment {
  /** Files that name an environment: name → path as the project root sees it (`../requirements.txt`); the nearest of each. */
  readonly files: FoundFiles;
  /** A virtual environment in the repository that has its Python, as the root sees it. */
  readonly venv: string | null;
  /** The name in environment.yml; null if there is none. */
  readonly condaName: string | null;
  readonly conda: FoundConda | null;
  /** Managers that answered with an environment of this project. */
  readonly managed: readonly EnvironmentManager[];
  /** nvm's script, and whether the version that the repository names is installed; null if there is no nvm. */
  readonly nvm: { readonly script: string; readonly installed: boolean } | null;
  readonly shell: FoundShell;
  /** A program of the repository to start with, as the root sees it. */
  readonly program: string | null;
}

export const ENVIRONMENT_FILES = [
  ...['environment.yml', 'environment.yaml', 'uv.lock', 'poetry.lock', 'Pipfile', 'requirements.txt'],
  ...['pyproject.toml', 'setup.py', 'Project.toml', 'JuliaProject.toml', 'renv.lock', 'renv/activate.R', '.Rprofile'],
  ...['package.json', 'node_modules/.bin', '.nvmrc', '.node-version'],
] as const;

export type FoundFiles = Readonly<Partial<Record<string, string>>>;

export type EnvironmentManager = 'poetry' | 'pipenv';

export interface FoundConda {
  /** The script that defines `conda activate`, absolute. */
  readonly script: string;
  /** Names of the environments that there are. */
  readonly environments: readonly string[];
}

/** The shell that autolab was called from, and a login shell of the user. */
export interface FoundShell {
  readonly home: string;
  /** Which of the interpreters are on the PATH. */
  readonly programs: readonly string[];
  /** The active virtual environment, absolute; null if there is none. */
  readonly virtualEnv: string | null;
  /** The active environment of conda; null if there is none but the base. */
  readonly condaEnv: string | null;
  readonly loadedModules: readonly string[];
  readonly modules: FoundModules | null;
}

/** The `module` command of a login shell. */
export interface FoundModules {
  /** The script that defines it in other shells, absolute; null if it is not known. */
  readonly script: string | null;
  /** What is available for the repository's languages, as it says. */
  readonly available: readonly string[];
}

/** The languages that a repository is written in, by the files that name an environment and by its program. Pure. */
export function languagesOf({
  files,
  venv,
  program,
}: Pick<FoundEnvironment, 'files' | 'venv' | 'program'>): Language[] {
  const is = (extension: RegExp): boolean => program !== null && extension.test(program);
  const has = (...names: readonly string[]): boolean => names.some((name) => files[name] !== undefined);
  const languages: [Language, boolean][] = [
    ['python', venv !== null || is(/\.py$/) || has(...PYTHON_FILES)],
    ['julia', is(/\.jl$/) || has('Project.toml', 'JuliaProject.toml')],
    ['r', is(/\.[rR]$/) || has('renv.lock')],
    ['node', is(/\.[cm]?[jt]s$/) || has('package.json')],
  ];
  return languages.filter(([, found]) => found).map(([language]) => language);
}

export type Language = 'python' | 'julia' | 'r' | 'node';

const PYTHON_FILES = [
  ...['environment.yml', 'environment.yaml', 'uv.lock', 'poetry.lock', 'Pipfile', 'requirements.txt'],
  ...['pyproject.toml', 'setup.py'],
];

/** The commands that start a program of each, the usual one first. */
export const INTERPRETERS: Readonly<Record<Language, readonly string[]>> = {
  python: ['python', 'python3'],
  julia: ['julia'],
  r: ['Rscript'],
  node: ['node'],
};

/** What sites call their modules. */
export const MODULE_NAMES = { python: 'python', julia: 'julia', r: 'R', node: 'nodejs' } as const satisfies Readonly<
  Record<Language, string>
>;
