import {
  type BlobAlgorithm,
  digestLargeFile,
  digestSmallFile,
  type DigestWishes,
  type FileFact,
} from '../platform/digest.ts';
import { type FileStamp, isLocalFileSystem, stampOfPath } from '../platform/file-stamp.ts';

/** What one core does at a time, whether here or in a worker thread. */
export interface DigestBatch {
  readonly root: string;
  /** Relative to root. */
  readonly paths: readonly string[];
  /**
   * `look`: stamps only. `small`: digests; files that turn out to be large are left for later. `large`: digests of
   * files of any size, one after the other.
   */
  readonly task: 'look' | 'small' | 'large';
  readonly blobs?: BatchBlobs;
  /** Whether the facts of files have their stamps. */
  readonly stamps?: boolean;
}

/** For which of the paths git's object id is wanted, too. */
export interface BatchBlobs {
  readonly algorithm: BlobAlgorithm;
  /** One a path, in order. */
  readonly wanted: readonly boolean[];
}

/** What a batch finds out about a path; a look finds its stamp, null if it has none. */
export type BatchFact = FileFact | { readonly kind: 'seen'; readonly stamp: FileStamp | null };

/** One fact a path, in order. Never rejects for a file's sake. `signal` ends the reading of a large file. */
export async function digestBatch(
  { root, paths, task, blobs, stamps }: DigestBatch,
  signal?: AbortSignal,
): Promise<BatchFact[]> {
  if (task === 'look') {
    const fresh = !isLocalFileSystem(root);
    return paths.map((path) => ({ kind: 'seen', stamp: stampOfPath(`${root}/${path}`, fresh) }));
  }
  const wishesFor = (index: number): DigestWishes => ({
    blob: blobs?.wanted[index] === true ? blobs.algorithm : undefined,
    stamp: stamps,
  });
  if (task === 'small') return paths.map((path, index) => digestSmallFile(`${root}/${path}`, wishesFor(index)));
  const facts: BatchFact[] = [];
  for (const [index, path] of paths.entries())
    facts.push(await digestLargeFile(`${root}/${path}`, wishesFor(index), signal));
  return facts;
}
