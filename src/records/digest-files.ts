import type { Problem } from '../errors/problem.ts';
import type { FileDigest } from '../platform/digest.ts';
import { sortBytewise } from './byte-order.ts';
import type { BatchFact } from './digest-batch.ts';
import type { DigestCache } from './digest-cache.ts';
import { defaultConcurrency, type Digester, HERE, startWorker, WORKER } from './digest-pool.ts';
import { DigestQueue, type EndFact, type WantedBlobs } from './digest-queue.ts';

export type { FileDigest } from '../platform/digest.ts';

/** Digests of many files at once, on as many cores as pay. */

export interface Digests {
  /** By path, in the order of the paths that were given; without those that have a problem. */
  readonly digests: ReadonlyMap<string, FileDigest>;
  /** Sorted by path: files that vanished, changed size while they were read, are unreadable or no files. */
  readonly problems: readonly Problem[];
}

export interface DigestOptions {
  readonly blobs?: WantedBlobs;
  /** Used only if there are many files; the caller saves it. */
  readonly cache?: DigestCache;
  /** Called after each batch: every few hundredths of a second, unless files are large. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Ends the digesting: the call rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Threads, this one included; the number of cores when left out. */
  readonly concurrency?: number;
  /** The worker's file, for tests. */
  readonly worker?: string;
}

/**
 * Digests files below `root`. The sizes are not known beforehand (asking would cost as much as reading): small files are
 * handed out in batches, large ones are put back when they are met and then go first, the largest first. Memory is
 * bounded by a few MB a thread. Rejects only if the signal fires.
 */
export async function digestFiles(
  root: string,
  paths: readonly string[],
  options: DigestOptions = {},
): Promise<Digests> {
  const cache = paths.length < (options.cache?.fewestFiles ?? 0) ? null : (options.cache ?? null);
  cache?.start();
  const queue = new DigestQueue(root, paths, options.blobs ?? null, cache);
  const report = (): void => options.onProgress?.(queue.facts.size, paths.length);
  const { signal } = options;
  const limit = options.concurrency ?? defaultConcurrency();
  const workers: Digester[] = [];
  const running: Promise<void>[] = [];
  const hireWorkers = (): void => {
    while (workers.length + 1 < Math.min(limit, queue.threadsThatPay())) {
      const worker = startWorker(options.worker ?? WORKER);
      if (worker === null) return;
      workers.push(worker);
      running.push(drain(queue, worker, report));
    }
  };
  // A thread is in the middle of a batch, which may be a file of many gigabytes.
  const stop = (): void => {
    queue.stop();
    for (const worker of workers) void worker.close();
  };
  signal?.throwIfAborted();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    hireWorkers();
    const here: Digester = { ...HERE, digest: (batch) => HERE.digest(batch, signal) };
    await drain(queue, here, () => {
      report();
      hireWorkers();
    });
    await Promise.all(running);
  } finally {
    signal?.removeEventListener('abort', stop);
    await Promise.all(workers.map((worker) => worker.close()));
  }
  signal?.throwIfAborted();
  return judge(paths, queue.facts);
}

/** Takes batches until all are done; a digester that breaks down gives its batch back and is used no more. */
async function drain(queue: DigestQueue, digester: Digester, afterEach: () => void): Promise<void> {
  for (let work = await queue.take(digester.batchSize); work !== null; work = await queue.take(digester.batchSize)) {
    let facts: BatchFact[];
    try {
      facts = await digester.digest(work);
    } catch {
      queue.giveBack(work);
      return;
    }
    queue.record(work, facts);
    afterEach();
  }
}

function judge(paths: readonly string[], facts: ReadonlyMap<string, EndFact>): Digests {
  const digests = new Map<string, FileDigest>();
  const problems: Problem[] = [];
  for (const path of paths) {
    const fact = facts.get(path) ?? { kind: 'unreadable', reason: 'it was not digested' };
    if (fact.kind === 'file' || fact.kind === 'symlink') digests.set(path, fact);
    else problems.push(problemOf(path, fact));
  }
  return { digests, problems: sortBytewise(problems, (problem) => problem.file) };
}

function problemOf(file: string, fact: Exclude<EndFact, FileDigest>): Problem {
  const of = (code: string, message: string): Problem => ({
    file,
    line: null,
    column: null,
    pointer: null,
    code,
    severity: 'error',
    message,
  });
  switch (fact.kind) {
    case 'missing':
      return of('file.changed', 'it vanished before it could be read');
    case 'changed':
      return of('file.changed', `it changed while it was read: ${fact.expected} bytes at first, then ${fact.found}`);
    case 'not_a_file':
      return of('file.not_a_file', 'it is neither a file nor a symbolic link');
    case 'unreadable':
      return of('file.unreadable', `it cannot be read: ${fact.reason}`);
    case 'large':
      return of('file.unreadable', `it was not digested (${fact.bytes} bytes)`);
  }
}
