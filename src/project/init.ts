import { dirname, join } from 'node:path';
import { shown } from '../documents/excerpt.ts';
import { fail, ok, type Result } from '../errors/failure.ts';
import {
  createExclusive,
  errorCodeOf,
  leadsOutside,
  lstatOrNull,
  makeFolder,
  messageOf,
  readTextOrNull,
  removeIfThere,
  writeFileAtomic,
} from '../platform/files.ts';
import { removeIfEmpty } from '../platform/folders.ts';
import { ENVIRONMENT_FILE } from './environment.ts';
import { readTemplate } from './templates.ts';

/** Makes a project. Never overwrites an existing file; a `.gitignore` gets what it lacks. */

export const EXAMPLES = ['local', 'slurm', 'sweep'] as const;

export type Example = (typeof EXAMPLES)[number];

/** Where it runs. */
export const HOST_OF_EXAMPLE = { local: 'local', slurm: 'slurm', sweep: 'local' } as const satisfies Record<
  Example,
  'local' | 'slurm'
>;

/** [path in the project, template]; null for an empty file. `.autolab/` comes last: it makes a folder a project. */
type Files = readonly (readonly [string, string | null])[];

const GITIGNORE = '.gitignore';
/** The block of the template. */
const NO_ACTIVATION = '# nothing to activate\n';
const GITIGNORE_MARK = '# autolab: begin';

const OWN_FILES: Files = [
  ['AGENTS.md', 'project/agents.md'],
  [ENVIRONMENT_FILE, 'project/environment.md'],
  ['docs/slurm_job_list.md', 'project/slurm_job_list.md'],
  ['experiments/.gitkeep', null],
  // npm leaves files named `.gitignore` out of packages, so the template has another name.
  [GITIGNORE, 'project/gitignore'],
];

const SETTINGS: Files = [
  ['.autolab/prompts/stage_launch.md', 'project/stage_launch.md'],
  ['.autolab/experiment_file_line_limits.yaml', 'project/experiment_file_line_limits.yaml'],
  ['.autolab/launch.yaml', 'project/launch.yaml'],
];

const EMPTY_PROJECT: Files = [
  ...OWN_FILES,
  ...SETTINGS,
  ['.autolab/backlog.yaml', 'project/backlog.yaml'],
  ['.autolab/state.json', 'project/state.json'],
];

const EXAMPLE_FOLDER = 'experiments/iter1';

/** The same program for all; the design says where it runs, and for which values. */
const exampleFiles = (design: string): Files => [
  ...OWN_FILES,
  [`${EXAMPLE_FOLDER}/penguins.csv`, 'example-local/penguins.csv'],
  [`${EXAMPLE_FOLDER}/train.mjs`, 'example-local/train.mjs'],
  [`${EXAMPLE_FOLDER}/design.yaml`, design],
  [`${EXAMPLE_FOLDER}/review_result.json`, 'example-local/review_result.json'],
  ...SETTINGS,
  ['.autolab/backlog.yaml', 'example-local/backlog.yaml'],
  ['.autolab/state.json', 'example-local/state.json'],
];

const EXAMPLE_FILES: Readonly<Record<Example, Files>> = {
  local: exampleFiles('example-local/design.yaml'),
  slurm: exampleFiles('example-slurm/design.yaml'),
  sweep: exampleFiles('example-sweep/design.yaml'),
};

export const SCRIPT = 'scripts/slurm_job_list.py';

export interface InitChoices {
  readonly example: Example | null;
  /** A mode that the settings fix, because the example is for another host than this one seems to be. */
  readonly hostMode?: 'local' | 'slurm' | null;
  /** Text of the block that docs/environment.md begins with. Default: it activates nothing. */
  readonly activation?: string;
  /** Also makes `scripts/slurm_job_list.py`, which runs these; in a project that is there already, only that. */
  readonly script?: readonly [node: string, autolab: string];
}

/**
 * Makes `.autolab/`, `docs/` and `experiments/` in a folder, which is made if needed; with an example, also an approved
 * experiment to launch. `created` lists the new files, relative to the root; the user's files in the same places stay, but
 * for a `.gitignore` to which ours is appended (`extended`).
 * Fails with `init.exists` if there is a project (or the example's folder) already, with `path.escapes` if a link leads
 * out, and with `project.read_only` if the folder is not writable.
 */
export function initProject(
  root: string,
  choices: InitChoices,
): Result<{ readonly created: readonly string[]; readonly extended: readonly string[] }> {
  const { example, script } = choices;
  const isProject = lstatOrNull(join(root, '.autolab')) !== null;
  const onlyScript = script !== undefined && isProject && example === null;
  // Without the state, which is written last, it is left of a call that was interrupted, and is completed.
  const isWhole =
    lstatOrNull(join(root, '.autolab/state.json')) !== null || (isProject && !isFolder(join(root, '.autolab')));
  const inTheWay = [...(isWhole ? ['.autolab'] : []), ...(example === null ? [] : [EXAMPLE_FOLDER])].find(
    (path) => !onlyScript && lstatOrNull(join(root, path)) !== null,
  );
  if (inTheWay !== undefined)
    return fail('init.exists', {
      message: `${shown(join(root, inTheWay))} exists already.`,
      ...hintOnExisting(isWhole),
    });
  const files = onlyScript ? [] : example === null ? EMPTY_PROJECT : EXAMPLE_FILES[example];
  const paths = [...(script === undefined ? [] : [SCRIPT]), ...files.map(([path]) => path)];
  const missing = foldersOf(paths).filter((path) => lstatOrNull(join(root, path)) === null);
  const created: string[] = [];
  try {
    makeFolder(root);
    const link = paths.map((path) => leadsOutside(root, join(root, path))).find((found) => found !== null);
    if (link !== undefined)
      return fail('path.escapes', { message: `The link ${shown(link)} leads out of the project.` });
    if (script !== undefined && makeScript(join(root, SCRIPT), script)) created.push(SCRIPT);
    return ok({ created, extended: makeFiles(root, files, choices, created) });
  } catch (error) {
    const failure = failureOf(error, root);
    takeBack(root, created, missing);
    return failure;
  }
}

/** A folder of the example in the way is no project; the general hint is for it. */
function hintOnExisting(isWhole: boolean): { readonly hint?: string } {
  return isWhole ? { hint: 'There is a project here already: autolab next' } : {};
}

/** The folders of these files, the outer ones last. */
function foldersOf(paths: readonly string[]): readonly string[] {
  const all = paths.flatMap((path) => {
    const parts = dirname(path).split('/');
    return parts.map((_part, at) => parts.slice(0, at + 1).join('/'));
  });
  return [...new Set(all)].filter((path) => path !== '.').sort((a, b) => b.length - a.length);
}

/** A folder that cannot be written is left without a part of a project. */
function takeBack(root: string, created: readonly string[], folders: readonly string[]): void {
  try {
    for (const path of created) removeIfThere(join(root, path));
    for (const path of folders) removeIfEmpty(join(root, path));
  } catch {
    // What keeps us from removing it is what kept us from making the rest.
  }
}

/** Adds to `created`. Returns the user's files to which lines were appended. */
function isFolder(path: string): boolean {
  return lstatOrNull(path)?.isDirectory() === true;
}

function makeFiles(root: string, files: Files, choices: InitChoices, created: string[]): readonly string[] {
  const { hostMode = null, activation = NO_ACTIVATION } = choices;
  const extended: string[] = [];
  for (const [path, template] of files) {
    const target = join(root, path);
    if (lstatOrNull(target) !== null) {
      if (path === GITIGNORE && extendGitignore(target)) extended.push(path);
      continue;
    }
    makeFolder(dirname(target));
    const text = template === null ? '' : readTemplate(template);
    const fixed = hostMode === null ? text : text.replace(/^# host_mode: auto$/m, `host_mode: ${hostMode}`);
    const whole = path === ENVIRONMENT_FILE ? fixed.replace(NO_ACTIVATION, () => activation) : fixed;
    if (createExclusive(target, whole)) created.push(path);
  }
  return extended;
}

/** An executable file that knows the program that made it; whether it was made. */
function makeScript(path: string, [node, autolab]: NonNullable<InitChoices['script']>): boolean {
  if (lstatOrNull(path) !== null) return false;
  makeFolder(dirname(path));
  // A JSON string is a Python string, too.
  const text = readTemplate('project/slurm_job_list.py')
    .replace('"@NODE@"', () => JSON.stringify(node))
    .replace('"@AUTOLAB@"', () => JSON.stringify(autolab));
  return createExclusive(path, text, 0o777);
}

/** Appends the block of the template, once; whether it did. A `.gitignore` that is a link is another repository's. */
function extendGitignore(path: string): boolean {
  const stats = lstatOrNull(path);
  const text = stats?.isFile() === true ? readTextOrNull(path) : null;
  if (stats === null || text === null || text.includes(GITIGNORE_MARK)) return false;
  const between = text === '' || text.endsWith('\n') ? '' : '\n';
  writeFileAtomic(
    path,
    `${text}${between}${text === '' ? '' : '\n'}${readTemplate('project/gitignore')}`,
    stats.mode & 0o777,
  );
  return true;
}

/** The user or the site can fix what prevents writing; anything else is a bug and stays an exception. */
function failureOf(error: unknown, root: string): Result<never> {
  const code = errorCodeOf(error);
  if (code === 'EEXIST' || code === 'ENOTDIR')
    return fail('init.exists', { message: `Something that is not a folder is in the way: ${messageOf(error)}.` });
  if (code === 'UNKNOWN') throw error;
  return fail('project.read_only', { message: `The folder ${shown(root)} cannot be written: ${messageOf(error)}.` });
}
