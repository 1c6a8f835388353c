import type { RunView } from '../../records/run-view.ts';
import { linesIn } from './lines.ts';
import { type Log, PIECE_BYTES } from './log.ts';

/**
 * What was written since a time. Nobody records when a run writes a line; what is known is when its log cannot have had
 * any yet, and when it was complete. autolab's own log has a time in every line.
 */
export type Since =
  | { readonly kind: 'from'; readonly offset: number }
  /** Some lines are older and some are not, and nobody knows which. */
  | { readonly kind: 'unknown'; readonly begun: string; readonly written: string };

/** The clock of a file system is coarse, and may be that of another host. */
const CLOCKS_DIFFER_MS = 2_000;

export async function startSince(log: Log, end: number, sinceMs: number, view: RunView | null): Promise<Since> {
  if (end === 0) return { kind: 'from', offset: 0 };
  if (log.stream === 'driver') return { kind: 'from', offset: await startOfTimedLines(log, end, sinceMs) };
  if (view !== null && Date.parse(view.openedAt) >= sinceMs) return { kind: 'from', offset: 0 };
  const modifiedMs = log.modifiedMs();
  const writtenMs = Math.min(
    closedMs(view) ?? Infinity,
    modifiedMs === null ? Infinity : modifiedMs + CLOCKS_DIFFER_MS,
  );
  if (writtenMs < sinceMs) return { kind: 'from', offset: end };
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

async function startOfTimedLines(log: Log, end: number, sinceMs: number): Promise<number> {
  for (let at = 0; at < end;) {
    const bytes = await log.readAll(at, Math.min(PIECE_BYTES, end - at));
    if (bytes.length === 0) break;
    // Its lines are short; what is none is passed over.
    const whole = bytes.lastIndexOf(10) + 1;
    for (const line of linesIn(whole === 0 ? bytes : bytes.subarray(0, whole))) {
      const ms = timeOf(line);
      if (ms !== null && ms >= sinceMs) return at;
      at += line.length;
    }
  }
  return end;
}

function timeOf(line: Buffer): number | null {
  try {
    const entry = JSON.parse(line.toString('utf8')) as { readonly at?: unknown } | null;
    const ms = typeof entry?.at === 'string' ? Date.parse(entry.at) : Number.NaN;
    return Number.isNaN(ms) ? null : ms;
  } catch {
    return null;
  }
}
