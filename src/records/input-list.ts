import type { Parsed, Problem } from '../errors/problem.ts';
import { sha256 } from '../platform/ids.ts';
import { sortBytewise } from './byte-order.ts';
import { formatChecksums, parseChecksums } from './checksums.ts';

/**
 * `inputs.sha256`: the files of every data input. `sha256sum -c` reads it: an input begins with a comment, and a file of which
 * only the size counts is a comment, too. The digest of an input is that of its lines. Pure.
 */

export interface InputFile {
  /** As the run sees it: absolute, or relative to the project. */
  readonly path: string;
  readonly bytes: number;
  /** Null if only its size counts. */
  readonly sha256: string | null;
}

/** The lines of one input, sorted by path. */
export function inputLines(files: readonly InputFile[]): string {
  const sized = files.filter(({ sha256: digest }) => digest === null);
  const digested = files.flatMap(({ path, sha256: digest }) => (digest === null ? [] : [{ path, sha256: digest }]));
  const sizes = sortBytewise(sized, ({ path }) => path).map(({ path, bytes }) => `${SIZE}${bytes} ${path}\n`);
  return `${sizes.join('')}${formatChecksums(digested)}`;
}

export function inputDigest(lines: string): string {
  return sha256(lines);
}

/** `lines`: of each input, in the order of the design. */
export function formatInputList(inputs: readonly { readonly path: string; readonly lines: string }[]): string {
  return inputs.map(({ path, lines }) => `${INPUT}${path}\n${lines}`).join('');
}

/** Also in the job's check. */
const INPUT = '# input ';
const SIZE = '# size ';

/** The lines of each input in turn; null if the text does not begin with one. */
export function splitInputList(text: string): readonly string[] | null {
  if (text === '') return [];
  if (!text.startsWith(INPUT) || !text.endsWith('\n')) return null;
  const starts = [...text.matchAll(/^# input .*\n/gm)];
  return starts.map((start, at) => text.slice(start.index + start[0].length, starts[at + 1]?.index ?? text.length));
}

/** The files of one input, from its lines. */
export function parseInputLines(lines: string, file: string): Parsed<readonly InputFile[]> {
  const problems: Problem[] = [];
  const sized = [...lines.matchAll(/^# size (\d+) (.+)\n/gm)].map(([, bytes, path = '']) => ({
    path,
    bytes: Number(bytes),
    sha256: null,
  }));
  const digested = parseChecksums(lines, file);
  problems.push(...digested.problems);
  const files = (digested.value ?? []).map(({ path, sha256: digest }) => ({ path, bytes: 0, sha256: digest }));
  return { value: digested.value === null ? null : [...sized, ...files], problems };
}
