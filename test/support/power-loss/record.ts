import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Ended, PROGRAM, startProgram } from '../autolab.ts';
import { temporaryFolder } from '../project.ts';
import { EVERYTHING } from './choices.ts';
import { Disk, type Tree } from './disk.ts';
import { treeOf } from './folder.ts';
import { operationsOf, type Told } from './operations.ts';
import { TRACED } from './trace.ts';

/** A program whose writes, and those of every process that comes of it, are recorded from outside, by strace. */

export interface Recorded extends Told {
  readonly ended: Ended;
  readonly root: string;
  /** What the folder was before. */
  readonly before: Tree;
}

export interface RecordOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** A file outside of the folder whose writes are recorded, too. */
  readonly beside?: string;
}

/** More than any file of these projects: a string that strace cuts would be no record. */
const LONGEST = 64 * 1024 * 1024;

/** Of what the program does in and below `root`, where it begins. */
export async function recordedProgram(
  root: string,
  argv: readonly string[],
  { env = {}, beside }: RecordOptions = {},
): Promise<Recorded> {
  const before = treeOf(root);
  const record = join(temporaryFolder(), 'record');
  const strace = ['strace', '-f', '-y', '-xx', '-s', String(LONGEST), '--seccomp-bpf', '-o', record];
  const traced = ['-e', `trace=${TRACED.join(',')}`, '-e', 'signal=none'];
  const ended = await startProgram([...strace, ...traced, ...argv], root, { env }).ended;
  const wanted = (path: string): boolean => path === root || path.startsWith(`${root}/`) || path === beside;
  return { ended, root, before, ...operationsOf(readFileSync(record, 'latin1'), root, wanted) };
}

export async function recorded(root: string, words: readonly string[], options: RecordOptions): Promise<Recorded> {
  return recordedProgram(root, [process.execPath, PROGRAM, ...words], options);
}

/** The disk once everything recorded was done. */
export function diskAfter({ root, before, operations }: Omit<Recorded, 'ended'>): Disk {
  const disk = new Disk(root, before);
  for (const operation of operations) disk.do(operation);
  return disk;
}

/** The record was whole: what it made of the folder is what is there. Files that others made there are left out. */
export function differencesToFolder(record: Omit<Recorded, 'ended'>): readonly string[] {
  const there = treeOf(record.root);
  const known = diskAfter(record).after(EVERYTHING);
  return [...new Set([...known.keys(), ...record.before.keys()])].filter(
    (path) => !alike(known.get(path), there.get(path)) && !record.uncertain.includes(join(record.root, path)),
  );
}

function alike(one: ReturnType<Tree['get']>, other: ReturnType<Tree['get']>): boolean {
  if (one?.kind === 'file' && other?.kind === 'file') return one.bytes.equals(other.bytes) && one.mode === other.mode;
  if (one?.kind === 'symlink' && other?.kind === 'symlink') return one.target === other.target;
  return one?.kind === other?.kind;
}
