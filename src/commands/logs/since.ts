import { basename } from 'node:path';
import type { RunView } from '../../records/run-view.ts';
import { SIZES_EVERY_MS } from '../../run/log-sizes.ts';
import { startOfLast } from './last-lines.ts';
import { linesIn } from './lines.ts';
import { type Log, PIECE_BYTES } from './log.ts';

/**
 * What was written since a time. Lines of a run have no times. What is known is when its log cannot have had any yet,
 * when it was complete, and how long it was when a driver looked. autolab's own log has a time in every line.
 */
export type Since =
  | {
      readonly kind: 'from';
      readonly offset: number;
      /** The time up to which lines before it were written, if that is a little earlier; else null. */
      readonly known: string | null;
    }
  /** Some lines are older and some are not, and it is unknown which. */
  | { readonly kind: 'unknown'; readonly begun: string; readonly written: string };

/** The clock of a file system is coarse, and may be that of another host. */
const CLOCKS_DIFFER_MS = 2_000;
/** A size that was known this long before is near enough. */
const NEAR_MS = 2 * SIZES_EVERY_MS;

export async function startSince(log: Log, driver: Log, sinceMs: number, view: RunView | null): Promise<Since> {
  const from = (offset: number, known: string | null = null): Since => ({ kind: 'from', offset, known });
  const end = await log.size();
  if (end === 0) return from(0);
  if (log.stream === 'driver') return from(await startOfTimedLines(log, sinceMs));
  if (view !== null && Date.parse(view.openedAt) >= sinceMs) return from(0);
  const modifiedMs = log.modifiedMs();
  const writtenMs = Math.min(
    closedMs(view) ?? Infinity,
    modifiedMs === null ? Infinity : modifiedMs + CLOCKS_DIFFER_MS,
  );
  if (writtenMs < sinceMs) return from(end);
  const size = await sizeAt(driver, basename(log.name), sinceMs);
  // A log that has become shorter was written anew.
  if (size !== null && size.bytes <= end) return from(await startOfLine(log, size.bytes), size.at);
  return {
    kind: 'unknown',
    begun: view?.openedAt ?? 'an unknown time',
    written: modifiedMs === null ? 'later' : `at ${new Date(modifiedMs).toISOString()}`,
  };
}

function closedMs(view: RunView | null): number | null {
  const at = view?.closed?.at;
  return at === undefined ? null : Date.parse(at);
}

/** A size may be that of half a line. */
async function startOfLine(log: Log, offset: number): Promise<number> {
  if (offset === 0 || (await log.readAll(offset - 1, 1))[0] === 10) return offset;
  return startOfLast(log, offset, 1, null);
}

async function startOfTimedLines(log: Log, sinceMs: number): Promise<number> {
  for await (const line of timedLines(log)) if (line.ms >= sinceMs) return line.offset;
  return log.size();
}

/** The size at that time, or a little earlier; null if no driver looked then. */
async function sizeAt(
  driver: Log,
  name: string,
  sinceMs: number,
): Promise<{ readonly bytes: number; readonly at: string } | null> {
  let last: { readonly bytes: number; readonly ms: number } | null = null;
  for await (const { ms, entry } of timedLines(driver)) {
    const bytes = sizesIn(entry)?.[name];
    if (bytes === undefined) continue;
    if (ms > sinceMs) {
      const heldMs = Date.parse(String(entry['held_until']));
      if (last !== null && heldMs > last.ms) last = { bytes: last.bytes, ms: Math.min(heldMs, sinceMs) };
      break;
    }
    last = { bytes, ms };
  }
  if (last === null || sinceMs - last.ms > NEAR_MS) return null;
  return { bytes: last.bytes, at: new Date(last.ms).toISOString() };
}

type Entry = Readonly<Record<string, unknown>>;

function sizesIn({ type, sizes }: Entry): Readonly<Record<string, number>> | null {
  if (type !== 'log_sizes' || typeof sizes !== 'object' || sizes === null) return null;
  return Object.fromEntries(
    Object.entries(sizes).filter((pair): pair is [string, number] => typeof pair[1] === 'number'),
  );
}

interface TimedLine {
  readonly offset: number;
  readonly ms: number;
  readonly entry: Entry;
}

/** The lines of a driver's log. They are short; what is none is passed over. */
async function* timedLines(log: Log): AsyncGenerator<TimedLine> {
  const end = await log.size();
  for (let offset = 0; offset < end;) {
    const bytes = await log.readAll(offset, Math.min(PIECE_BYTES, end - offset));
    if (bytes.length === 0) return;
    const whole = bytes.lastIndexOf(10) + 1;
    for (const line of linesIn(whole === 0 ? bytes : bytes.subarray(0, whole))) {
      const entry = entryIn(line);
      const ms = typeof entry?.['at'] === 'string' ? Date.parse(entry['at']) : Number.NaN;
      if (entry !== null && !Number.isNaN(ms)) yield { offset, ms, entry };
      offset += line.length;
    }
  }
}

function entryIn(line: Buffer): Entry | null {
  try {
    const value: unknown = JSON.parse(line.toString('utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}
