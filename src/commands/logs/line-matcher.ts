import { createContext, runInContext, Script } from 'node:vm';

/** Which of these lines match. Throws PatternTooSlow. */
export type LineMatcher = (lines: readonly Buffer[]) => readonly boolean[];

/** The expression backtracks without end. */
export class PatternTooSlow extends Error {
  override readonly name = 'PatternTooSlow';
}

/** A longer line is looked at in parts. */
export const MOST_LINE_BYTES = 1024 * 1024;
/** Of a piece of a log, which takes milliseconds unless the expression backtracks without end. */
const MOST_MS = 5_000;

/** For a JavaScript regular expression; null if it is none. Searched in the line as it was written, without its end. */
export function lineMatcher(pattern: string): LineMatcher | null {
  if (compiled(pattern) === null) return null;
  const context = createContext({ pattern, flags: compiled(pattern)?.flags, lines: [] as string[] });
  runInContext('const expression = new RegExp(pattern, flags)', context);
  // In a context of its own, because only there can it be stopped.
  const script = new Script('lines.map((line) => expression.test(line))');
  return (lines) => {
    context['lines'] = lines.map((line) => line.toString('utf8').replace(/\r?\n$/, ''));
    try {
      return Array.from(script.runInContext(context, { timeout: MOST_MS }) as boolean[]);
    } catch (error) {
      if (isTimeout(error)) throw new PatternTooSlow();
      throw error;
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
