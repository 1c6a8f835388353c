import { GrowingFile } from '../../platform/growing-file.ts';
import type { ReadLog } from '../../sites/news.ts';
import type { LogPiece } from '../../sites/run-folder.ts';

/** `out` and `err` are what the run printed, `driver` is autolab's own log of it. */
export type LogStream = 'out' | 'err' | 'driver';

/** The most that is read, and shown, at once. */
export const PIECE_BYTES = 256 * 1024;

/** One log of a run, wherever it is: read in bounded pieces. */
export class Log {
  readonly stream: LogStream;
  /** Read up to here. */
  offset = 0;
  /** Why what follows could not be read from the run's host; null if it could. */
  trouble: string | null = null;
  private readonly place: () => string;
  private readonly folder: string;
  private readonly far: ReadLog | null;
  private path: string;
  private file: GrowingFile;

  /** `place` answers where the log is: a job's log has the job's id, which it may get later. `far`: of a run elsewhere. */
  constructor(stream: LogStream, folder: string, place: () => string, far: ReadLog | null) {
    this.stream = stream;
    this.folder = folder;
    this.place = place;
    this.far = far;
    this.path = place();
    this.file = new GrowingFile(this.path);
  }

  /** Relative to the run's folder. */
  get name(): string {
    return this.path.slice(this.folder.length + 1);
  }

  async size(): Promise<number> {
    return this.far === null ? this.file.size() : (await this.askFar(this.far, 0, 0)).size;
  }

  async read(offset: number, most: number): Promise<Buffer> {
    return this.far === null ? this.file.read(offset, most) : (await this.askFar(this.far, offset, most)).bytes;
  }

  /** Exactly these bytes, or fewer if the file has become shorter. */
  async readAll(offset: number, length: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for (let at = offset; at < offset + length;) {
      const piece = await this.read(at, offset + length - at);
      if (piece.length === 0) break;
      pieces.push(piece);
      at += piece.length;
    }
    return Buffer.concat(pieces);
  }

  /** When the file here was last written; null if that says nothing about the run. */
  modifiedMs(): number | null {
    return this.far === null ? this.file.modifiedMs() : null;
  }

  /** Looks again where the log is, and whether it is the one that was read. Returns why it is read from its beginning, or null. */
  lookAgain(): 'cut' | 'replaced' | null {
    if (this.offset === 0) {
      this.file.close();
      this.path = this.place();
      this.file = new GrowingFile(this.path);
    }
    // The file here is only a mirror, which what is brought back replaces and continues.
    const change = this.far === null ? this.file.reopen(this.offset) : 'same';
    if (change === 'same') return null;
    this.offset = 0;
    return change;
  }

  close(): void {
    this.file.close();
  }

  private async askFar(far: ReadLog, offset: number, most: number): Promise<LogPiece> {
    const piece = await far(this.path, offset, most);
    this.trouble = piece.lost;
    return piece;
  }
}
