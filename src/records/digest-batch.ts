import { digestLargeFile, digestSmallFile, type FileFact } from '../platform/digest.ts';

/** What one core does at a time, whether here or in a worker thread. */
export interface DigestBatch {
  readonly root: string;
  /** Relative to root. */
  readonly paths: readonly string[];
  /** One large file; otherwise small ones, and those found to be large are left for later. */
  readonly large: boolean;
}

/** One fact a path, in order. Never rejects for a file's sake. */
export async function digestBatch({ root, paths, large }: DigestBatch): Promise<FileFact[]> {
  if (!large) return paths.map((path) => digestSmallFile(`${root}/${path}`));
  const facts: FileFact[] = [];
  for (const path of paths) facts.push(await digestLargeFile(`${root}/${path}`));
  return facts;
}
