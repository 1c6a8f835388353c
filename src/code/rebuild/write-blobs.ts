import { messageOf } from '../../platform/files.ts';
import { makeNewLink, openNewFile, writeNewFile } from '../../platform/new-tree.ts';
import { gitTrouble } from '../git-trouble.ts';
import { EXECUTABLE, LINK } from '../tracked.ts';
import type { AskGit, RepositoryTree } from './repository-tree.ts';

/** Writes blobs as they are, never through a checkout. */

export interface WantedBlob {
  readonly path: string;
  readonly blob: string;
  readonly mode: string;
}

/** What one git is asked for at once, in bytes. */
const BATCH_BYTES = 32 * 1024 * 1024;

type Tree = Pick<RepositoryTree, 'ask' | 'askText'>;

/** Returns why some could not be written, by path. */
export async function writeBlobFiles(tree: Tree, wanted: readonly WantedBlob[]): Promise<ReadonlyMap<string, string>> {
  const failed = new Map<string, string>();
  const sizes = await sizesOf(tree, [...new Set(wanted.map(({ blob }) => blob))]);
  const small: WantedBlob[] = [];
  for (const one of wanted) {
    const size = sizes.get(one.blob);
    if (size === undefined) failed.set(one.path, `git does not have its bytes here (${one.blob}): git fetch`);
    else if (size > BATCH_BYTES) await writeLarge(tree, one, failed);
    else small.push(one);
  }
  for (const batch of batchesBy(small, ({ blob }) => sizes.get(blob) ?? 0)) await writeTogether(tree, batch, failed);
  return failed;
}

/** Without those that are not here. A partial clone asks its remote. */
async function sizesOf({ askText }: Tree, blobs: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  const words = ['cat-file', '--batch-check=%(objectname) %(objecttype) %(objectsize)'];
  const read = (text: string): void => {
    for (const [, blob = '', size = ''] of text.matchAll(/^([0-9a-f]+) blob (\d+)$/gm)) sizes.set(blob, Number(size));
  };
  const answer = await askText(words, lines(blobs));
  read(answer.stdout);
  if (answer.exitCode === 0) return sizes;
  // It ended at one that its remote does not give.
  for (const blob of blobs) if (!sizes.has(blob)) read((await askText(words, lines([blob]))).stdout);
  return sizes;
}

function lines(words: readonly string[]): string {
  return words.map((word) => `${word}\n`).join('');
}

function batchesBy<Item>(items: readonly Item[], bytesOf: (item: Item) => number): readonly (readonly Item[])[] {
  const batches: Item[][] = [];
  let bytes = Infinity;
  for (const item of items) {
    if (bytes + bytesOf(item) > BATCH_BYTES) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)?.push(item);
    bytes += bytesOf(item);
  }
  return batches;
}

async function writeTogether({ ask }: Tree, batch: readonly WantedBlob[], failed: Map<string, string>): Promise<void> {
  const answer = await ask(['cat-file', '--batch'], { stdin: lines(batch.map(({ blob }) => blob)) });
  let at = 0;
  for (const one of batch) {
    const end = answer.stdout.indexOf('\n', at);
    const [, size] = /^[0-9a-f]+ blob (\d+)$/.exec(answer.stdout.toString('latin1', at, Math.max(at, end))) ?? [];
    if (size === undefined) {
      failed.set(one.path, gitTrouble('', answer).words);
      continue;
    }
    const begin = end + 1;
    at = begin + Number(size) + 1;
    const problem = writeOne(one, answer.stdout.subarray(begin, at - 1));
    if (problem !== null) failed.set(one.path, problem);
  }
}

function writeOne({ path, mode }: WantedBlob, bytes: Uint8Array): string | null {
  return mode === LINK ? makeNewLink(path, bytes) : writeNewFile(path, bytes, mode === EXECUTABLE);
}

async function writeLarge(tree: Tree, one: WantedBlob, failed: Map<string, string>): Promise<void> {
  const problem = await writeAnswer(tree.ask, ['cat-file', 'blob', one.blob], one);
  if (problem !== null) failed.set(one.path, problem);
}

/** What git prints becomes the file. Returns why it did not, or null. */
async function writeAnswer(ask: AskGit, words: readonly string[], { path, mode }: WantedBlob): Promise<string | null> {
  let problem: string | null = null;
  try {
    const file = openNewFile(path, mode === EXECUTABLE);
    try {
      const answer = await ask(words, {
        maxBytes: 0,
        onStdout: (chunk) => {
          try {
            if (problem === null) file.write(chunk);
          } catch (error) {
            problem = messageOf(error);
          }
        },
      });
      if (answer.exitCode !== 0) problem ??= gitTrouble('', answer).words;
    } finally {
      file.close();
    }
  } catch (error) {
    return messageOf(error);
  }
  return problem;
}

/** As a checkout would write it. Returns why it cannot be written, or null. */
export function writeFiltered(
  ask: AskGit,
  one: WantedBlob,
  name: string,
  settings: readonly string[] = [],
): Promise<string | null> {
  return writeAnswer(ask, [...settings, 'cat-file', '--filters', `--path=${name}`, one.blob], one);
}
