import { type BlobAlgorithm, digestLargeFile, digestSmallFile, type FileFact } from '../platform/digest.ts';

/** What one core does at a time, whether here or in a worker thread. */
export interface DigestBatch {
  readonly root: string;
  /** Relative to root. */
  readonly paths: readonly string[];
  /** One large file; otherwise small ones, and those found to be large are left for later. */
  readonly large: boolean;
  readonly blobs?: BatchBlobs;
}

/** For which of the paths git's object id is wanted, too. */
export interface BatchBlobs {
  readonly algorithm: BlobAlgorithm;
  /** One a path, in order. */
  readonly wanted: readonly boolean[];
}

/** One fact a path, in order. Never rejects for a file's sake. */
export async function digestBatch({ root, paths, large, blobs }: DigestBatch): Promise<FileFact[]> {
  const algorithmFor = (index: number): BlobAlgorithm | undefined =>
    blobs?.wanted[index] === true ? blobs.algorithm : undefined;
  if (!large) return paths.map((path, index) => digestSmallFile(`${root}/${path}`, algorithmFor(index)));
  const facts: FileFact[] = [];
  for (const [index, path] of paths.entries())
    facts.push(await digestLargeFile(`${root}/${path}`, algorithmFor(index)));
  return facts;
}
