import { closeSync, openSync } from 'node:fs';
import { writeAll } from './files.ts';

/** A log of a program that may print without an end: its first and its last part. */

const MOST_FIRST = 8 * 1024 * 1024;
const MOST_LAST = 1024 * 1024;

export class BoundedLog {
  bytes = 0;
  private handle: number | null;
  private last: Buffer[] = [];
  private lastBytes = 0;

  constructor(path: string) {
    this.handle = openSync(path, 'w', 0o666);
  }

  add(chunk: Buffer): void {
    const room = Math.max(0, MOST_FIRST - this.bytes);
    this.bytes += chunk.length;
    this.write(chunk.subarray(0, room));
    const rest = chunk.subarray(room);
    if (rest.length === 0) return;
    this.last.push(Buffer.from(rest));
    this.lastBytes += rest.length;
    while (this.lastBytes - (this.last[0]?.length ?? 0) >= MOST_LAST) this.lastBytes -= this.last.shift()?.length ?? 0;
  }

  close(): void {
    const kept = Buffer.concat(this.last).subarray(-MOST_LAST);
    const gone = this.bytes - MOST_FIRST - kept.length;
    if (gone > 0) this.write(Buffer.from(`\n[autolab: ${gone} bytes were not kept]\n`));
    this.write(kept);
    if (this.handle !== null) closeSync(this.handle);
    this.handle = null;
  }

  /** A full disk ends the log, and not the agent. */
  private write(bytes: Uint8Array): void {
    if (this.handle === null || bytes.length === 0) return;
    try {
      writeAll(this.handle, bytes);
    } catch {
      closeSync(this.handle);
      this.handle = null;
    }
  }
}
