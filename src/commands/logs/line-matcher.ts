import { createContext, runInContext, Script } from 'node:vm';
import { processorMs } from '../../platform/time.ts';

/** Which of these lines match. Throws PatternTooSlow. */
export type LineMatcher = (lines: readonly Buffer[], time: LineTime) => readonly boolean[];

/** The processor time that went into a line which is looked at in parts; of one search through a log. */
export interface LineTime {
  spentMs: number;
}

/** The expression backtracks without end, or the line is too long for it. */
export class PatternTooSlow extends Error {
  override readonly name = 'PatternTooSlow';
  readonly because: 'pattern' | 'line';

  constructor(because: 'pattern' | 'line') {
    super();
    this.because = because;
  }
}

/** A longer line is looked at in parts. */
export const MOST_LINE_BYTES = 1024 * 1024;
/** Of a piece of a log, or of all parts of a line. A piece takes milliseconds unless the expression backtracks without end. */
const MOST_MS = 5_000;

/** For a JavaScript regular expression; null if it is none. Searched in the line as it was written, without its end. */
export function lineMatcher(pattern: string): LineMatcher | null {
  if (compiled(pattern) === null) return null;
  const context = createContext({ pattern, flags: compiled(pattern)?.flags, lines: [] as string[] });
  runInContext('const expression = new RegExp(pattern, flags)', context);
  // In a context of its own, because only there can it be stopped.
  const script = new Script('lines.map((line) => expression.test(line))');
  return (lines, time) => {
    if (time.spentMs >= MOST_MS) throw new PatternTooSlow('line');
    const began = processorMs();
    context['lines'] = lines.map((line) => line.toString('utf8').replace(/\r?\n$/, ''));
    try {
      return Array.from(script.runInContext(context, { timeout: MOST_MS }) as boolean[]);
    } catch (error) {
      if (isTimeout(error)) throw new PatternTooSlow(time.spentMs > 0 ? 'line' : 'pattern');
      throw error;
    } finally {
      const endsLine = lines.some((line) => line.includes(10));
      time.spentMs = endsLine ? 0 : time.spentMs + processorMs() - began;
    }
  };
}

/** The error belongs to the other context: it is no instance of this one's Error. */
function isTimeout(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
  );
}

/** With the rules of Unicode where the pattern keeps them. */
function compiled(pattern: string): RegExp | null {
  for (const flags of ['u', ''])
    try {
      return new RegExp(pattern, flags);
    } catch {
      // Not by these rules.
    }
  return null;
}
