import { shown } from './excerpt.ts';
import { leafNode, type SourceNode } from './located.ts';

/**
 * JSON with places. `JSON.parse` says neither where a value stands nor that a key stands twice, and rounds numbers that
 * a double cannot hold; rewriting somebody else's file must not do that.
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
  /** Plain values, but `NumberText` for numbers that would change. */
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
  let offset = 0;
  let count = 0;
  const duplicates: { path: readonly string[]; offset: number }[] = [];

  const skipSpace = (): void => {
    while (offset < text.length && ' \t\r\n'.includes(text[offset] ?? '')) offset += 1;
  };
  const refuse = (message: string, at = offset): never => {
    throw new JsonError(at, `not well-formed JSON: ${message}`);
  };
  const unexpected = (wanted: string): never => {
    const found = text[offset];
    if (found === undefined) return refuse(`the text ends where ${wanted} should be`);
    if (found === "'") return refuse('JSON strings stand in double quotes, not single ones');
    if (found === '/' || found === '#') return refuse('JSON has no comments; remove this one');
    return refuse(`${shown(text.slice(offset, offset + 20).split('\n')[0] ?? '')} stands where ${wanted} should be`);
  };
  const scanString = (wanted: string): string => {
    const start = offset;
    if (text[offset] !== '"') unexpected(wanted);
    offset += 1;
    for (;;) {
      const code = text.charCodeAt(offset);
      if (Number.isNaN(code)) refuse('this string is never closed', start);
      if (code === 0x22) break;
      if (code < 0x20)
        refuse('a string must not contain a raw control character; write \\n or \\t, or close the string');
      if (code === 0x5c && !/^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.test(text.slice(offset, offset + 6))) {
        refuse(`${shown(text.slice(offset, offset + 2))} is no escape of JSON; a backslash itself is written \\\\`);
      }
      offset += code === 0x5c ? 2 : 1;
    }
    offset += 1;
    return JSON.parse(text.slice(start, offset)) as string;
  };
  const scanScalar = (start: number): unknown => {
    if (text[offset] === '"') return scanString('a value');
    for (const [word, value] of WORDS) {
      if (!text.startsWith(word, offset)) continue;
      offset += word.length;
      return value;
    }
    NUMBER.lastIndex = offset;
    const raw = NUMBER.exec(text)?.[0];
    if (raw === undefined) return unexpected('a value');
    offset = start + raw.length;
    return String(Number(raw)) === raw ? Number(raw) : new NumberText(raw);
  };
  const scanObject = (start: number, keyStart: number | null, path: readonly string[]): Scanned => {
    const children = new Map<string, SourceNode>();
    const entries: [string, unknown][] = [];
    offset += 1;
    skipSpace();
    while (text[offset] !== '}') {
      if (entries.length > 0) {
        if (text[offset] !== ',') unexpected('`,` or `}`');
        offset += 1;
        skipSpace();
        if (text[offset] === '}') refuse('remove the comma before `}`');
      }
      const keyOffset = offset;
      const key = scanString('a key in double quotes');
      if (children.has(key)) duplicates.push({ path: [...path, key], offset: keyOffset });
      skipSpace();
      if (text[offset] !== ':') unexpected('`:`');
      offset += 1;
      const { node, value } = scanValue(keyOffset, [...path, key]);
      children.set(key, node);
      entries.push([key, value]);
      skipSpace();
    }
    offset += 1;
    return { value: Object.fromEntries(entries), node: { start, end: offset, keyStart, children } };
  };
  const scanArray = (start: number, keyStart: number | null, path: readonly string[]): Scanned => {
    const children = new Map<string, SourceNode>();
    const items: unknown[] = [];
    offset += 1;
    skipSpace();
    while (text[offset] !== ']') {
      if (items.length > 0) {
        if (text[offset] !== ',') unexpected('`,` or `]`');
        offset += 1;
        skipSpace();
        if (text[offset] === ']') refuse('remove the comma before `]`');
      }
      const index = String(items.length);
      const { node, value } = scanValue(null, [...path, index]);
      children.set(index, node);
      items.push(value);
      skipSpace();
    }
    offset += 1;
    return { value: items, node: { start, end: offset, keyStart, children } };
  };
  const scanValue = (keyStart: number | null, path: readonly string[]): Scanned => {
    skipSpace();
    const start = offset;
    count += 1;
    if (count > MOST_VALUES)
      throw new JsonError(offset, 'the file has far more in it than settings; put data into files of its own');
    if (path.length > DEEPEST) throw new JsonError(offset, `nested deeper than ${DEEPEST} levels`);
    if (text[start] === '{') return scanObject(start, keyStart, path);
    if (text[start] === '[') return scanArray(start, keyStart, path);
    const value = scanScalar(start);
    return { value, node: leafNode(start, offset, keyStart) };
  };

  try {
    const { value, node } = scanValue(null, []);
    skipSpace();
    if (offset < text.length) unexpected('the end of the text');
    return { ok: true, scan: { root: node, value, duplicates } };
  } catch (error) {
    if (error instanceof JsonError) return { ok: false, offset: error.offset, message: error.message };
    throw error;
  }
}
