import { join } from 'node:path';
import { listNames, makeFolder, readBytes, readTextOrNull, removeFolder, writeFileAtomic } from '../platform/files.ts';
import { keepFile, type KeptAs, lookAtPath, type PathLook } from '../platform/kept-copies.ts';
import { sleep } from '../platform/time.ts';
import { DIGEST_CACHE } from '../records/paths.ts';
import type { Listing, Tree } from './tree.ts';

/** The tree as it was before an agent began, with what it takes to put it back. */

export interface Entry extends PathLook {
  /** Relative to the tree. */
  readonly path: string;
  /** Null if it was not kept: a change will be named and cannot be undone. */
  readonly kept: KeptAs | null;
  /** Name of the kept file. */
  readonly at: number;
  /** Of the kept file: a copy that was changed is not put back. */
  readonly keptStamp: string;
}

export interface Picture {
  /** Each folder before what is in it. */
  readonly entries: readonly Entry[];
  /** Links of the agent's own, as they were: path → what it says. */
  readonly links: Readonly<Record<string, string>>;
  /** The state of `.autolab/cache/`: whatever it says of files is believed. */
  readonly cache: string;
  /** Bytes of small files of `.autolab/`: they survive its removal. Empty for a picture that was read. */
  readonly memory: ReadonlyMap<number, Buffer>;
}

/** Larger files are kept by a link: what replaces or removes them is undone, what is written into them is only named. */
const MOST_BYTES_COPIED = 64 * 1024 * 1024;
const MOST_BYTES_IN_ALL = 1024 * 1024 * 1024;
const MOST_BYTES_REMEMBERED = 1024 * 1024;
const MOST_REMEMBERED = 256;
/** A change within the same tick of the file system's clock would not show. */
const TICK_MS = 30;

const LIST = 'before.jsonl';
const COPIES = 'before';

export async function takePicture(tree: Tree, listing: Listing, folder: string): Promise<Picture> {
  const { base, prefix } = tree;
  makeFolder(join(folder, COPIES));
  let left = MOST_BYTES_IN_ALL;
  const memory = new Map<number, Buffer>();
  const entries: Entry[] = [];
  for (const path of listing.watched) {
    const look = lookAtPath(join(base, path));
    if (look === null) continue;
    const as: KeptAs = isCopied(path, prefix, look.bytes, left) ? 'copy' : 'link';
    const entry = look.kind === 'file' ? keep(base, path, { folder, at: entries.length, as }) : notKept(look, path);
    if (entry === null) continue;
    if (entry.kept === 'copy') left -= entry.bytes;
    if (isRemembered(entry, prefix) && memory.size < MOST_REMEMBERED)
      memory.set(entries.length, readBytes(join(base, path)));
    entries.push(entry);
  }
  const links = linksAmong(base, listing.free);
  const cache = cacheKey(tree);
  writeFileAtomic(
    join(folder, LIST),
    [{ links, cache }, ...entries].map((line) => `${JSON.stringify(line)}\n`).join(''),
  );
  await sleep(TICK_MS);
  return { entries, links, cache, memory };
}

/** A snapshot is shared by runs, and never written into. */
function isCopied(path: string, prefix: string, bytes: number, left: number): boolean {
  return bytes <= Math.min(MOST_BYTES_COPIED, left) && !path.startsWith(`${prefix}.autolab/snapshots/`);
}

function isRemembered({ kind, path, bytes }: Entry, prefix: string): boolean {
  const name = path.startsWith(`${prefix}.autolab/`) ? path.slice(`${prefix}.autolab/`.length) : null;
  return kind === 'file' && bytes <= MOST_BYTES_REMEMBERED && name !== null && !/^(?:logs|snapshots)\//.test(name);
}

function notKept(look: PathLook, path: string): Entry {
  return { ...look, path, kept: null, at: 0, keptStamp: '' };
}

function keep(
  base: string,
  path: string,
  { folder, at, as }: { readonly folder: string; readonly at: number; readonly as: KeptAs },
): Entry | null {
  const full = join(base, path);
  const copy = keptPath(folder, at);
  const kept = keepFile(full, copy, as);
  // A link changes the stamp.
  const look = lookAtPath(full);
  return look === null
    ? null
    : { ...look, path, kept: kept ? as : null, at, keptStamp: kept ? (lookAtPath(copy)?.stamp ?? '') : '' };
}

export function keptPath(folder: string, at: number): string {
  return join(folder, COPIES, String(at));
}

export function linksAmong(base: string, paths: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    paths.flatMap((path) => {
      const look = lookAtPath(join(base, path));
      return look?.kind === 'link' ? [[path, look.target]] : [];
    }),
  );
}

export function cacheFolder({ base, prefix }: Tree): string {
  return join(base, `${prefix}${DIGEST_CACHE}`);
}

export function cacheKey(tree: Tree): string {
  const folder = cacheFolder(tree);
  return listNames(folder)
    .map((name) => `${name} ${lookAtPath(join(folder, name))?.stamp ?? ''}`)
    .join('\n');
}

/** Null if it was never complete: then no agent was started. */
export function readPicture(folder: string): Picture | null {
  const text = readTextOrNull(join(folder, LIST));
  if (text === null) return null;
  const [first = '{}', ...lines] = text.trimEnd().split('\n');
  const { links, cache } = JSON.parse(first) as Pick<Picture, 'links' | 'cache'>;
  return { entries: lines.map((line) => JSON.parse(line) as Entry), links, cache, memory: new Map() };
}

/** Once nothing has to be put back any more. */
export function forgetPicture(folder: string): void {
  removeFolder(join(folder, COPIES));
  removeFolder(join(folder, LIST));
}
