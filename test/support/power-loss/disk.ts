import { dirname } from 'node:path';
import { type Change, type Named, type Operation, pathsOf } from './operations.ts';

/**
 * A disk that may lose its power. What POSIX promises, and no more, so that ext4, XFS and NFS all promise more:
 *
 * - A file's bytes are safe once the file was flushed. Of what was written since, the disk has the beginning: none of
 *   it, some writes, part of a write, or all, and zeros in the place of bytes that did not arrive.
 * - A name is safe once its folder was flushed: made, linked, renamed, removed. Of what happened to names since, any
 *   part may be there, in any order, but for one rule: what happened to a name happened in order, and a rename is whole.
 * - Flushing a file says nothing about its names, nor flushing a folder about its own name in the folder above.
 * - A flush covers what was over when it began.
 */

interface FileNode {
  readonly kind: 'file';
  readonly id: number;
  mode: number;
  safe: Buffer;
  now: Buffer;
  pending: { readonly seq: number; readonly change: BytesChange }[];
}

interface FolderNode {
  readonly kind: 'folder';
  readonly id: number;
  mode: number;
  readonly safe: Map<string, DiskNode>;
  readonly now: Map<string, DiskNode>;
}

interface LinkNode {
  readonly kind: 'symlink';
  readonly id: number;
  readonly target: string;
}

type DiskNode = FileNode | FolderNode | LinkNode;

type BytesChange =
  | { readonly kind: 'write'; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'cut'; readonly size: number };

/** A change of one or two names, which is made as a whole. */
interface NamesChange {
  readonly seq: number;
  readonly parts: readonly { readonly folder: FolderNode; readonly name: string; readonly node: DiskNode | null }[];
}

/** What is at a path: for files, equal ids are names of the same file. */
export type There =
  | { readonly kind: 'file'; readonly id: number; readonly mode: number; readonly bytes: Buffer }
  | { readonly kind: 'folder'; readonly mode: number }
  | { readonly kind: 'symlink'; readonly target: string };

export type Tree = ReadonlyMap<string, There>;

/** What the disk had of the things that were not flushed. */
export interface Choice {
  /** Whether this change of names had arrived; asked from the first to the last. */
  readonly names: () => boolean;
  /** How many of so many changes of a file's bytes had arrived, and how much of the next one: from 0 to 1. */
  readonly bytes: (count: number) => { readonly whole: number; readonly part: number; readonly zeros: boolean };
}

function changed(bytes: Buffer, change: BytesChange): Buffer {
  const size = change.kind === 'cut' ? change.size : Math.max(bytes.length, change.at + change.bytes.length);
  const result = Buffer.alloc(size);
  bytes.copy(result, 0, 0, Math.min(bytes.length, size));
  if (change.kind === 'write') change.bytes.copy(result, change.at);
  return result;
}

export class Disk {
  private readonly root: FolderNode;
  private readonly rootPath: string;
  private readonly removed = new Map<string, DiskNode>();
  private names: NamesChange[] = [];
  private count = 0;
  private ids = 0;

  /** With everything of `tree` on it, safely; its paths are relative to the root, which is absolute. */
  constructor(rootPath: string, tree: Tree = new Map()) {
    this.rootPath = rootPath;
    this.root = this.newFolder(0o755);
    const files = new Map<number, DiskNode>();
    for (const [path, there] of tree) {
      const node = (there.kind === 'file' ? files.get(there.id) : undefined) ?? this.nodeFor(there);
      if (there.kind === 'file') files.set(there.id, node);
      const folder = this.at(dirname(`${rootPath}/${path}`));
      if (folder?.kind !== 'folder') throw new Error(`${path} comes before its folder`);
      const name = path.slice(path.lastIndexOf('/') + 1);
      folder.safe.set(name, node);
      folder.now.set(name, node);
    }
  }

  private nodeFor(there: There): DiskNode {
    const id = (this.ids += 1);
    if (there.kind === 'folder') return this.newFolder(there.mode);
    if (there.kind === 'symlink') return { ...there, id };
    return { kind: 'file', id, mode: there.mode, safe: there.bytes, now: there.bytes, pending: [] };
  }

  private newFolder(mode: number): FolderNode {
    return { kind: 'folder', id: (this.ids += 1), mode, safe: new Map(), now: new Map() };
  }

  private at(path: string): DiskNode | undefined {
    let node: DiskNode | undefined = this.root;
    for (const name of path
      .slice(this.rootPath.length)
      .split('/')
      .filter((part) => part !== ''))
      node = node?.kind === 'folder' ? node.now.get(name) : undefined;
    return node;
  }

  private fileAt({ path, removed }: Named): DiskNode {
    const node = removed === true ? this.removed.get(path) : this.at(path);
    if (node === undefined) throw new Error(`nothing is known of ${path}`);
    return node;
  }

  private place(path: string): { readonly folder: FolderNode; readonly name: string } {
    const folder = this.at(dirname(path));
    if (folder?.kind !== 'folder') throw new Error(`no folder is known for ${path}`);
    return { folder, name: path.slice(path.lastIndexOf('/') + 1) };
  }

  private setNames(changes: readonly (readonly [string, DiskNode | null])[]): void {
    const parts = changes.map(([path, node]) => ({ ...this.place(path), node }));
    for (const [index, { folder, name, node }] of parts.entries()) {
      const before = folder.now.get(name);
      const [path = ''] = changes[index] ?? [];
      if (before !== undefined) this.removed.set(path, before);
      if (node === null) folder.now.delete(name);
      else folder.now.set(name, node);
    }
    this.names.push({ seq: this.count, parts });
  }

  private setBytes(file: Named, change: (size: number) => BytesChange): void {
    const node = this.fileAt(file);
    if (node.kind !== 'file') throw new Error(`${file.path} is no file`);
    const made = change(node.now.length);
    node.pending.push({ seq: this.count, change: made });
    node.now = changed(node.now, made);
  }

  /** What is not below the root is on another disk. */
  do(operation: Operation): void {
    const { rootPath } = this;
    if (pathsOf(operation).every((path) => path === rootPath || path.startsWith(`${rootPath}/`)))
      this.change(operation, operation.begun);
    this.count += 1;
  }

  private change(change: Change, begun: number): void {
    if (change.kind === 'open') this.open(change);
    else if (change.kind === 'folder') this.setNames([[change.path, this.newFolder(change.mode)]]);
    else if (change.kind === 'symlink') this.setNames([[change.path, this.nodeFor(change)]]);
    else if (change.kind === 'write')
      this.setBytes(change.file, (size) => ({ kind: 'write', at: change.at ?? size, bytes: change.bytes }));
    else if (change.kind === 'cut') this.setBytes(change.file, () => ({ kind: 'cut', size: change.size }));
    else if (change.kind === 'mode') this.setMode(change);
    else if (change.kind === 'link') this.setNames([[change.to, this.fileAt(change)]]);
    else if (change.kind === 'rename') this.rename(change);
    else if (change.kind === 'remove') this.setNames([[change.path, null]]);
    else if (change.kind === 'flush') this.flush(this.fileAt(change.file), begun);
    else if (change.kind === 'flush all') this.flushAll(begun);
    else throw new Error(`nothing is known of ${change.path}`);
  }

  private setMode({ file, mode }: Extract<Change, { kind: 'mode' }>): void {
    const node = this.fileAt(file);
    if (node.kind !== 'symlink') node.mode = mode;
  }

  private open({ path, mode, cut }: Extract<Change, { kind: 'open' }>): void {
    if (this.at(path) === undefined)
      this.setNames([[path, this.nodeFor({ kind: 'file', id: 0, mode, bytes: Buffer.alloc(0) })]]);
    else if (cut) this.setBytes({ path }, () => ({ kind: 'cut', size: 0 }));
  }

  private rename({ path, to }: { readonly path: string; readonly to: string }): void {
    const node = this.fileAt({ path });
    // Two names of one file: the call does nothing.
    if (this.at(to) === node) return;
    this.setNames([
      [to, node],
      [path, null],
    ]);
  }

  private flush(node: DiskNode, begun: number): void {
    if (node.kind === 'file') {
      for (const { seq, change } of node.pending) if (seq < begun) node.safe = changed(node.safe, change);
      node.pending = node.pending.filter(({ seq }) => seq >= begun);
      return;
    }
    if (node.kind === 'folder')
      this.arrive(({ seq, parts }) => seq < begun && parts.some(({ folder }) => folder === node));
  }

  private flushAll(begun: number): void {
    this.arrive(({ seq }) => seq < begun);
    const flushFiles = (folder: FolderNode): void => {
      for (const node of folder.now.values())
        if (node.kind === 'folder') flushFiles(node);
        else this.flush(node, begun);
    };
    flushFiles(this.root);
  }

  /** Changes of names that arrive take with them what happened to the same names before. */
  private arrive(wanted: (change: NamesChange) => boolean): void {
    const arrived = this.closed(this.names.filter(wanted));
    for (const { parts } of this.names.filter((change) => arrived.has(change)))
      for (const { folder, name, node } of parts) put(folder.safe, name, node);
    this.names = this.names.filter((change) => !arrived.has(change));
  }

  private closed(wanted: readonly NamesChange[]): ReadonlySet<NamesChange> {
    const arrived = new Set(wanted);
    for (const later of [...this.names].reverse()) {
      if (!arrived.has(later)) continue;
      for (const earlier of this.names) if (earlier.seq < later.seq && shareName(earlier, later)) arrived.add(earlier);
    }
    return arrived;
  }

  /** How much a crash could lose now. */
  get unsafe(): number {
    return this.names.length;
  }

  /** What is on the disk if the power fails now; paths relative to the root, folders before what is in them. */
  after(choice: Choice): Tree {
    const arrived = this.closed(this.names.filter(() => choice.names()));
    const entries = new Map<FolderNode, Map<string, DiskNode>>();
    for (const { parts } of this.names.filter((change) => arrived.has(change)))
      for (const { folder, name, node } of parts) {
        const own = entries.get(folder) ?? new Map(folder.safe);
        entries.set(folder, own);
        put(own, name, node);
      }
    const files = new Map<FileNode, There>();
    const tree = new Map<string, There>();
    const visit = (folder: FolderNode, prefix: string): void => {
      for (const [name, node] of [...(entries.get(folder) ?? folder.safe)].sort(([a], [b]) => (a < b ? -1 : 1))) {
        const path = `${prefix}${name}`;
        if (node.kind === 'file') {
          const there = files.get(node) ?? {
            kind: 'file',
            id: node.id,
            mode: node.mode,
            bytes: bytesAfter(node, choice),
          };
          files.set(node, there);
          tree.set(path, there);
        } else if (node.kind === 'symlink') tree.set(path, { kind: 'symlink', target: node.target });
        else {
          tree.set(path, { kind: 'folder', mode: node.mode });
          visit(node, `${path}/`);
        }
      }
    };
    visit(this.root, '');
    return tree;
  }
}

function put(entries: Map<string, DiskNode>, name: string, node: DiskNode | null): void {
  if (node === null) entries.delete(name);
  else entries.set(name, node);
}

function shareName(one: NamesChange, other: NamesChange): boolean {
  return one.parts.some(({ folder, name }) => other.parts.some((part) => part.folder === folder && part.name === name));
}

function bytesAfter({ safe, pending }: FileNode, choice: Choice): Buffer {
  if (pending.length === 0) return safe;
  const { whole, part, zeros } = choice.bytes(pending.length);
  let bytes = safe;
  for (const { change } of pending.slice(0, whole)) bytes = changed(bytes, change);
  const next = pending[whole]?.change;
  if (next?.kind !== 'write' || part === 0) return bytes;
  const arrived = Math.floor(next.bytes.length * part);
  const torn = zeros
    ? Buffer.concat([next.bytes.subarray(0, arrived), Buffer.alloc(next.bytes.length - arrived)])
    : next.bytes.subarray(0, arrived);
  return changed(bytes, { kind: 'write', at: next.at, bytes: torn });
}
