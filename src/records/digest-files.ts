import type { Problem } from '../errors/problem.ts';
import type { BlobAlgorithm, FileDigest, FileFact } from '../platform/digest.ts';
import { sortBytewise } from './byte-order.ts';
import type { BatchBlobs } from './digest-batch.ts';
import { defaultConcurrency, type Digester, HERE, startWorker, WORKER } from './digest-pool.ts';

export type { FileDigest } from '../platform/digest.ts';

/** Digests of many files at once, on as many cores as pay. */

export interface Digests {
  /** By path, in the order of the paths that were given; without those that have a problem. */
  readonly digests: ReadonlyMap<string, FileDigest>;
  /** Sorted by path: files that vanished, changed size while they were read, are unreadable or no files. */
  readonly problems: readonly Problem[];
}

export interface DigestOptions {
  /** The paths for which git's object id of the bytes is made, too, in the same read. */
  readonly blobs?: { readonly algorithm: BlobAlgorithm; readonly of: ReadonlySet<string> };
  /** Told after each batch, so every few hundredths of a second unless files are large. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Threads, this one included; the number of cores when left out. */
  readonly concurrency?: number;
  /** The worker's file, for tests. */
  readonly worker?: URL;
}

/** Fewer small files than this are done before a thread has started (about 30 ms). */
const FILES_PER_WORKER = 2500;
/** Likewise for large files, in bytes. */
const BYTES_PER_WORKER = 48 * 1024 * 1024;

/**
 * Digests files below `root`. The sizes are not known beforehand (asking would cost as much as reading): small files are
 * handed out in batches, large ones are put back when they are met and then go first, the largest first. Memory is
 * bounded by a few MB a thread. Never rejects for a file's sake.
 */
export async function digestFiles(
  root: string,
  paths: readonly string[],
  options: DigestOptions = {},
): Promise<Digests> {
  const facts = new Map<string, FileFact>();
  const queue = new DigestQueue(root, paths, facts, options);
  const limit = options.concurrency ?? defaultConcurrency();
  const workers: Digester[] = [];
  const running: Promise<void>[] = [];
  const hireWorkers = (): void => {
    while (workers.length + 1 < Math.min(limit, queue.threadsThatPay())) {
      const worker = startWorker(options.worker ?? WORKER);
      if (worker === null) return;
      workers.push(worker);
      running.push(drain(queue, worker, () => undefined));
    }
  };
  try {
    hireWorkers();
    await drain(queue, HERE, hireWorkers);
    await Promise.all(running);
  } finally {
    await Promise.all(workers.map((worker) => worker.close()));
  }
  return judge(paths, facts);
}

/** Takes batches until all are done; a digester that breaks down gives its batch back and is used no more. */
async function drain(queue: DigestQueue, digester: Digester, afterEach: () => void): Promise<void> {
  for (let work = await queue.take(digester.batchSize); work !== null; work = await queue.take(digester.batchSize)) {
    let facts: FileFact[];
    try {
      facts = await digester.digest({ root: queue.root, ...work });
    } catch {
      queue.giveBack(work);
      return;
    }
    queue.record(work, facts);
    afterEach();
  }
}

interface Work {
  readonly paths: readonly string[];
  readonly large: boolean;
  readonly blobs?: BatchBlobs;
}

/** The work that is left. Holds state because several digesters take from it at once. */
class DigestQueue {
  readonly root: string;
  private readonly paths: readonly string[];
  private readonly facts: Map<string, FileFact>;
  private readonly options: DigestOptions;
  private readonly returned: Work[] = [];
  /** Sorted by size, the largest last. */
  private readonly large: { path: string; bytes: number }[] = [];
  private next = 0;
  /** Batches that were taken and not yet recorded. */
  private outstanding = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(root: string, paths: readonly string[], facts: Map<string, FileFact>, options: DigestOptions) {
    this.root = root;
    this.paths = paths;
    this.facts = facts;
    this.options = options;
  }

  /** The next work; null once everything is done, not before: others may yet meet large files or give work back. */
  async take(batchSize: number): Promise<Work | null> {
    for (;;) {
      const work = this.returned.pop() ?? this.takeLargest() ?? this.takeNext(batchSize);
      if (work !== null) {
        this.outstanding += 1;
        return work;
      }
      if (this.outstanding === 0) return null;
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  giveBack(work: Work): void {
    this.returned.push(work);
    this.finish();
  }

  record({ paths }: Work, facts: readonly FileFact[]): void {
    for (const [index, path] of paths.entries()) {
      const fact = facts[index];
      if (fact === undefined) continue;
      if (fact.kind === 'large') this.large.push({ path, bytes: fact.bytes });
      else this.facts.set(path, fact);
    }
    this.large.sort((a, b) => a.bytes - b.bytes);
    this.options.onProgress?.(this.facts.size, this.paths.length);
    this.finish();
  }

  threadsThatPay(): number {
    const left = this.paths.length - this.next;
    const bytes = this.large.reduce((sum, file) => sum + file.bytes, 0);
    // One file cannot be split, so there are never more lanes than large files and the stream of small ones.
    const lanes = this.large.length + Math.ceil(left / FILES_PER_WORKER);
    return Math.min(lanes, 1 + Math.floor(left / FILES_PER_WORKER) + Math.floor(bytes / BYTES_PER_WORKER));
  }

  private takeLargest(): Work | null {
    const largest = this.large.pop();
    return largest === undefined ? null : this.workOf([largest.path], true);
  }

  private takeNext(batchSize: number): Work | null {
    if (this.next >= this.paths.length) return null;
    const paths = this.paths.slice(this.next, this.next + batchSize);
    this.next += paths.length;
    return this.workOf(paths, false);
  }

  private workOf(paths: readonly string[], large: boolean): Work {
    const { blobs } = this.options;
    if (blobs === undefined) return { paths, large };
    const wanted = paths.map((path) => blobs.of.has(path));
    return { paths, large, blobs: { algorithm: blobs.algorithm, wanted } };
  }

  private finish(): void {
    this.outstanding -= 1;
    for (const wake of this.waiting.splice(0)) wake();
  }
}

function judge(paths: readonly string[], facts: ReadonlyMap<string, FileFact>): Digests {
  const digests = new Map<string, FileDigest>();
  const problems: Problem[] = [];
  for (const path of paths) {
    const fact = facts.get(path) ?? { kind: 'unreadable', reason: 'it was not digested' };
    if (fact.kind === 'file' || fact.kind === 'symlink') digests.set(path, fact);
    else problems.push(problemOf(path, fact));
  }
  return { digests, problems: sortBytewise(problems, (problem) => problem.file) };
}

function problemOf(file: string, fact: Exclude<FileFact, { kind: 'file' | 'symlink' }>): Problem {
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
