import type { BlobAlgorithm, FileDigest, FileFact } from '../platform/digest.ts';
import type { BatchFact, DigestBatch } from './digest-batch.ts';
import type { DigestCache } from './digest-cache.ts';

/** Fewer small files than this are done about as soon without a thread, whose start takes 30 ms of a core, and 10 MiB. */
const FILES_PER_WORKER = 4000;
/** Likewise for large files, in bytes. */
const BYTES_PER_WORKER = 48 * 1024 * 1024;

/** The paths for which git's object id of the bytes is made, too, in the same read. */
export interface WantedBlobs {
  readonly algorithm: BlobAlgorithm;
  readonly of: ReadonlySet<string>;
}

/** The final fact about a file. */
export type EndFact = FileDigest | Exclude<FileFact, FileDigest>;

type Work = Pick<DigestBatch, 'paths' | 'task'>;

/** The work that is left. Holds state because several digesters take from it at once. */
export class DigestQueue {
  readonly facts = new Map<string, EndFact>();
  private readonly root: string;
  private readonly blobs: WantedBlobs | null;
  private readonly cache: DigestCache | null;
  /** Paths that may be in the cache; those that are not are then read. */
  private readonly unseen: Line;
  /** Paths that must be read. */
  private readonly unread: Line;
  /** Sorted by size, the largest last. */
  private readonly large: { path: string; bytes: number }[] = [];
  private readonly returned: Work[] = [];
  /** Batches that were taken and not yet recorded. */
  private outstanding = 0;
  private stopped = false;
  private readonly waiting: (() => void)[] = [];

  constructor(root: string, paths: readonly string[], blobs: WantedBlobs | null, cache: DigestCache | null) {
    this.root = root;
    this.blobs = blobs;
    this.cache = cache;
    const recalls = cache?.knowsAny === true;
    this.unseen = new Line(recalls ? paths : []);
    this.unread = new Line(recalls ? [] : paths);
  }

  /** The next work; null once everything is done, not before: others may yet meet large files or give work back. */
  async take(batchSize: number): Promise<DigestBatch | null> {
    while (!this.stopped) {
      const work = this.next(batchSize);
      if (work !== null) {
        this.outstanding += 1;
        return this.batchOf(work);
      }
      if (this.outstanding === 0) return null;
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    return null;
  }

  /** There is no next work from now on. */
  stop(): void {
    this.stopped = true;
    this.wake();
  }

  giveBack(work: Work): void {
    this.returned.push(work);
    this.finish();
  }

  record({ paths }: Work, facts: readonly BatchFact[]): void {
    for (const [index, path] of paths.entries()) {
      const fact = facts[index];
      if (fact !== undefined) this.recordOne(path, fact);
    }
    this.large.sort((a, b) => a.bytes - b.bytes);
    this.finish();
  }

  threadsThatPay(): number {
    const left = this.unseen.left + this.unread.left;
    const bytes = this.large.reduce((sum, file) => sum + file.bytes, 0);
    // One file cannot be split, so there are never more lanes than large files and the stream of small ones.
    const lanes = this.large.length + Math.ceil(left / FILES_PER_WORKER);
    return Math.min(lanes, 1 + Math.floor(left / FILES_PER_WORKER) + Math.floor(bytes / BYTES_PER_WORKER));
  }

  private recordOne(path: string, fact: BatchFact): void {
    if (fact.kind === 'large') {
      this.large.push({ path, bytes: fact.bytes });
      return;
    }
    if (fact.kind === 'seen') {
      const known = fact.stamp === null ? null : (this.cache?.recall(fact.stamp, this.blobOf(path)) ?? null);
      if (known === null) this.unread.add(path);
      else this.facts.set(path, known);
      return;
    }
    if (fact.kind !== 'file' || fact.stamp === undefined) {
      this.facts.set(path, fact);
      return;
    }
    const { stamp, ...digest } = fact;
    this.cache?.learn(path, stamp, digest);
    this.facts.set(path, digest);
  }

  private next(batchSize: number): Work | null {
    const back = this.returned.pop();
    if (back !== undefined) return back;
    const largest = this.large.pop();
    if (largest !== undefined) return { paths: [largest.path], task: 'large' };
    const unseen = this.unseen.take(batchSize);
    if (unseen.length > 0) return { paths: unseen, task: 'look' };
    const unread = this.unread.take(batchSize);
    return unread.length > 0 ? { paths: unread, task: 'small' } : null;
  }

  private batchOf({ paths, task }: Work): DigestBatch {
    const batch = { root: this.root, paths, task, stamps: this.cache !== null };
    if (this.blobs === null) return batch;
    const { algorithm, of } = this.blobs;
    return { ...batch, blobs: { algorithm, wanted: paths.map((path) => of.has(path)) } };
  }

  private blobOf(path: string): BlobAlgorithm | undefined {
    return this.blobs?.of.has(path) === true ? this.blobs.algorithm : undefined;
  }

  private finish(): void {
    this.outstanding -= 1;
    this.wake();
  }

  private wake(): void {
    for (const wake of this.waiting.splice(0)) wake();
  }
}

/** Paths that are taken in the order in which they came. */
class Line {
  private readonly paths: string[];
  private next = 0;

  constructor(paths: readonly string[]) {
    this.paths = [...paths];
  }

  get left(): number {
    return this.paths.length - this.next;
  }

  add(path: string): void {
    this.paths.push(path);
  }

  take(count: number): readonly string[] {
    const taken = this.paths.slice(this.next, this.next + count);
    this.next += taken.length;
    return taken;
  }
}
