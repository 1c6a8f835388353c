import { shortened } from '../../platform/listing.ts';
import { linesOf, type Ran, whyNoAnswer } from './answer.ts';
import { type Advice, readRefusal } from './refusals.ts';

/** The meaning of an answer of `sbatch`. Pure. */

export interface SubmittedJob {
  readonly job_id: string;
  readonly cluster: string | null;
}

export type SubmittedReading =
  | { readonly kind: 'job'; readonly job: SubmittedJob }
  | { readonly kind: 'none' }
  /** More than one id: which one is the job's is unknown. */
  | { readonly kind: 'several'; readonly words: string };

const FORMS: readonly RegExp[] = [
  /^\s*([1-9]\d{0,18})(?:;([A-Za-z0-9._-]+))?\s*$/,
  /\bSubmitted batch job ([1-9]\d{0,18})(?: on cluster ([A-Za-z0-9._-]+))?/,
];

/** The id on stdout: `123`, `123;gpu`, `Submitted batch job 123`, also within a site's banner. */
export function parseSubmitted(stdout: string): SubmittedReading {
  const jobs = new Map<string, SubmittedJob>();
  for (const line of linesOf(stdout)) {
    const match = FORMS.map((form) => form.exec(line)).find((found) => found !== null);
    const jobId = match?.[1];
    if (jobId === undefined) continue;
    jobs.set(jobId, { job_id: jobId, cluster: match?.[2] ?? jobs.get(jobId)?.cluster ?? null });
  }
  const [job, ...others] = jobs.values();
  if (job === undefined) return { kind: 'none' };
  if (others.length === 0) return { kind: 'job', job };
  return { kind: 'several', words: shortened(`sbatch printed several job ids: ${[...jobs.keys()].join(', ')}`) };
}

export type Submission =
  | { readonly kind: 'accepted'; readonly job: SubmittedJob }
  /** The site said no; no job was made. */
  | { readonly kind: 'refused'; readonly words: string; readonly advice: Advice | null }
  /** sbatch itself never ran; no job was made. */
  | { readonly kind: 'not_run'; readonly words: string }
  /** There may be a job, or there may be none. */
  | {
      readonly kind: 'unknown';
      readonly words: string;
      readonly ifNone: IfNone;
    };

/**
 * What it means if no job is found afterwards. `not_submitted`: the answer was lost, and the job with it; sbatch may be
 * called again. `refused`: the site did answer, and refused. `lost`: sbatch reports success, so there should be a job;
 * calling it again would give the same answer.
 */
export type IfNone = 'not_submitted' | 'refused' | 'lost';

/**
 * An id on stdout means that there is a job, whatever else was printed. A refusal counts only if it proves that there
 * is no job. Everything else is unknown: taking a lost answer for a refusal would run the job twice.
 */
export function judgeSubmission(ran: Ran): Submission {
  if (ran.spawnError !== null) return { kind: 'not_run', words: ran.spawnError };
  const submitted = parseSubmitted(ran.stdout);
  if (submitted.kind === 'job') return { kind: 'accepted', job: submitted.job };
  const ended = ran.exitCode !== null && !ran.timedOut && ran.signal === null;
  if (submitted.kind === 'several')
    return unknown(submitted.words, ended && ran.exitCode === 0 ? 'lost' : 'not_submitted');
  if (!ended) return unknown(whyNoAnswer(ran));
  if (ran.exitCode === 0) return unknown('sbatch ended with exit status 0 and printed no job id', 'lost');
  const refusal = readRefusal(ran.stderr);
  if (refusal.kind === 'refused') return refusal;
  return unknown(
    whyNoAnswer(ran),
    refusal.kind === 'not_said' && ran.stderr.trim() !== '' ? 'refused' : 'not_submitted',
  );
}

function unknown(words: string, ifNone: IfNone = 'not_submitted'): Submission {
  return { kind: 'unknown', words, ifNone };
}
