import { isAbsolute } from 'node:path';

/** The command that submits a job. Pure. Source: sbatch(1). */

export interface SubmitInputs {
  /** Absolute path of the script. */
  readonly script: string;
  /** The job's name, from `submitKey`. */
  readonly key: string;
  /** Absolute path of the project. */
  readonly chdir: string;
  /** Absolute path of the folder for `slurm-<job id>.out` and `.err`; it must exist already. */
  readonly logs: string;
  readonly requeue: boolean;
  readonly hold: boolean;
  /** It is an array: each element has one log, by its number, of all its starts. */
  readonly array?: boolean;
  /** The cluster that the design names; null means the default cluster. */
  readonly cluster?: string | null;
}

export type ArgvResult =
  | { readonly ok: true; readonly argv: readonly string[] }
  | { readonly ok: false; readonly message: string; readonly hint: string };

/** The array of a run with tasks has its number after the nonce. */
const KEY = /^autolab-[A-Za-z0-9._-]+-[A-Za-z0-9]+(?:\.\d{1,6})?$/;

/**
 * The name by which a job is looked up: `autolab-<run id>-<nonce>`. autolab makes and checks both parts; a name with a
 * comma could not be looked up, since `squeue --name` takes a list.
 */
export function submitKey(runId: string, nonce: string): string {
  const key = `autolab-${runId}-${nonce}`;
  if (!KEY.test(key)) throw new Error(`not a name by which a job can be looked up: ${key}`);
  return key;
}

/** Whether autolab gives such names to jobs, of any run. */
export function isKey(name: string): boolean {
  return KEY.test(name);
}

/** Whether a job with this name can be the run's: nonces have no hyphen, so `r1` does not match the jobs of `r1-2`. */
export function isKeyOf(runId: string, name: string): boolean {
  const start = `autolab-${runId}-`;
  return name.startsWith(start) && /^[A-Za-z0-9]+(?:\.\d{1,6})?$/.test(name.slice(start.length));
}

/** A path that Slurm cannot take is a value, not an exception: users choose paths. */
export function sbatchArgv(inputs: SubmitInputs): ArgvResult {
  if (!KEY.test(inputs.key)) throw new Error(`not a name by which a job can be looked up: ${inputs.key}`);
  const problem =
    problemOf(inputs.script, 'script') ??
    problemOf(inputs.chdir, 'project folder') ??
    problemOf(inputs.logs, 'log folder');
  if (problem !== null) return { ok: false, message: problem, hint: OTHER_PATH };
  return {
    ok: true,
    argv: [
      'sbatch',
      '--parsable',
      ...((inputs.cluster ?? null) === null ? [] : [`--clusters=${inputs.cluster ?? ''}`]),
      ...(inputs.hold ? ['--hold'] : []),
      `--job-name=${inputs.key}`,
      `--chdir=${inputs.chdir}`,
      ...logOptions(inputs),
      // The default, but SBATCH_EXPORT and `#SBATCH --export` change it; and `srun` inside the job passes on what this
      // says.
      '--export=ALL',
      // The site's default (JobRequeue) is 1 on many clusters: a node that fails would run the job twice.
      inputs.requeue ? '--requeue' : '--no-requeue',
      inputs.script,
    ],
  };
}

function logOptions({ logs, array }: SubmitInputs): readonly string[] {
  const folder = literal(logs);
  return array === true
    ? [`--output=${folder}/slurm-%A_%a.out`, `--error=${folder}/slurm-%A_%a.out`, '--open-mode=append']
    : [`--output=${folder}/slurm-%j.out`, `--error=${folder}/slurm-%j.err`];
}

/** The command that submits one array of a run. `argv`: of its first one, without its number. */
export function arrayArgv(argv: readonly string[], key: string, array: string): readonly string[] {
  return argv.flatMap((word) => (word.startsWith('--job-name=') ? [`--job-name=${key}`, array] : [word]));
}

/** What a job keeps of the command that submitted it, even if it is renamed. */
export interface JobMarks {
  readonly key: string;
  /** Its working directory. */
  readonly chdir: string;
  /** Its command: the script in the run's own folder, so no job of another run has it. */
  readonly script: string;
}

export function marksOf(key: string, argv: readonly string[]): JobMarks {
  const option = '--chdir=';
  const chdir = argv.find((word) => word.startsWith(option))?.slice(option.length) ?? '';
  return { key, chdir, script: argv.at(-1) ?? '' };
}

/** `%` begins a pattern in --output and --error; `%%` is a literal percent sign. */
function literal(path: string): string {
  return path.replaceAll('%', '%%');
}

const OTHER_PATH =
  'Rename or move the project so that its absolute path has neither a backslash nor a control character, and launch there.';

function problemOf(path: string, what: string): string | null {
  const at = `The path of the ${what}, ${JSON.stringify(path)},`;
  if (!isAbsolute(path)) return `${at} is not absolute.`;
  // A backslash switches patterns off in --output; the queue prints one job per line.
  if (path.includes('\\')) return `${at} has a backslash, which Slurm does not take literally; move the project.`;
  if (/[\u0000-\u001f\u007f]/.test(path))
    return `${at} has a control character, which Slurm cannot take; move the project.`;
  return null;
}
