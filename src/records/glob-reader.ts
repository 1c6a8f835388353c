import { Automaton, type Edge } from './glob-automaton.ts';

/** Reads a pattern into an automaton, character by character. Pure. */

/** Whether the braces that are being read stand at the beginning of a segment, and at its end. */
interface Braced {
  readonly begins: boolean;
  readonly ends: boolean;
}

export class GlobReader {
  readonly automaton = new Automaton();
  readonly first: number;
  readonly last: number;
  literal = true;
  private readonly chars: readonly string[];
  private position = 0;
  /** What was read last may have matched nothing. */
  private afterStar = false;

  constructor(pattern: string) {
    this.chars = Array.from(pattern);
    this.first = this.automaton.add();
    this.last = this.sequence(this.first, null);
  }

  /** Reads up to the end, or in braces up to an unescaped `,` or `}`; returns the state after it. */
  private sequence(from: number, braced: Braced | null): number {
    let current = from;
    while (this.position < this.chars.length) {
      const char = this.chars[this.position] ?? '';
      if (braced !== null && (char === ',' || char === '}')) break;
      this.position += 1;
      current = this.one(char, current, braced);
    }
    return current;
  }

  /** What the character, which was just read, begins. */
  private one(char: string, from: number, braced: Braced | null): number {
    if (char === '\\' && this.position < this.chars.length) {
      this.position += 1;
      return this.char(this.chars[this.position - 1] ?? '', from);
    }
    if (char === '*') return this.star(from, braced);
    if (char === '?') return this.wildcard({ kind: 'any' }, from);
    const set = char === '[' ? readSet(this.chars, this.position) : null;
    if (set !== null) {
      this.position = set.end;
      return this.wildcard(set.edge, from);
    }
    if (char === '{' && closingBrace(this.chars, this.position) >= 0) return this.braces(from, braced);
    return this.char(char, from);
  }

  private char(char: string, from: number): number {
    return this.step({ kind: 'char', char, inside: char === '.' && this.afterStar }, from);
  }

  private wildcard(edge: Edge, from: number): number {
    this.literal = false;
    return this.step(edge, from);
  }

  private step(edge: Edge, from: number): number {
    const to = this.automaton.add();
    this.automaton.connect(from, edge, to);
    this.afterStar = false;
    return to;
  }

  private star(from: number, braced: Braced | null): number {
    const { chars, automaton } = this;
    this.literal = false;
    const wholeSegment =
      chars[this.position] === '*' &&
      begins(chars, this.position - 2, braced) &&
      ends(chars, this.position + 1, braced);
    while (chars[this.position] === '*') this.position += 1;
    const loop = automaton.add();
    automaton.free(from, loop);
    automaton.connect(loop, { kind: wholeSegment ? 'deep' : 'any' }, loop);
    const after = automaton.add();
    automaton.free(loop, after);
    this.afterStar = true;
    // `**/` also stands for no segment at all; what follows it begins a segment.
    if (wholeSegment && chars[this.position] === '/') {
      this.position += 1;
      automaton.onlyAtStart(after);
      this.afterStar = false;
    }
    return after;
  }

  private braces(from: number, outer: Braced | null): number {
    const { chars, automaton } = this;
    this.literal = false;
    const after = automaton.add();
    const inner: Braced = {
      begins: begins(chars, this.position - 2, outer),
      ends: ends(chars, closingBrace(chars, this.position) + 1, outer),
    };
    const before = this.afterStar;
    let anyStar = false;
    for (;;) {
      this.afterStar = before;
      const begin = automaton.add();
      automaton.free(from, begin);
      automaton.free(this.sequence(begin, inner), after);
      anyStar ||= this.afterStar;
      this.position += 1;
      if (chars[this.position - 1] === ',') continue;
      this.afterStar = anyStar;
      return after;
    }
  }
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

/** The index at which the brace before `start` closes; -1 if it is literal, as in bash: `{a}`, or never closed. */
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
