import { linesOf, type Ran, succeeded, whyNoAnswer } from '../answer.ts';
import { configValue } from '../config.ts';
import { judgeTestOnly, testOnlyArgv } from '../test-only.ts';

/** How large a job array may be at a site. Pure. Source: slurm.conf(5), sbatch(1), and answers of 22.05. */

/** MaxArraySize caps the index, and indices begin at 0; `max_array_tasks` caps the number. Null without an answer. */
export function largestArray(ran: Ran): number | null {
  if (!succeeded(ran)) return null;
  const size = Number(configValue(ran.stdout, 'MaxArraySize') ?? NaN);
  const tasks = /(?:^|,)\s*max_array_tasks=(\d+)/.exec(configValue(ran.stdout, 'SchedulerParameters') ?? '')?.[1];
  return Number.isSafeInteger(size) ? Math.min(size, tasks === undefined ? Infinity : Number(tasks)) : null;
}

/** The option of an array of so many elements. `numbers`: theirs. */
export function arrayOption(elements: number, atOnce: number | null, numbers = `0-${elements - 1}`): string {
  return `--array=${numbers}${atOnce === null ? '' : `%${atOnce}`}`;
}

/** The script is read from standard input. */
export function testArrayArgv(chdir: string, cluster: string | null, elements: number): readonly string[] {
  return [...testOnlyArgv(chdir, cluster), arrayOption(elements, null)];
}

export type ArrayRoom =
  | { readonly kind: 'room'; readonly words: string }
  /** Jobs have to end before there is room for so many. */
  | { readonly kind: 'full'; readonly words: string }
  /** Refused for another reason, or not answered: the submission itself will show it. */
  | { readonly kind: 'unknown'; readonly words: string };

/** The answer to `testArrayArgv`. */
export function judgeRoom(ran: Ran): ArrayRoom {
  if (ran.exitCode !== 0 && saysFull(ran.stderr)) return { kind: 'full', words: whyNoAnswer(ran) };
  const answer = judgeTestOnly(ran);
  return { kind: answer.kind === 'accepted' ? 'room' : 'unknown', words: answer.words };
}

/** Limits on the jobs that may be submitted: MaxSubmitJobs of an association or a QOS, and MaxJobCount. */
const FULL =
  /\b(?:Assoc|QOS)(?:Max|Grp)Submit\w*Limit\b|Resource temporarily unavailable|Slurm temporarily unable to accept job/;

export function saysFull(stderr: string): boolean {
  return linesOf(stderr).some((line) => FULL.test(line));
}
