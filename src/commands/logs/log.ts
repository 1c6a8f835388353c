import type { LogSource, OpenLog } from '../../sites/log-source.ts';

/** `out` and `err` are what the run printed, `driver` is autolab's own log of it. */
export type LogStream = 'out' | 'err' | 'driver';

/** The most that is read, and shown, at once. */
export const PIECE_BYTES = 256 * 1024;

/** One log of a run, wherever it is: read in bounded pieces. */
export class Log {
  readonly stream: LogStream;
  /** Read up to here. */
  offset = 0;
  private readonly place: () => string;
  private readonly folder: string;
  private readonly openAt: OpenLog;
  private path: string;
  private source: LogSource;

  /** `place` answers where the log is: a job's log has the job's id, which it may get later. */
  constructor(stream: LogStream, folder: string, place: () => string, openAt: OpenLog) {
    this.stream = stream;
    this.folder = folder;
    this.place = place;
    this.openAt = openAt;
    this.path = place();
    this.source = openAt(this.path);
  }

  /** Why what follows could not be read from the run's host; null if it could. */
  get trouble(): string | null {
    return this.source.trouble();
  }

  /** Relative to the run's folder. */
  get name(): string {
    return this.path.slice(this.folder.length + 1);
  }

  async size(): Promise<number> {
    return this.source.size();
  }

  async read(offset: number, most: number): Promise<Buffer> {
    return this.source.read(offset, most);
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
    return this.source.modifiedMs();
  }

  /** Looks again where the log is, and whether it is the one that was read. Returns why it is read from its beginning, or null. */
  lookAgain(): 'cut' | 'replaced' | null {
    if (this.offset === 0) {
      this.source.close();
      this.path = this.place();
      this.source = this.openAt(this.path);
    }
    const change = this.source.reopen(this.offset);
    if (change === 'same') return null;
    this.offset = 0;
    return change;
  }

  close(): void {
    this.source.close();
  }
}
