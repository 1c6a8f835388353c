/**
 * Patterns of file paths, as a shell reads them: `*` and `?` within a path segment, `**` as a whole segment for any
 * number of segments, `[a-z]` and `[!a-z]`, `{a,b}`, and `\` before a character that is meant literally. A wildcard does
 * not match a dot at the beginning of a segment: `*` passes over `.hidden`, `.*` finds it. Brackets and braces that are
 * not closed are literal. Pure.
 *
 * The pattern becomes a small automaton that is run over the path with all its states at once: the time is bounded by
 * pattern times path, whatever the pattern, where a backtracking regular expression can take for ever.
 */

type Edge =
  /** `inside`: not at the beginning of a segment (the dot of `*.json` does not stand for a hidden file's). */
  | { readonly kind: 'char'; readonly char: string; readonly inside: boolean }
  | { readonly kind: 'any' }
  | { readonly kind: 'set'; readonly negated: boolean; readonly ranges: readonly (readonly [string, string])[] }
  /** Any character, slashes too; but no dot at the beginning of a segment. */
  | { readonly kind: 'deep' };

/** Whether the braces that are being read stand at the beginning of a segment, and at its end. */
interface Braced {
  readonly begins: boolean;
  readonly ends: boolean;
}

interface State {
  edge: Edge | null;
  /** Where the edge leads. */
  to: number;
  /** Reached without reading anything. */
  readonly free: number[];
  /** May only be entered at the beginning of a segment. */
  atStart: boolean;
}

export interface Glob {
  readonly pattern: string;
  /** No wildcards: the pattern names one path. */
  readonly literal: boolean;
  readonly matches: (path: string) => boolean;
}

export function compileGlob(pattern: string): Glob {
  const chars = Array.from(pattern);
  const states: State[] = [];
  const add = (): number => states.push({ edge: null, to: -1, free: [], atStart: false }) - 1;
  let literal = true;
  let position = 0;
  /** What was read last may have matched nothing. */
  let afterStar = false;

  /** Reads up to the end, or in braces up to an unescaped `,` or `}`; returns the state after it. */
  const sequence = (from: number, braced: Braced | null): number => {
    let current = from;
    const step = (edge: Edge): void => {
      const next = add();
      connect(states, current, edge, next);
      current = next;
      afterStar = false;
    };
    const stepChar = (char: string): void => {
      step({ kind: 'char', char, inside: char === '.' && afterStar });
    };
    while (position < chars.length) {
      const char = chars[position] ?? '';
      if (braced !== null && (char === ',' || char === '}')) return current;
      position += 1;
      if (char === '\\' && position < chars.length) {
        stepChar(chars[position] ?? '');
        position += 1;
      } else if (char === '*') {
        literal = false;
        current = star(current, braced);
      } else if (char === '?') {
        literal = false;
        step({ kind: 'any' });
      } else if (char === '[') {
        const set = readSet(chars, position);
        if (set === null) stepChar(char);
        else {
          literal = false;
          position = set.end;
          step(set.edge);
        }
      } else if (char === '{' && closingBrace(chars, position) >= 0) {
        literal = false;
        current = braces(current, braced);
      } else stepChar(char);
    }
    return current;
  };

  const star = (from: number, braced: Braced | null): number => {
    const wholeSegment =
      chars[position] === '*' && begins(chars, position - 2, braced) && ends(chars, position + 1, braced);
    while (chars[position] === '*') position += 1;
    const loop = add();
    states[from]?.free.push(loop);
    connect(states, loop, { kind: wholeSegment ? 'deep' : 'any' }, loop);
    const after = add();
    states[loop]?.free.push(after);
    afterStar = true;
    // `**/` also stands for no segment at all; what follows it begins a segment.
    if (wholeSegment && chars[position] === '/') {
      position += 1;
      const next = states[after];
      if (next !== undefined) next.atStart = true;
      afterStar = false;
    }
    return after;
  };

  const braces = (from: number, outer: Braced | null): number => {
    const after = add();
    const inner: Braced = {
      begins: begins(chars, position - 2, outer),
      ends: ends(chars, closingBrace(chars, position) + 1, outer),
    };
    const before = afterStar;
    let anyStar = false;
    for (;;) {
      afterStar = before;
      const begin = add();
      states[from]?.free.push(begin);
      const end = sequence(begin, inner);
      states[end]?.free.push(after);
      anyStar ||= afterStar;
      position += 1;
      if (chars[position - 1] === ',') continue;
      afterStar = anyStar;
      return after;
    }
  };

  const first = add();
  const last = sequence(first, null);
  return { pattern, literal, matches: (path) => run(states, first, last, path) };
}

function connect(states: readonly State[], from: number, edge: Edge, to: number): void {
  const state = states[from];
  if (state === undefined) return;
  state.edge = edge;
  state.to = to;
}

/** Whether a segment begins after the character at the index, or ends before it. */
function begins(chars: readonly string[], index: number, braced: Braced | null): boolean {
  const char = chars[index];
  if (char === undefined || char === '/') return true;
  return braced !== null && (char === '{' || char === ',') && braced.begins;
}

function ends(chars: readonly string[], index: number, braced: Braced | null): boolean {
  const char = chars[index];
  if (char === undefined || char === '/') return true;
  return braced !== null && (char === '}' || char === ',') && braced.ends;
}

function readSet(chars: readonly string[], start: number): { edge: Edge; end: number } | null {
  let position = start;
  const negated = chars[position] === '!' || chars[position] === '^';
  if (negated) position += 1;
  const ranges: [string, string][] = [];
  for (let first = true; position < chars.length; first = false) {
    const char = chars[position] ?? '';
    if (char === ']' && !first) return { edge: { kind: 'set', negated, ranges }, end: position + 1 };
    if (char === '/') return null;
    const to = chars[position + 2];
    if (chars[position + 1] === '-' && to !== undefined && to !== ']') {
      ranges.push([char, to]);
      position += 3;
    } else {
      ranges.push([char, char]);
      position += 1;
    }
  }
  return null;
}

/** Where the brace that was opened before `start` closes; -1 where it is literal, as in bash: `{a}`, or never closed. */
function closingBrace(chars: readonly string[], start: number): number {
  let depth = 1;
  let comma = false;
  for (let position = start; position < chars.length; position += 1) {
    const char = chars[position];
    if (char === '\\') position += 1;
    else if (char === '{') depth += 1;
    else if (char === ',' && depth === 1) comma = true;
    else if (char === '}') {
      depth -= 1;
      if (depth === 0) return comma ? position : -1;
    }
  }
  return -1;
}

function run(states: readonly State[], first: number, last: number, path: string): boolean {
  let current = new Set<number>();
  enter(states, first, true, current);
  let atStart = true;
  for (const char of path) {
    const next = new Set<number>();
    const nextAtStart = char === '/';
    for (const index of current) {
      const state = states[index];
      if (state !== undefined && state.edge !== null && accepts(state.edge, char, atStart))
        enter(states, state.to, nextAtStart, next);
    }
    if (next.size === 0) return false;
    current = next;
    atStart = nextAtStart;
  }
  return current.has(last);
}

function enter(states: readonly State[], from: number, atStart: boolean, into: Set<number>): void {
  const stack = [from];
  for (let index = stack.pop(); index !== undefined; index = stack.pop()) {
    const state = states[index];
    if (state === undefined || into.has(index) || (state.atStart && !atStart)) continue;
    into.add(index);
    stack.push(...state.free);
  }
}

function accepts(edge: Edge, char: string, atStart: boolean): boolean {
  if (edge.kind === 'char') return edge.char === char && !(edge.inside && atStart);
  if (atStart && char === '.') return false;
  if (edge.kind === 'deep') return true;
  if (char === '/') return false;
  if (edge.kind === 'any') return true;
  return edge.ranges.some(([from, to]) => from <= char && char <= to) !== edge.negated;
}
