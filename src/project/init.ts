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
  writeFileAtomic,
} from '../platform/files.ts';
import { readTemplate } from './templates.ts';

/** Makes a project. Never overwrites an existing file; a `.gitignore` gets what it lacks. */

export const EXAMPLES = ['local', 'slurm'] as const;

export type Example = (typeof EXAMPLES)[number];

/** [path in the project, template]; null for an empty file. `.autolab/` comes last: it makes a folder a project. */
type Files = readonly (readonly [string, string | null])[];

const GITIGNORE = '.gitignore';
const GITIGNORE_MARK = '# autolab: begin';

const OWN_FILES: Files = [
  ['AGENTS.md', 'project/agents.md'],
  ['docs/environment.md', 'project/environment.md'],
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

/** The same experiment for both; only the design says where it runs. */
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
};

export const SCRIPT = 'scripts/slurm_job_list.py';

export interface InitChoices {
  readonly example: Example | null;
  /** A mode that the settings fix, because the example is for another host than this one seems to be. */
  readonly hostMode?: Example | null;
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
  const inTheWay = ['.autolab', ...(example === null ? [] : [EXAMPLE_FOLDER])].find(
    (path) => !onlyScript && lstatOrNull(join(root, path)) !== null,
  );
  if (inTheWay !== undefined) return fail('init.exists', { message: `${shown(join(root, inTheWay))} exists already.` });
  const files = onlyScript ? [] : example === null ? EMPTY_PROJECT : EXAMPLE_FILES[example];
  const paths = [...(script === undefined ? [] : [SCRIPT]), ...files.map(([path]) => path)];
  try {
    makeFolder(root);
    const link = paths.map((path) => leadsOutside(root, join(root, path))).find((found) => found !== null);
    if (link !== undefined)
      return fail('path.escapes', { message: `The link ${shown(link)} leads out of the project.` });
    const made = script !== undefined && makeScript(join(root, SCRIPT), script) ? [SCRIPT] : [];
    const { created, extended } = makeFiles(root, files, choices.hostMode ?? null);
    return ok({ created: [...made, ...created], extended });
  } catch (error) {
    return failureOf(error, root);
  }
}

function makeFiles(root: string, files: Files, hostMode: string | null): { created: string[]; extended: string[] } {
  const created: string[] = [];
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
    if (createExclusive(target, fixed)) created.push(path);
  }
  return { created, extended };
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
  const text = lstatOrNull(path)?.isFile() === true ? readTextOrNull(path) : null;
  if (text === null || text.includes(GITIGNORE_MARK)) return false;
  const between = text === '' || text.endsWith('\n') ? '' : '\n';
  writeFileAtomic(path, `${text}${between}${text === '' ? '' : '\n'}${readTemplate('project/gitignore')}`);
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
