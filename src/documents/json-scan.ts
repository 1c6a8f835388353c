import { shown } from './excerpt.ts';
import { leafNode, type SourceNode } from './located.ts';

/**
 * JSON with positions. `JSON.parse` reports neither where a value is nor that a key is duplicated, and rounds numbers
 * that a double cannot hold; autolab must not round numbers when it rewrites a user's file.
 */

/** A number whose text is not what JavaScript would print: kept as written. */
export class NumberText {
  readonly raw: string;
  constructor(raw: string) {
    this.raw = raw;
  }
}

export interface JsonScan {
  readonly root: SourceNode;
  /** Plain values, except `NumberText` for numbers that would change. */
  readonly value: unknown;
  readonly duplicates: readonly { readonly path: readonly string[]; readonly offset: number }[];
}

export type JsonScanResult =
  | { readonly ok: true; readonly scan: JsonScan }
  | { readonly ok: false; readonly offset: number; readonly message: string };

const DEEPEST = 100;
/** More would take seconds to check and describe; a history of ten thousand entries fits. */
const MOST_VALUES = 100_000;

class JsonError extends Error {
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

interface Scanned {
  readonly value: unknown;
  readonly node: SourceNode;
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORDS: readonly (readonly [string, unknown])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];

/** Strict JSON (RFC 8259): accepts what `JSON.parse` accepts, up to 100 levels and 100,000 values. Never throws. */
export function scanJson(text: string): JsonScanResult {
  const scanner = new Scanner(text);
  try {
    const { value, node } = scanner.document();
    return { ok: true, scan: { root: node, value, duplicates: scanner.duplicates } };
  } catch (error) {
    if (error instanceof JsonError) return { ok: false, offset: error.offset, message: error.message };
    throw error;
  }
}

/** One pass over a text; each method begins where the previous one ended. */
class Scanner {
  readonly duplicates: { path: readonly string[]; offset: number }[] = [];
  private offset = 0;
  private count = 0;
  private readonly text: string;
  constructor(text: string) {
    this.text = text;
  }

  document(): Scanned {
    const scanned = this.value(null, []);
    this.skipSpace();
    if (this.offset < this.text.length) this.unexpected('the end of the text');
    return scanned;
  }

  private skipSpace(): void {
    while (this.offset < this.text.length && ' \t\r\n'.includes(this.text[this.offset] ?? '')) this.offset += 1;
  }

  private refuse(message: string, at = this.offset): never {
    throw new JsonError(at, `not well-formed JSON: ${message}`);
  }

  private unexpected(wanted: string): never {
    const found = this.text[this.offset];
    if (found === undefined) return this.refuse(`the text ends where ${wanted} should be`);
    if (found === "'") return this.refuse('JSON strings need double quotes, not single ones');
    if (found === '/' || found === '#') return this.refuse('JSON has no comments; remove this one');
    const line = this.text.slice(this.offset, this.offset + 20).split('\n')[0] ?? '';
    return this.refuse(`${shown(line)} stands where ${wanted} should be`);
  }

  private string(wanted: string): string {
    const { text } = this;
    const start = this.offset;
    if (text[start] !== '"') this.unexpected(wanted);
    this.offset += 1;
    for (;;) {
      const code = text.charCodeAt(this.offset);
      if (Number.isNaN(code)) this.refuse('this string is never closed', start);
      if (code === 0x22) break;
      if (code < 0x20)
        this.refuse('a string must not contain a raw control character; write \\n or \\t, or close the string');
      if (code === 0x5c && !/^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.test(text.slice(this.offset, this.offset + 6))) {
        const escape = shown(text.slice(this.offset, this.offset + 2));
        this.refuse(`${escape} is not a JSON escape; a backslash itself is written \\\\`);
      }
      this.offset += code === 0x5c ? 2 : 1;
    }
    this.offset += 1;
    return JSON.parse(text.slice(start, this.offset)) as string;
  }

  private scalar(start: number): unknown {
    if (this.text[start] === '"') return this.string('a value');
    for (const [word, value] of WORDS) {
      if (!this.text.startsWith(word, start)) continue;
      this.offset += word.length;
      return value;
    }
    NUMBER.lastIndex = start;
    const raw = NUMBER.exec(this.text)?.[0];
    if (raw === undefined) return this.unexpected('a value');
    this.offset = start + raw.length;
    return String(Number(raw)) === raw ? Number(raw) : new NumberText(raw);
  }

  /** Steps over the comma between two elements, and the space around it. */
  private comma(close: '}' | ']'): void {
    if (this.text[this.offset] !== ',') this.unexpected(`\`,\` or \`${close}\``);
    this.offset += 1;
    this.skipSpace();
    if (this.text[this.offset] === close) this.refuse(`remove the comma before \`${close}\``);
  }

  private object(start: number, keyStart: number | null, path: readonly string[]): Scanned {
    const children = new Map<string, SourceNode>();
    const entries: [string, unknown][] = [];
    this.offset += 1;
    this.skipSpace();
    while (this.text[this.offset] !== '}') {
      if (entries.length > 0) this.comma('}');
      const keyOffset = this.offset;
      const key = this.string('a key in double quotes');
      if (children.has(key)) this.duplicates.push({ path: [...path, key], offset: keyOffset });
      this.skipSpace();
      if (this.text[this.offset] !== ':') this.unexpected('`:`');
      this.offset += 1;
      const { node, value } = this.value(keyOffset, [...path, key]);
      children.set(key, node);
      entries.push([key, value]);
      this.skipSpace();
    }
    this.offset += 1;
    return { value: Object.fromEntries(entries), node: { start, end: this.offset, keyStart, children } };
  }

  private array(start: number, keyStart: number | null, path: readonly string[]): Scanned {
    const children = new Map<string, SourceNode>();
    const items: unknown[] = [];
    this.offset += 1;
    this.skipSpace();
    while (this.text[this.offset] !== ']') {
      if (items.length > 0) this.comma(']');
      const index = String(items.length);
      const { node, value } = this.value(null, [...path, index]);
      children.set(index, node);
      items.push(value);
      this.skipSpace();
    }
    this.offset += 1;
    return { value: items, node: { start, end: this.offset, keyStart, children } };
  }

  private value(keyStart: number | null, path: readonly string[]): Scanned {
    this.skipSpace();
    const start = this.offset;
    this.count += 1;
    if (this.count > MOST_VALUES)
      throw new JsonError(start, 'the file is too large for settings; put data into other files');
    if (path.length > DEEPEST) throw new JsonError(start, `nested deeper than ${DEEPEST} levels`);
    if (this.text[start] === '{') return this.object(start, keyStart, path);
    if (this.text[start] === '[') return this.array(start, keyStart, path);
    const value = this.scalar(start);
    return { value, node: leafNode(start, this.offset, keyStart) };
  }
}
