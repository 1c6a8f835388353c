import { closeSync, fstatSync, readSync } from 'node:fs';
import { openFile } from './files.ts';

/**
 * A file that another program writes: read in bounded pieces, and followed if it appears late, is cut, or gives its name
 * to another file.
 */
export class GrowingFile {
  private path: string;
  private readonly mayOpen: () => boolean;
  private handle: number | null = null;

  /** `mayOpen` is asked each time before the file is opened; if it may not be, there is no file. */
  constructor(path: string, mayOpen: () => boolean = () => true) {
    this.path = path;
    this.mayOpen = mayOpen;
  }

  /** In bytes; 0 if there is no file. */
  size(): number {
    const handle = this.open();
    return handle === null ? 0 : fstatSync(handle).size;
  }

  /** At most that many bytes from the offset on; empty at the end. */
  read(offset: number, most: number): Buffer {
    const handle = this.open();
    if (handle === null) return Buffer.alloc(0);
    const buffer = Buffer.allocUnsafe(Math.min(most, Math.max(0, fstatSync(handle).size - offset)));
    return buffer.subarray(0, readSync(handle, buffer, 0, buffer.length, offset));
  }

  /** Null if there is no file. Milliseconds since 1970. */
  modifiedMs(): number | null {
    const handle = this.open();
    return handle === null ? null : fstatSync(handle).mtimeMs;
  }

  /**
   * Opens the file again, which is how a network file system comes to know that it has grown, and says what became of
   * it since it was read up to `offset`. After `replaced` and `cut` it is to be read from its beginning.
   */
  reopen(offset: number): 'same' | 'cut' | 'replaced' {
    const old = this.handle;
    this.handle = null;
    const fresh = this.open();
    // A file that was moved away may still grow.
    if (fresh === null || old === null) {
      this.handle = fresh ?? old;
      return 'same';
    }
    const [was, is] = [fstatSync(old), fstatSync(fresh)];
    closeSync(old);
    if (was.ino !== is.ino || was.dev !== is.dev) return 'replaced';
    return is.size < offset ? 'cut' : 'same';
  }

  close(): void {
    if (this.handle !== null) closeSync(this.handle);
    this.handle = null;
  }

  private open(): number | null {
    if (this.handle !== null) return this.handle;
    if (!this.mayOpen()) return null;
    try {
      this.handle = openFile(this.path);
    } catch {
      return null;
    }
    return this.handle;
  }
}
