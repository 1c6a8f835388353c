import { shortened } from '../../platform/listing.ts';
import { isJobId, linesOf, type Ran, saysUnknownJob, succeeded, whyNoAnswer } from './answer.ts';
import type { JobEnd } from './job-end.ts';
import { phaseOf, readState } from './states.ts';
import type { JobMarks } from './submit.ts';
import { readSeconds, readTime } from './values.ts';

/** The controller's facts about a job, and the orders to it. Pure. Source: scontrol(1), scancel(1). */

/** `-o`: one line per job. */
export function showJobArgv(jobId: string): readonly string[] {
  return ['scontrol', 'show', 'job', checked(jobId), '-o'];
}

/** All that the controller remembers: one question for several arrays. */
export function showJobsArgv(): readonly string[] {
  return ['scontrol', 'show', 'job', '-o'];
}

export function releaseArgv(jobId: string): readonly string[] {
  return ['scontrol', 'release', checked(jobId)];
}

/** Given the name, `scancel` ignores another job with the same id; without it, only the id counts. */
export function scancelArgv(jobId: string, name: string | null): readonly string[] {
  return ['scancel', ...(name === null ? [] : [`--name=${name}`]), checked(jobId)];
}

/**
 * Single elements of an array. With a name beside them, `scancel` of 22.05 cancels the whole record that has one of them:
 * everything that waits.
 */
export function scancelElementsArgv(arrayId: string, elements: readonly number[]): readonly string[] {
  return ['scancel', ...elements.map((element) => `${checked(arrayId)}_${element}`)];
}

/** What of an array has not begun. */
export function scancelWaitingArgv(arrayId: string, name: string): readonly string[] {
  return ['scancel', `--name=${name}`, '--state=PENDING', checked(arrayId)];
}

/** How many elements of an array may run at once. */
export function throttleArgv(arrayId: string, atOnce: number): readonly string[] {
  return ['scontrol', 'update', `jobid=${checked(arrayId)}`, `ArrayTaskThrottle=${atOnce}`];
}

function checked(jobId: string): string {
  if (!isJobId(jobId)) throw new Error(`not a job id: ${jobId}`);
  return jobId;
}

export type ShownJob = Readonly<Record<string, string>>;

/**
 * `JobId=12 JobName=x … Command=/a b/c WorkDir=/a b`: a value continues until the next word that looks like a key. The
 * first of several equal keys counts: the relevant ones come before Command, WorkDir and Comment, which may contain
 * anything.
 */
export function parseShownJob(stdout: string, jobId: string): ShownJob | null {
  const line = linesOf(stdout).find((text) => new RegExp(`(?:^|\\s)JobId=${jobId}(?=\\s)`).test(text));
  return line === undefined ? null : parseShownLine(line);
}

export function parseShownLine(line: string): ShownJob {
  const job: Record<string, string> = {};
  const keys = [...line.matchAll(/(?:^|\s)([A-Z][A-Za-z:/_]*)=/g)];
  keys.forEach((match, index) => {
    const name = match[1] ?? '';
    const from = match.index + match[0].length;
    if (!Object.hasOwn(job, name)) job[name] = line.slice(from, keys[index + 1]?.index ?? line.length).trim();
  });
  return job;
}

export type Held =
  /** By the user, that is, by autolab: it may be released. */
  | { readonly kind: 'held'; readonly words: string }
  /** By the site, or by Slurm because the request cannot be met: never released by us. */
  | { readonly kind: 'held_by_admin'; readonly words: string }
  /** It may start, or has: the site took the hold away. */
  | { readonly kind: 'not_held'; readonly words: string }
  /** The site gave it another name, so that it could not be looked up. */
  | { readonly kind: 'renamed'; readonly held: boolean; readonly name: string; readonly words: string }
  /** It has ended, or the controller does not know it any more. */
  | { readonly kind: 'gone'; readonly words: string }
  /** The id belongs to another job now: it is left alone. */
  | { readonly kind: 'other_job'; readonly words: string }
  | { readonly kind: 'no_answer'; readonly words: string };

export function judgeHeld(ran: Ran, expected: JobMarks & { readonly jobId: string }): Held {
  const job = succeeded(ran) ? parseShownJob(ran.stdout, expected.jobId) : null;
  if (job === null)
    return saysUnknownJob(ran)
      ? { kind: 'gone', words: `job ${expected.jobId} is not known to the controller` }
      : { kind: 'no_answer', words: whyNoAnswer(ran) };
  return judgeHeldJob(job, expected);
}

/** By what the controller shows of it. */
export function judgeHeldJob(job: ShownJob, expected: JobMarks & { readonly jobId: string }): Held {
  if (!isOurs(job, expected)) return { kind: 'other_job', words: anotherJob(job, expected.jobId) };
  const { state } = readState(job['JobState'] ?? '');
  const reason = job['Reason'] ?? '';
  const words = shortened(`${state}${/^(?:None|)$/.test(reason) ? '' : `, ${reason}`}`);
  const hold = holdOf(state, reason, job['Priority'] ?? '');
  const name = job['JobName'] ?? '';
  // Also if the job has ended: accounting finds it by its name.
  if (name !== expected.key)
    return { kind: 'renamed', held: hold === 'held', name, words: shortened(`${words}, and its name is now ${name}`) };
  return { kind: phaseOf(state) === 'final' ? 'gone' : hold, words };
}

/**
 * A priority of 0 is a hold. Its reason says whose; Slurm itself sets reasons such as BadConstraints or "launch failed
 * requeued held", and a job with such a reason would fail again after a release.
 */
function holdOf(state: string, reason: string, priority: string): 'held' | 'held_by_admin' | 'not_held' {
  if (state !== 'PENDING') return /HOLD|SPECIAL_EXIT/.test(state) ? 'held_by_admin' : 'not_held';
  if (reason === 'JobHeldUser') return 'held';
  if (reason === 'JobHeldAdmin' || /requeued.held/i.test(reason)) return 'held_by_admin';
  if (priority !== '0') return 'not_held';
  return /^(?:None|Priority|\(null\)|)$/.test(reason) ? 'held' : 'held_by_admin';
}

/**
 * A controller that crashed may have given the id to another job, and a site or a user may rename ours: its folder
 * together with its script, which is in the run's own folder, identifies it.
 */
function isOurs(job: ShownJob, { key, chdir, script }: JobMarks): boolean {
  return job['JobName'] === key || (job['WorkDir'] === chdir && job['Command'] === script);
}

function anotherJob(job: ShownJob, jobId: string): string {
  return shortened(`job ${jobId} is another one, named ${job['JobName'] ?? ''}`);
}

export type Shown =
  | { readonly kind: 'ended'; readonly end: JobEnd; readonly words: string }
  /** Still in the queue, whatever `squeue` may have said. `restarts`: how often Slurm says that it was started again. */
  | { readonly kind: 'active'; readonly state: string; readonly restarts: number; readonly words: string }
  | { readonly kind: 'forgotten'; readonly words: string }
  | { readonly kind: 'no_answer'; readonly words: string };

/** The end of a job as the controller remembers it: the fallback without accounting. */
export function judgeShown(ran: Ran, expected: JobMarks & { readonly jobId: string }): Shown {
  const { jobId } = expected;
  const job = succeeded(ran) ? parseShownJob(ran.stdout, jobId) : null;
  if (job === null)
    return saysUnknownJob(ran)
      ? { kind: 'forgotten', words: `job ${jobId} is not known to the controller` }
      : { kind: 'no_answer', words: whyNoAnswer(ran) };
  // Another job got the id meanwhile.
  if (!isOurs(job, expected)) return { kind: 'forgotten', words: anotherJob(job, jobId) };
  const { state } = readState(job['JobState'] ?? '');
  if (phaseOf(state) === 'active')
    return { kind: 'active', state, restarts: Number(job['Restarts'] ?? '0') || 0, words: shortened(state) };
  const end = endOf(job, jobId, state);
  return { kind: 'ended', end, words: shortened(`${state}, exit code ${end.exitCode}`) };
}

function endOf(job: ShownJob, jobId: string, state: string): JobEnd {
  const value = (name: string): string | null => {
    const text = job[name] ?? '';
    return /^(?:\(null\)|None|Unknown|N\/A|)$/.test(text) ? null : text;
  };
  const elapsed = value('RunTime');
  return {
    jobId,
    source: 'scontrol',
    name: value('JobName'),
    state,
    cancelledBy: null,
    exitCode: job['ExitCode'] ?? '',
    derivedExitCode: value('DerivedExitCode'),
    reason: value('Reason'),
    elapsed,
    elapsedSeconds: readSeconds(elapsed ?? ''),
    timeLimitSeconds: readSeconds(value('TimeLimit') ?? ''),
    cpuSeconds: null,
    allocatedCpus: null,
    requestedMemory: null,
    maxRss: null,
    maxRssBytes: null,
    nodes: value('NodeList'),
    partition: value('Partition'),
    submittedAt: readTime(value('SubmitTime') ?? ''),
    startedAt: readTime(value('StartTime') ?? ''),
    endedAt: readTime(value('EndTime') ?? ''),
    preemptedAt: preemptionOf(job),
    steps: [],
    restarts: Number(value('Restarts') ?? '0') || 0,
  };
}

/** `PreemptTime`: of this start alone, since Slurm forgets it when it requeues the job. */
function preemptionOf(job: ShownJob): string | null {
  const at = readTime(job['PreemptTime'] ?? '');
  const started = readTime(job['StartTime'] ?? '');
  return at === null || (started !== null && at < started) ? null : at;
}
