import { baseJobId, complains, linesOf, type Ran, succeeded, whyNoAnswer } from './answer.ts';
import { phaseOf, readState } from './states.ts';
import type { JobMarks } from './submit.ts';

/** Finds a job by its name when the answer of `sbatch` was lost. Pure. Source: squeue(1), sacct(1). */

/**
 * `--states=all` includes jobs that have ended and are still remembered; `--all` those in hidden partitions, which
 * squeue otherwise omits without a message. The folder comes last: it may contain the separator.
 */
export function lookupArgv(key: string): readonly string[] {
  return ['squeue', '--me', '--all', '--states=all', '--noheader', `--name=${key}`, '--format=%i|%T|%j|%Z'];
}

/** All jobs of this user, whatever their names: for a run whose job name is lost. */
export function jobsArgv(): readonly string[] {
  return ['squeue', '--me', '--all', '--states=all', '--noheader', '--format=%i|%T|%j|%Z'];
}

export type LookUpAnswer =
  | { readonly kind: 'none' }
  /** Ours, by name and working directory; the lowest id, submitted first, comes first. */
  | { readonly kind: 'found'; readonly jobIds: readonly string[] }
  | { readonly kind: 'no_answer'; readonly words: string };

/** A copy of the project elsewhere may have made a job with the same name: the folder distinguishes them. */
export function judgeLookup(ran: Ran, job: { readonly key: string; readonly chdir: string }): LookUpAnswer {
  if (!succeeded(ran)) return { kind: 'no_answer', words: whyNoAnswer(ran) };
  const ours = jobsIn(ran.stdout).filter(({ name, folder }) => name === job.key && folder === job.chdir);
  const ids = new Set(ours.map(({ jobId }) => jobId));
  if (ids.size > 0) return { kind: 'found', jobIds: [...ids].sort(byNumber) };
  return complains(ran) ? { kind: 'no_answer', words: whyNoAnswer(ran) } : { kind: 'none' };
}

export interface QueuedJob {
  readonly jobId: string;
  readonly state: string;
  readonly name: string;
  readonly folder: string;
}

/** A line in another form, such as a site's banner, is not a job. */
function jobsIn(stdout: string): readonly QueuedJob[] {
  return linesOf(stdout).flatMap((line) => {
    const [, id = '', state = '', name = '', folder = ''] =
      /^([^|]+)\|([^|]*)\|([^|]*)\|(.*)$/.exec(line.trimStart()) ?? [];
    const jobId = baseJobId(id.trim());
    return jobId === null ? [] : [{ jobId, state: readState(state).state, name, folder }];
  });
}

export type LivingJobs =
  | { readonly kind: 'none' }
  | { readonly kind: 'found'; readonly jobs: readonly QueuedJob[] }
  | { readonly kind: 'no_answer'; readonly words: string };

/** The jobs that have not ended; an unknown state does not count as an end. */
export function judgeLivingJobs(ran: Ran, isOurs: (job: QueuedJob) => boolean): LivingJobs {
  if (!succeeded(ran)) return { kind: 'no_answer', words: whyNoAnswer(ran) };
  const jobs = jobsIn(ran.stdout).filter((job) => phaseOf(job.state) !== 'final' && isOurs(job));
  if (jobs.length > 0) return { kind: 'found', jobs };
  return complains(ran) ? { kind: 'no_answer', words: whyNoAnswer(ran) } : { kind: 'none' };
}

/** All jobs of this user with their commands: these identify a copy of our job that the site renamed. */
export function copiesArgv(): readonly string[] {
  return ['squeue', '--me', '--all', '--states=all', '--noheader', '--format=%i|%T|%j|%Z|%o'];
}

export interface JobCopy {
  readonly jobId: string;
  /** Its present name. */
  readonly name: string;
  /** It has not ended, as far as is known. */
  readonly alive: boolean;
}

export type Copies =
  | { readonly kind: 'known'; readonly copies: readonly JobCopy[] }
  | { readonly kind: 'no_answer'; readonly words: string };

/**
 * All jobs that were submitted for the run. Name, folder and command may contain the separator: they are compared
 * whole.
 */
export function judgeCopies(ran: Ran, { key, chdir, script }: JobMarks): Copies {
  if (!succeeded(ran)) return { kind: 'no_answer', words: whyNoAnswer(ran) };
  const copies = linesOf(ran.stdout).flatMap((line): readonly JobCopy[] => {
    const [, id = '', state = '', rest = ''] = /^([^|]+)\|([^|]*)\|(.*)$/.exec(line.trimStart()) ?? [];
    const jobId = baseJobId(id.trim());
    const marked = `|${chdir}|${script}`;
    const named = rest.startsWith(`${key}|${chdir}|`);
    if (jobId === null || !(named || rest.endsWith(marked))) return [];
    const name = named ? key : rest.slice(0, -marked.length);
    return [{ jobId, name, alive: phaseOf(readState(state).state) !== 'final' }];
  });
  return copies.length === 0 && complains(ran)
    ? { kind: 'no_answer', words: whyNoAnswer(ran) }
    : { kind: 'known', copies };
}

/**
 * Accounting shows no held jobs, so finding nothing proves nothing; finding one proves that there is one. Some sites
 * limit how far back a query may reach (MaxQueryTimeRange).
 */
export function accountedByNameArgv(key: string): readonly string[] {
  return [
    'sacct',
    `--name=${key}`,
    '--starttime=now-4weeks',
    '--allocations',
    '--duplicates',
    '--format=JobID,JobName,State',
    '--parsable2',
  ];
}

/** Ids of jobs with exactly this name, lowest first; also empty if there was no answer. */
export function parseAccountedByName(ran: Ran, key: string): readonly string[] {
  const ids = linesOf(ran.stdout).flatMap((line) => {
    const [id = '', name] = line.split('|');
    const jobId = baseJobId(id);
    return jobId !== null && name === key ? [jobId] : [];
  });
  return [...new Set(ids)].sort(byNumber);
}

function byNumber(a: string, b: string): number {
  return a.length === b.length ? (a < b ? -1 : a > b ? 1 : 0) : a.length - b.length;
}
