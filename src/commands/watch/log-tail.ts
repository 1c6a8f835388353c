import { TextDecoder } from 'node:util';
import type { GrowingFile } from '../../platform/growing-file.ts';
import { FRESH, nextText, type TerminalState, unfinished } from '../../platform/terminal/text.ts';

/** The last lines of the logs of a run, as a terminal would show them, in the order in which they came. */

const MOST_LINES = 1000;
const MOST_FIRST_BYTES = 128 * 1024;
const MOST_BYTES = 1024 * 1024;
const MOST_CHARACTERS = 2000;
const LF = 10;

interface Followed {
  readonly file: GrowingFile;
  decoder: TextDecoder;
  state: TerminalState;
  offset: number;
}

export class LogTail {
  private readonly logs: readonly Followed[];
  private lines: string[] = [];
  /** The one that was written last: its unfinished line is seen. */
  private last: Followed | null = null;

  /** What was written first comes first. */
  constructor(files: readonly GrowingFile[]) {
    this.logs = [...files]
      .sort((one, other) => (one.modifiedMs() ?? 0) - (other.modifiedMs() ?? 0))
      .map((file) => ({ file, ...begun(), offset: startOf(file) }));
  }

  /** Returns whether there is anything new. */
  read(): boolean {
    return this.logs.map((log) => this.readOne(log)).some((news) => news);
  }

  text(): readonly string[] {
    const open = this.last === null ? '' : unfinished(this.last.state, false, MOST_CHARACTERS);
    return open === '' ? this.lines : [...this.lines, plain(open)];
  }

  /** Milliseconds since 1970; null if there is no log. */
  writtenMs(): number | null {
    const times = this.logs.map(({ file }) => file.modifiedMs() ?? 0);
    return Math.max(0, ...times) || null;
  }

  close(): void {
    for (const { file } of this.logs) file.close();
  }

  private readOne(log: Followed): boolean {
    if (log.file.reopen(log.offset) !== 'same') Object.assign(log, begun(), { offset: 0 });
    // A log that grows faster than this is not read as a whole: its end is what is looked at.
    const over = log.file.size() - log.offset - MOST_BYTES;
    if (over > 0) Object.assign(log, begun(), { offset: startOf(log.file) });
    const bytes = log.file.read(log.offset, MOST_BYTES);
    if (bytes.length === 0) return false;
    log.offset += bytes.length;
    const step = nextText(log.state, log.decoder.decode(bytes, { stream: true }), false);
    log.state = step.state;
    this.last = log;
    if (step.text !== '') {
      const fresh = step.text.slice(0, -1).split('\n').slice(-MOST_LINES).map(plain);
      this.lines = [...this.lines, ...fresh].slice(-MOST_LINES);
    }
    return true;
  }
}

function begun(): Pick<Followed, 'decoder' | 'state'> {
  return { decoder: new TextDecoder('utf-8', { ignoreBOM: true }), state: FRESH };
}

/** A line begins there, unless lines are very long. */
function startOf(file: GrowingFile): number {
  const from = Math.max(0, file.size() - MOST_FIRST_BYTES);
  return from === 0 ? 0 : from + file.read(from, MOST_FIRST_BYTES / 2).indexOf(LF) + 1;
}

const TAB = 8;

function plain(line: string): string {
  const text = line.slice(0, MOST_CHARACTERS);
  if (!text.includes('\t')) return text;
  return text
    .split('\t')
    .reduce((before, part) => `${before}${' '.repeat(TAB - (Array.from(before).length % TAB))}${part}`);
}
