import { sha256 } from '../platform/ids.ts';
import { canonicalLine } from './canonical.ts';

/** The journal's format: one JSON object a line, each chained to the bytes of the line before. Pure. */

export const FIRST_PREV = '0'.repeat(64);
/** Every change of shape raises it; a run keeps the format that it was opened with. */
export const JOURNAL_FORMAT = 5;

export interface JournalEntry {
  readonly seq: number;
  readonly at: string;
  /** Token of the driver that wrote it. */
  readonly driver: string;
  /** Epoch of that driver's lease. */
  readonly epoch: number;
  readonly step: string;
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly prev: string;
}

export interface JournalHead {
  readonly lines: number;
  /** SHA-256 of the last line's bytes without its LF; FIRST_PREV when there is none. */
  readonly head: string;
}

export function formatEntry(entry: JournalEntry): string {
  return canonicalLine(entry);
}

export type JournalRead =
  | {
      readonly kind: 'intact';
      readonly entries: readonly JournalEntry[];
      readonly head: JournalHead;
      readonly torn: string | null;
    }
  | { readonly kind: 'corrupt'; readonly line: number; readonly reason: string };

/**
 * Reads a journal and checks its chain. `torn` is what stands after the last LF: a line that a crash cut short; the
 * writer truncates it. A break anywhere else is never repaired: the journal is evidence.
 */
export function parseJournal(text: string): JournalRead {
  const entries: JournalEntry[] = [];
  let prev = FIRST_PREV;
  let start = 0;
  for (;;) {
    const end = text.indexOf('\n', start);
    if (end < 0) break;
    const line = text.slice(start, end);
    const number = entries.length + 1;
    const entry = parseEntry(line);
    if (typeof entry === 'string') return { kind: 'corrupt', line: number, reason: entry };
    if (entry.seq !== number)
      return { kind: 'corrupt', line: number, reason: `seq is ${entry.seq}, expected ${number}` };
    if (entry.prev !== prev)
      return { kind: 'corrupt', line: number, reason: 'prev is not the digest of the line before' };
    prev = sha256(line);
    entries.push(entry);
    start = end + 1;
  }
  const rest = text.slice(start);
  return { kind: 'intact', entries, head: { lines: entries.length, head: prev }, torn: rest === '' ? null : rest };
}

function parseEntry(line: string): JournalEntry | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return 'the line is not JSON';
  }
  return isEntry(value) ? value : 'the line is not a journal entry';
}

function isEntry(value: unknown): value is JournalEntry {
  if (typeof value !== 'object' || value === null) return false;
  const entry = value as Record<string, unknown>;
  return (
    typeof entry['seq'] === 'number' &&
    typeof entry['at'] === 'string' &&
    typeof entry['driver'] === 'string' &&
    typeof entry['epoch'] === 'number' &&
    typeof entry['step'] === 'string' &&
    typeof entry['event'] === 'string' &&
    typeof entry['prev'] === 'string' &&
    typeof entry['data'] === 'object' &&
    entry['data'] !== null
  );
}

/**
 * Whether a journal's last whole line closes the run, from the end of its text alone: keys are sorted and `data` comes
 * before `event`, and inside a JSON string the quotes would be escaped.
 */
export function tailIsClosed(tail: string): boolean {
  return (
    tail.endsWith('\n') && /,"event":"run\.closed","prev":"[0-9a-f]{64}","seq":\d+,"step":"[a-z_-]+"\}\n$/.test(tail)
  );
}
