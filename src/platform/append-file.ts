import {
  type BigIntStats,
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { realPathOr, removeIfThere, syncFolder, writeAll, writeFileAtomic } from './files.ts';
import { temporaryFor } from './temporary-name.ts';

/** A copy made of hard links (`cp -al`) would get the new lines, too. */
function ownFile(path: string): void {
  const stats = statSync(path);
  if (stats.isFile() && stats.nlink > 1) writeFileAtomic(realPathOr(path), readFileSync(path), stats.mode & 0o777);
}

/** An append-only file: every line is durable before the call returns. */
export class AppendFile {
  private readonly path: string;
  private readonly handle: number;
  private left: BigIntStats;

  private constructor(path: string, handle: number) {
    this.path = path;
    this.handle = handle;
    this.left = fstatSync(handle, { bigint: true });
  }

  static open(path: string): AppendFile {
    const isNew = !existsSync(path);
    if (!isNew) ownFile(path);
    const file = new AppendFile(path, openSync(path, 'a', 0o666));
    if (isNew) syncFolder(dirname(path));
    return file;
  }

  /** A new file with this text, in the place of whatever is there. Nothing waits for the disk. */
  static replacing(path: string, text: string): AppendFile {
    const temporary = temporaryFor(path);
    const file = new AppendFile(path, openSync(temporary, 'ax', 0o666));
    try {
      file.append(text, false);
      renameSync(temporary, path);
      return file;
    } catch (error) {
      file.close();
      removeIfThere(temporary);
      throw error;
    }
  }

  append(text: string, sync = true): void {
    try {
      writeAll(this.handle, text);
      if (sync) fsyncSync(this.handle);
    } catch (error) {
      this.takeBack(Buffer.byteLength(text));
      throw error;
    }
    const after = fstatSync(this.handle, { bigint: true });
    // Another process wrote to it or cut it just now: its present state is not recorded as ours.
    if (after.size === this.left.size + BigInt(Buffer.byteLength(text))) this.left = after;
  }

  /** Removes the part of a line that a full disk accepted: it would look like damage by another program. */
  private takeBack(most: number): void {
    try {
      const grown = fstatSync(this.handle, { bigint: true }).size - this.left.size;
      if (grown < 0n || grown > BigInt(most)) return;
      if (grown > 0n) ftruncateSync(this.handle, Number(this.left.size));
      this.remember();
    } catch {
      // The next process that opens the file finds an incomplete line and truncates it.
    }
  }

  /** Records the file's present state as the one this process left. */
  remember(): void {
    this.left = fstatSync(this.handle, { bigint: true });
  }

  /**
   * How the file changed since the last append, by two system calls. `touched` may be only a new time stamp: the
   * kernel's own (ctime), which changes with every write and cannot be set back.
   */
  sinceLeft(): 'as left' | 'touched' | 'replaced' | 'gone' {
    const there = statSync(this.path, { bigint: true, throwIfNoEntry: false });
    if (there === undefined) return 'gone';
    if (there.ino !== this.left.ino || there.dev !== this.left.dev) return 'replaced';
    return there.size === this.left.size && there.ctimeNs === this.left.ctimeNs ? 'as left' : 'touched';
  }

  close(): void {
    closeSync(this.handle);
  }
}
