import { join } from 'node:path';
import { bytesOf, type Call, callsOf, pathOfDescriptor } from './trace.ts';

/** What programs did to files, in the words of the model of the disk. Paths are absolute. */

/** A file: by a name, or by the last one that it had. */
export interface Named {
  readonly path: string;
  readonly removed?: boolean;
}

export type Change =
  /** Makes the file if there is none, and empties one if `cut`. */
  | { readonly kind: 'open'; readonly path: string; readonly mode: number; readonly cut: boolean }
  | { readonly kind: 'folder'; readonly path: string; readonly mode: number }
  | { readonly kind: 'symlink'; readonly path: string; readonly target: string }
  /** `at`: null for the end of the file. */
  | { readonly kind: 'write'; readonly file: Named; readonly at: number | null; readonly bytes: Buffer }
  | { readonly kind: 'cut'; readonly file: Named; readonly size: number }
  | { readonly kind: 'mode'; readonly file: Named; readonly mode: number }
  | { readonly kind: 'link' | 'rename'; readonly path: string; readonly to: string }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'flush'; readonly file: Named }
  | { readonly kind: 'flush all' }
  /** Never in a record. */
  | { readonly kind: 'unknown'; readonly name: string; readonly path: string };

export type Operation = Change & {
  /** How many operations were over when it began; a flush covers no others. */
  readonly begun: number;
};

/** Which folder each process works in: calls without a descriptor name files relative to it. */
class WorkingFolders {
  private readonly groups = new Map<number, { folder: string }>();
  private readonly parents = new Map<number, { readonly pid: number; readonly shared: boolean }>();
  private readonly first: string;

  constructor(calls: readonly Call[], first: string) {
    this.first = first;
    for (const { pid, name, words, result } of calls)
      if (/^(clone3?|v?fork)$/.test(name))
        this.parents.set(Number(result), { pid, shared: words.join(' ').includes('CLONE_FS') });
  }

  of(pid: number): { folder: string } {
    const known = this.groups.get(pid);
    if (known !== undefined) return known;
    // Its parent has not changed its folder since: this is the first call of a process that it has just made.
    const parent = this.parents.get(pid);
    const from = parent === undefined ? { folder: this.first } : this.of(parent.pid);
    const group = parent?.shared === true ? from : { folder: from.folder };
    this.groups.set(pid, group);
    return group;
  }
}

const UMASK = 0o022;
const modeOf = (word: string | undefined): number => Number.parseInt(word ?? '0', 8) & ~UMASK;
const textOf = (word: string | undefined): string => bytesOf(word ?? '').toString('utf8');

type Reading = (call: Call, folder: { folder: string }) => Change | null;

function absolute({ folder }: { readonly folder: string }, path: string): string {
  return path.startsWith('/') ? path : join(folder, path);
}

/** The path of a call that has a descriptor of a folder before it. */
function below(words: readonly string[], at: number): string {
  return absolute({ folder: pathOfDescriptor(words[at] ?? '').path }, textOf(words[at + 1]));
}

function opened({ words, result }: Call, flags: number): Change | null {
  const how = words[flags] ?? '';
  if (!/O_CREAT|O_TRUNC/.test(how)) return null;
  // The path that the kernel tells has no links in it.
  const { path } = pathOfDescriptor(result);
  return { kind: 'open', path, mode: modeOf(words[flags + 1]), cut: how.includes('O_TRUNC') };
}

function written({ words, result }: Call, at: number | null): Change {
  const bytes = bytesOf(words[1] ?? '').subarray(0, Number(result));
  return { kind: 'write', file: pathOfDescriptor(words[0] ?? ''), at, bytes };
}

/** The kernel copies what strace does not show: nothing is known of the file that this argument names. */
const unknown =
  (at: number): Reading =>
  ({ name, words }) => ({ kind: 'unknown', name, path: pathOfDescriptor(words[at] ?? '').path });

const READINGS: Readonly<Record<string, Reading>> = {
  chdir: ({ words }, folder) => {
    folder.folder = absolute(folder, textOf(words[0]));
    return null;
  },
  fchdir: ({ words }, folder) => {
    folder.folder = pathOfDescriptor(words[0] ?? '').path;
    return null;
  },
  open: (call) => opened(call, 1),
  openat: (call) => opened(call, 2),
  creat: (call) => ({ kind: 'open', path: pathOfDescriptor(call.result).path, mode: modeOf(call.words[1]), cut: true }),
  write: (call) => written(call, null),
  writev: (call) => written(call, null),
  pwrite64: (call) => written(call, Number(call.words[3])),
  pwritev: (call) => written(call, Number(call.words[3])),
  truncate: ({ words }, folder) => ({
    kind: 'cut',
    file: { path: absolute(folder, textOf(words[0])) },
    size: Number(words[1]),
  }),
  ftruncate: ({ words }) => ({ kind: 'cut', file: pathOfDescriptor(words[0] ?? ''), size: Number(words[1]) }),
  chmod: ({ words }, folder) => ({
    kind: 'mode',
    file: { path: absolute(folder, textOf(words[0])) },
    mode: Number.parseInt(words[1] ?? '', 8),
  }),
  fchmod: ({ words }) => ({
    kind: 'mode',
    file: pathOfDescriptor(words[0] ?? ''),
    mode: Number.parseInt(words[1] ?? '', 8),
  }),
  fchmodat: ({ words }) => ({
    kind: 'mode',
    file: { path: below(words, 0) },
    mode: Number.parseInt(words[2] ?? '', 8),
  }),
  rename: ({ words }, folder) => ({ kind: 'rename', ...two(words, folder) }),
  renameat: ({ words }) => ({ kind: 'rename', path: below(words, 0), to: below(words, 2) }),
  renameat2: ({ words }) => ({ kind: 'rename', path: below(words, 0), to: below(words, 2) }),
  link: ({ words }, folder) => ({ kind: 'link', ...two(words, folder) }),
  linkat: ({ words }) => ({ kind: 'link', path: below(words, 0), to: below(words, 2) }),
  symlink: ({ words }, folder) => ({
    kind: 'symlink',
    target: textOf(words[0]),
    path: absolute(folder, textOf(words[1])),
  }),
  symlinkat: ({ words }) => ({ kind: 'symlink', target: textOf(words[0]), path: below(words, 1) }),
  unlink: ({ words }, folder) => ({ kind: 'remove', path: absolute(folder, textOf(words[0])) }),
  rmdir: ({ words }, folder) => ({ kind: 'remove', path: absolute(folder, textOf(words[0])) }),
  unlinkat: ({ words }) => ({ kind: 'remove', path: below(words, 0) }),
  mkdir: ({ words }, folder) => ({
    kind: 'folder',
    path: absolute(folder, textOf(words[0])),
    mode: modeOf(words[1]),
  }),
  mkdirat: ({ words }) => ({ kind: 'folder', path: below(words, 0), mode: modeOf(words[2]) }),
  fsync: ({ words }) => ({ kind: 'flush', file: pathOfDescriptor(words[0] ?? '') }),
  fdatasync: ({ words }) => ({ kind: 'flush', file: pathOfDescriptor(words[0] ?? '') }),
  sync: () => ({ kind: 'flush all' }),
  syncfs: () => ({ kind: 'flush all' }),
  // Promises nothing about what a crash leaves.
  sync_file_range: () => null,
  clone: () => null,
  clone3: () => null,
  fork: () => null,
  vfork: () => null,
  splice: unknown(2),
  copy_file_range: unknown(2),
  sendfile: unknown(0),
  fallocate: unknown(0),
};

function two(
  words: readonly string[],
  folder: { readonly folder: string },
): { readonly path: string; readonly to: string } {
  return { path: absolute(folder, textOf(words[0])), to: absolute(folder, textOf(words[1])) };
}

/** The paths that a change is about. */
export function pathsOf(change: Change): readonly string[] {
  if (change.kind === 'flush all') return [];
  if ('file' in change) return [change.file.path];
  return 'to' in change ? [change.path, change.to] : [change.path];
}

export interface Told {
  readonly operations: readonly Operation[];
  /** Files of calls in which their process was killed: they may be otherwise than the operations say. */
  readonly uncertain: readonly string[];
}

/**
 * What a record tells, of files for which `wanted` holds; of others nothing.
 *
 * @param first the folder in which the first process began
 */
export function operationsOf(record: string, first: string, wanted: (path: string) => boolean): Told {
  const calls = callsOf(record);
  const folders = new WorkingFolders(calls, first);
  const operations: Operation[] = [];
  const uncertain: string[] = [];
  /** How many operations were over after so many calls. */
  const over: number[] = [0];
  for (const call of calls) {
    const change = readingOf(call)(call, folders.of(call.pid));
    if (change !== null && isWanted(change, wanted)) {
      if (call.result === '?') uncertain.push(...pathsOf(change));
      else operations.push({ ...change, begun: over[call.begun] ?? 0 });
    }
    over.push(operations.length);
  }
  return { operations, uncertain };
}

function isWanted(change: Change, wanted: (path: string) => boolean): boolean {
  if (change.kind === 'flush all') return true;
  const paths = pathsOf(change);
  const ours = paths.filter(wanted);
  if (ours.length > 0 && ours.length < paths.length) throw new Error(`half of it is not recorded: ${paths.join(' ')}`);
  if (ours.length > 0 && change.kind === 'unknown')
    throw new Error(`the record cannot show what ${change.name} changes: ${change.path}`);
  return ours.length > 0;
}

function readingOf({ name }: Call): Reading {
  const reading = READINGS[name];
  if (reading === undefined) throw new Error(`the record cannot show what ${name} changes`);
  return reading;
}
