import { join } from 'node:path';
import { pathMatcher } from '../../code/path-matcher.ts';
import { messageOf, realPathOr } from '../../platform/files.ts';
import { listEntries } from '../../platform/folders.ts';
import { type Followed, followed } from '../../platform/followed.ts';
import { type InputPattern, inputPatterns } from '../../project/input-pattern.ts';

/** The files of a data input on this host. Symbolic links are followed, as the program follows them. */

export interface FoundFile {
  /** As the run sees it: absolute, or relative to the project. */
  readonly path: string;
  /** Absolute, and no symbolic link. */
  readonly place: string;
  readonly bytes: number;
  readonly device: bigint;
}

export interface FoundInput {
  readonly files: readonly FoundFile[];
  readonly troubles: readonly InputTrouble[];
}

/** Why a file or folder cannot be data. */
export interface InputTrouble {
  readonly path: string;
  /** To follow its name. */
  readonly what: string;
}

export interface FindOptions {
  /** What the run itself writes: relative to the project, as paths are found. */
  readonly isOwn: (path: string) => boolean;
  readonly signal?: AbortSignal | undefined;
}

/** More are refused: an archive is one file. */
export const MOST_INPUT_FILES = 1_000_000;
/** Named of many. */
const MOST_TROUBLES = 20;
/** Entries that are looked at before other work gets its turn. */
const SLICE = 256;

/** Never rejects, unless the signal fires. */
export async function findInput(root: string, path: string, options: FindOptions): Promise<FoundInput> {
  const search = new Search(root, options);
  for (const pattern of inputPatterns(path)) await search.add(pattern);
  return { files: [...search.files.values()], troubles: search.troubles };
}

/** A folder that is still to be listed. */
interface Folder {
  readonly path: string;
  readonly level: number;
  /** Device and inode. */
  readonly id: string;
  readonly within: Folder | null;
}

/** What a search is for. */
interface Wanted {
  readonly least: number;
  readonly most: number;
  readonly matches: (path: string | Buffer) => boolean;
}

/** Holds what was found. */
class Search {
  readonly files = new Map<string, FoundFile>();
  readonly troubles: InputTrouble[] = [];
  private readonly root: string;
  private readonly options: FindOptions;
  private seen = 0;

  constructor(root: string, options: FindOptions) {
    this.root = root;
    this.options = options;
  }

  async add({ base, levels, source }: InputPattern): Promise<void> {
    const matches = source === null ? () => true : pathMatcher(source);
    const wanted: Wanted = { least: levels?.least ?? 0, most: levels?.most ?? Infinity, matches };
    const first = this.take({ path: base, level: 0, within: null }, wanted);
    const left = first === null ? [] : [first];
    for (let folder = left.pop(); folder !== undefined; folder = left.pop()) {
      for (const bytes of this.namesIn(folder)) {
        await this.breathe();
        const inner = this.takeNamed(folder, bytes, wanted);
        if (inner !== null) left.push(inner);
        if (this.files.size > MOST_INPUT_FILES) return;
      }
    }
  }

  private takeNamed(within: Folder, bytes: Buffer, wanted: Wanted): Folder | null {
    const name = bytes.toString('utf8');
    const level = within.level + 1;
    const start = within.path === '.' ? '' : `${within.path === '/' ? '' : within.path}/`;
    if (Buffer.from(name, 'utf8').equals(bytes)) {
      const path = `${start}${name}`;
      return this.options.isOwn(path) ? null : this.take({ path, level, within }, wanted);
    }
    // A folder that is still to be searched may have files that match.
    const isWanted = level >= wanted.least && wanted.matches(Buffer.concat([Buffer.from(start, 'utf8'), bytes]));
    if (isWanted || level < wanted.most)
      this.trouble(`${start}${name}`, `has a name that is not UTF-8 (its bytes: ${bytes.toString('hex')}); rename it`);
    return null;
  }

  /** Keeps a file; returns a folder, whose files are to be found. */
  private take(at: Omit<Folder, 'id'>, { least, most, matches }: Wanted): Folder | null {
    const { path, level, within } = at;
    const place = join(path.startsWith('/') ? '/' : this.root, path);
    const there = followed(place);
    if (there.kind === 'folder') {
      const isSearched = level < most && !this.isLoop(there.id, within, path);
      return isSearched ? { ...at, id: there.id } : null;
    }
    const isWanted = level >= least && matches(path);
    if (isWanted && /[\n\r]/.test(path)) this.trouble(path, 'has a line break in its name; rename it');
    else if (there.kind === 'file') {
      const { bytes, device } = there;
      if (isWanted) this.files.set(path, { path, place: realPathOr(place), bytes, device });
    } else {
      const isTrouble = level === 0 ? there.kind !== 'missing' && (isWanted || there.kind === 'unreadable') : isWanted;
      if (isTrouble) this.trouble(path, wordsOf(there));
    }
    return null;
  }

  private isLoop(id: string, within: Folder | null, path: string): boolean {
    for (let folder = within; folder !== null; folder = folder.within) {
      if (folder.id !== id) continue;
      this.trouble(path, `leads back to ${folder.path}, in which it lies`);
      return true;
    }
    return false;
  }

  private namesIn(folder: Folder): readonly Buffer[] {
    const place = join(folder.path.startsWith('/') ? '/' : this.root, folder.path);
    try {
      return listEntries(place).map(({ name }) => name);
    } catch (error) {
      this.trouble(folder.path, `cannot be listed: ${messageOf(error)}`);
      return [];
    }
  }

  private trouble(path: string, what: string): void {
    if (this.troubles.length < MOST_TROUBLES) this.troubles.push({ path, what });
  }

  private async breathe(): Promise<void> {
    this.seen += 1;
    if (this.seen % SLICE !== 0) return;
    await new Promise(setImmediate);
    this.options.signal?.throwIfAborted();
  }
}

function wordsOf(there: Exclude<Followed, { readonly kind: 'file' } | { readonly kind: 'folder' }>): string {
  switch (there.kind) {
    case 'missing':
      return 'is a symbolic link that leads nowhere';
    case 'other':
      return `is ${there.what}, and no file`;
    case 'unreadable':
      return `cannot be read: ${there.reason}`;
  }
}
