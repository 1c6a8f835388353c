import { shortened } from '../../platform/listing.ts';
import type { ProcessResult } from '../../platform/process.ts';
/** What the answers of all Slurm commands have in common. Pure. */

/** The facts about a command that has run. */
export type Ran = Omit<ProcessResult, 'argv' | 'durationMs' | 'truncated'> & {
  /** More was printed than was kept. */
  readonly truncated?: boolean;
};

export function linesOf(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
}

/** Only a successful query is an answer. What it did not find is then a fact; otherwise it means nothing. */
export function succeeded(ran: Ran): boolean {
  const ended = ran.exitCode === 0 && !ran.timedOut && ran.spawnError === null && ran.signal === null;
  // The part that was cut off may be the line in question.
  return ended && ran.truncated !== true;
}

/** Some sites wrap the commands in scripts that lose the exit status: then only stderr shows the error. */
export function complains(ran: Ran): boolean {
  return /\b(?:error|fatal): /.test(ran.stderr);
}

/** A job id as `sbatch` prints it; nothing else is ever passed to a command as an id. */
export function isJobId(text: string): boolean {
  return /^[1-9]\d{0,18}$/.test(text);
}

/** The job of an id in squeue or sacct: `12`, `12_3` (array), `12_[1-4]`, `12+0` (heterogeneous), `12.batch`. */
export function baseJobId(text: string): string | null {
  return /^([1-9]\d{0,18})(?:[_+.].*)?$/.exec(text)?.[1] ?? null;
}

/** Why there is no answer, in Slurm's own words if there are any; one line for the user. */
export function whyNoAnswer(ran: Ran): string {
  if (ran.spawnError !== null) return `it could not be started (${ran.spawnError})`;
  const said = complaintIn(ran.stderr);
  const because = said === '' ? '' : `: ${said}`;
  if (ran.timedOut) return `it did not answer in time${because}`;
  if (ran.signal !== null) return `it was ended by ${ran.signal}${because}`;
  if (ran.exitCode === 0 && ran.truncated === true) return `its output is too long for an answer${because}`;
  return said === '' ? `it ended with exit status ${String(ran.exitCode)} and printed nothing` : said;
}

/** A client's error lines, joined, without its name; other lines (banners of the site) only if there are no errors. */
function complaintIn(stderr: string): string {
  const lines = linesOf(stderr);
  const errors = lines.filter((line) => /\b(?:error|fatal|failure)\b/i.test(line));
  const chosen = (errors.length > 0 ? errors : lines.slice(-1)).map(withoutName).filter((line) => line !== '');
  const words = [...new Set(chosen)].join('; ');
  return shortened(words);
}

function withoutName(line: string): string {
  return line.replace(/^(?:sbatch|squeue|sacct|scontrol|scancel): (?:(?:error|fatal): )?/, '').trim();
}

/**
 * `Job 12 not found`, also for a task of an array (`12_4`) or a part of a heterogeneous job (`12+1`); on its own line.
 */
const NOT_FOUND = /^(?:\w+: (?:error: )?)?Job [1-9]\d{0,18}(?:[_+]\S+)? not found$/im;

/** At the end of a line, as Slurm's commands print it; a site may add an explanation after the sentence. */
const INVALID_ID = /(?:^|: )Invalid job id specified(?: for job \S+)?\s*$/im;

/** The controller was reached and does not know the job: it was purged, was lost in a crash, or never existed. */
export function saysUnknownJob(ran: Ran): boolean {
  if (ran.exitCode === null || ran.exitCode === 0) return false;
  // scontrol prints the second form to stdout.
  return INVALID_ID.test(ran.stderr) || [ran.stderr, ran.stdout].some((text) => NOT_FOUND.test(text));
}
