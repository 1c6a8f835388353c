import { baseJobId, complains, linesOf, succeeded, wordsOf, type Ran } from './answer.ts';

/** Finding a job by its name, when the answer of `sbatch` was lost. Pure. Source: squeue(1), sacct(1). */

/**
 * `--states=all` shows jobs that have ended and are still remembered, too; `--all` those in hidden partitions, which
 * squeue otherwise leaves out without a word. The folder comes last: it may contain the separator.
 */
export function lookupArgv(key: string): readonly string[] {
  return ['squeue', '--me', '--all', '--states=all', '--noheader', `--name=${key}`, '--format=%i|%T|%j|%Z'];
}

export type LookUpAnswer =
  | { readonly kind: 'none' }
  /** Ours, by name and working directory; the lowest id, submitted first, comes first. */
  | { readonly kind: 'found'; readonly jobIds: readonly string[] }
  | { readonly kind: 'no_answer'; readonly words: string };

/** A copy of the project elsewhere may have made a job of the same name: hence the folder. */
export function judgeLookup(ran: Ran, job: { readonly key: string; readonly chdir: string }): LookUpAnswer {
  if (!succeeded(ran)) return { kind: 'no_answer', words: wordsOf(ran) };
  const ids = new Set<string>();
  for (const line of linesOf(ran.stdout)) {
    const [, id = '', name, folder] = /^([^|]+)\|[^|]*\|([^|]*)\|(.*)$/.exec(line.trimStart()) ?? [];
    const jobId = baseJobId(id.trim());
    if (jobId !== null && name === job.key && folder === job.chdir) ids.add(jobId);
  }
  if (ids.size > 0) return { kind: 'found', jobIds: [...ids].sort(byNumber) };
  return complains(ran) ? { kind: 'no_answer', words: wordsOf(ran) } : { kind: 'none' };
}

/**
 * Accounting shows no held jobs, so that it finds nothing proves nothing; that it finds one proves that there is one.
 * Some sites limit how far back may be asked (MaxQueryTimeRange).
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

/** Ids of jobs with exactly this name, lowest first; empty also where there was no answer. */
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
