import { join, posix } from 'node:path';
import { lstatOrNull, removeFolder } from '../platform/files.ts';
import {
  haveSameBytes,
  lookAtPath,
  type PathLook,
  putAside,
  putFile,
  putFolder,
  putLink,
  putMode,
} from '../platform/kept-copies.ts';
import { asideIn } from './home.ts';
import type { OutsideChange } from './outside-change.ts';
import { cacheFolder, cacheKey, type Entry, keptPath, linksAmong, type Picture } from './picture.ts';
import type { Scope } from './scope.ts';
import { leadsOutOf, type Listing, type Tree } from './tree.ts';

/** What an agent changed outside of its scope: put aside, named, and put back as it was, byte for byte. */

export interface PutBack {
  readonly tree: Tree;
  readonly picture: Picture;
  /** Of the agent's record; absolute. */
  readonly folder: string;
  readonly ownerOf: Scope;
  readonly list: () => Promise<Listing>;
}

/** A repository that an agent made hides others until it is away. */
const ROUNDS = 3;

export async function putTreeBack(work: PutBack): Promise<readonly OutsideChange[]> {
  const changes = work.picture.entries.flatMap((entry) => putEntryBack(work, entry) ?? []);
  const before = new Set(work.picture.entries.map(({ path }) => path));
  for (let round = 0; round < ROUNDS; round += 1) {
    const listing = await work.list();
    const made = [...putNewAside(work, listing, before), ...putLinksAside(work, listing)];
    changes.push(...made);
    if (listing.trouble !== null && made.length === 0)
      changes.push(changeOf(work, '.git', 'not_comparable', listing.trouble));
    if (made.every((change) => !change.put_back)) break;
  }
  if (cacheKey(work.tree) !== work.picture.cache) removeFolder(cacheFolder(work.tree));
  return changes;
}

function changeOf(
  { tree, ownerOf }: PutBack,
  path: string,
  what: OutsideChange['what'],
  reason: string | null,
): OutsideChange {
  const owner = ownerOf(path);
  const name = path.startsWith(tree.prefix) ? path.slice(tree.prefix.length) : posix.relative(tree.prefix, path);
  return { path: name, what, of: owner === 'free' ? 'scope' : owner, put_back: reason === null, reason };
}

/** Null if it is as it was. */
function putEntryBack(work: PutBack, entry: Entry): OutsideChange | null {
  const full = join(work.tree.base, entry.path);
  const now = lookAtPath(full);
  if (now !== null && isSame(work, entry, now))
    return now.mode === entry.mode || entry.kind === 'link'
      ? null
      : changeOf(work, entry.path, 'mode', putMode(full, entry.mode));
  const trouble = unusable(work, entry, now);
  if (trouble !== null) return changeOf(work, entry.path, now === null ? 'removed' : 'changed', trouble);
  const away = now === null ? null : putAside(full, asideIn(work.folder, entry.path));
  const reason = away ?? putAgain(work, entry, full) ?? lostWith(entry, now);
  return changeOf(work, entry.path, now === null ? 'removed' : 'changed', reason);
}

/** Why a folder that is there again is not as it was; null if it is. */
function lostWith({ kind, path }: Entry, now: PathLook | null): string | null {
  const isRepository = kind === 'folder' && /(?:^|\/)\.git$/.test(path);
  return isRepository && now === null ? 'its history is lost: only its settings and hooks were kept' : null;
}

/** But for its mode. */
function isSame(work: PutBack, entry: Entry, now: PathLook): boolean {
  if (now.kind !== entry.kind) return false;
  if (entry.kind === 'link') return now.target === entry.target;
  if (entry.kind !== 'file' || now.stamp === entry.stamp) return true;
  if (now.bytes !== entry.bytes) return false;
  // Without a copy to compare with: a change of the mode alone has changed nothing else.
  if (entry.kept !== 'copy')
    return now.inode === entry.inode && now.mtimeMs === entry.mtimeMs && now.mode !== entry.mode;
  return haveSameBytes(join(work.tree.base, entry.path), keptOf(work, entry));
}

function keptOf({ picture, folder }: PutBack, { at }: Entry): string | Buffer {
  const path = keptPath(folder, at);
  return lstatOrNull(path) === null ? (picture.memory.get(at) ?? path) : path;
}

/** Why a file cannot be put back; then what is there stays there. */
function unusable({ picture, folder }: PutBack, entry: Entry, now: PathLook | null): string | null {
  if (entry.kind === 'other') return 'it is no file, folder or link';
  if (entry.kind !== 'file') return null;
  if (entry.kept === null) return 'it could not be kept';
  const kept = lookAtPath(keptPath(folder, entry.at));
  if (kept === null) return picture.memory.has(entry.at) ? null : 'its copy was removed';
  if (entry.kept === 'copy') return kept.stamp === entry.keptStamp ? null : 'its copy was changed';
  const written = kept.bytes !== entry.bytes || kept.mtimeMs !== entry.mtimeMs || now?.inode === kept.inode;
  return written ? 'it is too large for a copy, and may have been written into' : null;
}

function putAgain(work: PutBack, entry: Entry, full: string): string | null {
  if (entry.kind === 'folder') return putFolder(full, entry.mode);
  if (entry.kind === 'link') return putLink(full, entry.target);
  return putFile(keptOf(work, entry), full, entry.kept ?? 'copy', entry);
}

/** What was not there before: the whole new folder, unless something of the agent's is in it. */
function putNewAside(work: PutBack, listing: Listing, before: ReadonlySet<string>): readonly OutsideChange[] {
  const withFree = new Set(listing.free.flatMap(above));
  const away: string[] = [];
  for (const path of listing.watched) {
    if (before.has(path) || withFree.has(path) || away.some((folder) => path.startsWith(`${folder}/`))) continue;
    away.push(path);
  }
  return away.map((path) =>
    changeOf(work, path, 'made', putAside(join(work.tree.base, path), asideIn(work.folder, path))),
  );
}

function above(path: string): readonly string[] {
  const parent = posix.dirname(path);
  return parent === '.' ? [] : [parent, ...above(parent)];
}

/** A link in the scope must not be a way out of it. */
function putLinksAside(work: PutBack, listing: Listing): readonly OutsideChange[] {
  const { tree, picture } = work;
  return Object.entries(linksAmong(tree.base, listing.free)).flatMap(([path, target]) => {
    if (picture.links[path] === target || !leadsOutOf(tree.base, path, target)) return [];
    const full = join(tree.base, path);
    const before = picture.links[path];
    const reason = putAside(full, asideIn(work.folder, path)) ?? (before === undefined ? null : putLink(full, before));
    return [changeOf(work, path, 'leads_out', reason)];
  });
}
