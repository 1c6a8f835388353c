import { startOfLast } from './last-lines.ts';
import { LineFilter } from './line-filter.ts';
import type { LineMatcher } from './line-matcher.ts';
import { type Log, type LogStream, PIECE_BYTES } from './log.ts';
import { LogEnd, MOST_COLLECTED_BYTES } from './log-end.ts';

/** What `logs` emits: a piece of a log, or something worth knowing. */
export type LogEvent = LogChunk | { readonly type: 'note'; readonly message: string };

export interface LogChunk {
  readonly type: 'log';
  readonly stream: LogStream;
  /** The log's path, relative to the run's folder. */
  readonly file: string;
  /** As the run wrote them; a character may be split between two chunks. */
  readonly bytes: Uint8Array;
  /** All that there was of the log has come. */
  readonly caughtUp: boolean;
}

/** What is in the result of one log. */
export interface LogFile {
  readonly stream: LogStream;
  /** Relative to the run's folder. */
  readonly path: string;
  /** Size of the log when it was last read. */
  readonly bytes: number;
  /** The text begins at this byte of the log; null if it has only lines that match. */
  readonly from: number | null;
  /** The text lacks the beginning of what was asked for: a result has at most 4 MiB of each log. */
  readonly cut: boolean;
  /** False if bytes that are not UTF-8 are shown as U+FFFD. */
  readonly valid_utf8: boolean;
  /** With `grep`: how many lines match, those that were cut off included; else null. */
  readonly matches: number | null;
}

/** Gives a piece away, and returns when there is room for another. */
export type Give = (event: LogEvent) => unknown;

export interface Asked {
  readonly matcher: LineMatcher | null;
  readonly lines: number | null;
  readonly collect: boolean;
  readonly give: Give;
  readonly signal: AbortSignal;
}

/** One log, as far as it was read. */
export class LogReading {
  readonly log: Log;
  private readonly asked: Asked;
  private readonly filter: LineFilter | null;
  private readonly collected: LogEnd | null;
  private told: string | null = null;
  private from = 0;
  private size = 0;

  constructor(log: Log, asked: Asked) {
    this.log = log;
    this.asked = asked;
    this.filter = asked.matcher === null ? null : new LineFilter(asked.matcher);
    this.collected = asked.collect ? new LogEnd() : null;
  }

  /** Begins at that offset, or at the last lines after it. */
  async begin(from: number, end: number): Promise<void> {
    const { matcher, lines } = this.asked;
    const last = lines === null ? 0 : await startOfLast(this.log, end, lines, matcher);
    this.from = Math.max(from, last);
    this.log.offset = this.from;
  }

  /** Gives away what there is now. A file that grows faster than it is read does not keep this busy for ever. */
  async readOn(): Promise<void> {
    const end = await this.log.size();
    while (this.log.offset < end && !this.asked.signal.aborted) {
      const bytes = await this.log.read(this.log.offset, PIECE_BYTES);
      if (bytes.length === 0) break;
      this.log.offset += bytes.length;
      await this.give(this.filter?.push(bytes) ?? bytes, this.log.offset >= end);
    }
    this.size = Math.max(end, this.log.offset);
    await this.tellTrouble();
  }

  private async tellTrouble(): Promise<void> {
    const { trouble, name } = this.log;
    if (trouble !== null && trouble !== this.told)
      await this.asked.give({
        type: 'note',
        message: `${name} is longer; the rest could not be read on the remote host: ${trouble}`,
      });
    this.told = trouble;
  }

  /** The same again, for a log that may have been cut or replaced. */
  async readNews(): Promise<void> {
    // What the old file still got comes first.
    await this.readOn();
    await this.lookAgain();
    await this.readOn();
  }

  /** A log that was cut or replaced is read from its beginning. */
  private async lookAgain(): Promise<void> {
    const change = this.log.lookAgain();
    if (change === null) return;
    this.filter?.forget();
    this.collected?.clear();
    this.from = 0;
    await this.asked.give({
      type: 'note',
      message: `${this.log.name} was ${change === 'cut' ? 'truncated' : 'replaced'}; printing it from its beginning.`,
    });
  }

  /** No more is read. */
  async end(): Promise<void> {
    if (this.filter !== null) await this.give(this.filter.end(), true);
  }

  facts(): { readonly file: LogFile; readonly text: string } {
    const { text, left, isUtf8 } = this.collected?.end() ?? { text: '', left: 0, isUtf8: true };
    const file: LogFile = {
      stream: this.log.stream,
      path: this.log.name,
      bytes: this.size,
      from: this.filter === null ? this.from + left : null,
      cut: left > 0,
      valid_utf8: isUtf8,
      matches: this.filter?.matches ?? null,
    };
    return { file, text };
  }

  private async give(bytes: Buffer, caughtUp: boolean): Promise<void> {
    if (bytes.length === 0) return;
    this.collected?.add(bytes);
    await this.asked.give({ type: 'log', stream: this.log.stream, file: this.log.name, bytes, caughtUp });
  }
}

/** In words; null if the result has all that was asked for. */
export function cutWords(files: readonly LogFile[]): string | null {
  const cut = files.filter((file) => file.cut).map(({ path, bytes }) => `${path} (${bytes} bytes)`);
  return cut.length === 0
    ? null
    : `Only the last ${MOST_COLLECTED_BYTES / 1024 / 1024} MiB are here of ${cut.join(' and ')}.`;
}
