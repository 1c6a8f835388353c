import { shown } from '../../documents/excerpt.ts';
import { jsonDocument } from '../../documents/json-document.ts';
import { type LocatedDocument, problemIn, textAt, valueAt } from '../../documents/located.ts';
import { pathOf, pointerOf } from '../../documents/pointer.ts';
import type { Problem } from '../../errors/problem.ts';
import { likelyWord } from '../../platform/misspelling.ts';
import { digitsLost } from './decimal.ts';

/** The file that a run leaves its metrics in: JSON, and what Python writes for numbers that JSON does not have. Pure. */

export interface MetricsDocument {
  readonly document: LocatedDocument;
  /** Where the text says `NaN`, `Infinity` or `-Infinity`: word by offset. They hurt only if they are asked for. */
  readonly notFinite: ReadonlyMap<number, string>;
}

const WORD = /-?Infinity|NaN/y;

export function metricsDocument(source: string, file: string): MetricsDocument {
  const text = source.startsWith('\uFEFF') ? source.slice(1) : source;
  const notFinite = wordsIn(text);
  return { document: jsonDocument(withoutWords(text, notFinite), file), notFinite };
}

/** Zeros in the place of the words, and as long, so that every value keeps its place. */
function withoutWords(text: string, words: ReadonlyMap<number, string>): string {
  const pieces: string[] = [];
  let at = 0;
  for (const [offset, word] of words) {
    pieces.push(text.slice(at, offset), '0'.padEnd(word.length));
    at = offset + word.length;
  }
  return `${pieces.join('')}${text.slice(at)}`;
}

/** The words outside of strings. */
function wordsIn(text: string): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  if (!/NaN|Infinity/.test(text)) return found;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at += 1;
      else if (character === '"') inString = false;
      continue;
    }
    if (character === '"') inString = true;
    else if (character === 'N' || character === 'I' || character === '-') {
      WORD.lastIndex = at;
      const word = WORD.exec(text)?.[0];
      if (word === undefined) continue;
      found.set(at, word);
      at += word.length - 1;
    }
  }
  return found;
}

/** Where a metric would be: a key of the file, dots that lead into mappings, or a JSON pointer. */
function pointerFor({ value = {} }: LocatedDocument, name: string): string {
  if (name.startsWith('/')) return name;
  return Object.hasOwn(value, name) ? pointerOf([name]) : pointerOf(name.split('.'));
}

export interface FoundMetric {
  readonly pointer: string;
  /** Finite. */
  readonly value: number;
  /** As the file has it, if the value has fewer digits. */
  readonly written?: string;
  /** Tasks whose mean it is; left out of a value of one file. */
  readonly mean_of?: number;
}

/** The metric of this name, or what is wrong with it. */
export function metricIn({ document, notFinite }: MetricsDocument, name: string): FoundMetric | Problem {
  const pointer = pointerFor(document, name);
  const value = valueAt(document, pointer);
  const wrong = (code: 'value.missing' | 'value.type' | 'value.invalid', message: string): Problem =>
    problemIn(document, { pointer, code, message: `the metric ${shown(name)} ${message}` });
  if (value === undefined) return wrong('value.missing', `is missing${meantBy(document, name)}`);
  const word = notFinite.get(startOf(document, pointer) ?? -1);
  if (word !== undefined) return wrong('value.invalid', `is ${word}; it must be a finite number`);
  if (typeof value !== 'number')
    return wrong('value.type', `must be a number; it says ${shown(textAt(document, pointer))}`);
  if (!Number.isFinite(value))
    return wrong('value.invalid', `is too large for a number: ${shown(textAt(document, pointer))}`);
  const written = digitsLost(textAt(document, pointer), value);
  return { pointer, value, ...(written === null ? {} : { written }) };
}

function startOf({ root }: LocatedDocument, pointer: string): number | null {
  let node = root;
  for (const part of pathOf(pointer)) node = node?.children.get(part) ?? null;
  return node?.start ?? null;
}

const MOST_NAMES = 200;

function meantBy({ value = {} }: LocatedDocument, name: string): string {
  const names = Object.keys(value).slice(0, MOST_NAMES);
  const likely = likelyWord(name, names);
  if (likely !== null) return `; did you mean ${shown(likely)}?`;
  return names.length === 0 ? '; the file is empty' : `; the file has ${names.slice(0, 8).map(shown).join(', ')}`;
}
