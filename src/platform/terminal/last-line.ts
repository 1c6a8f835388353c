import { dirname } from 'node:path';
import { lstatOrNull, readTail } from '../files.ts';
import { shownOnTerminal } from './text.ts';

const TAIL_BYTES = 4096;
const MOST_CHARACTERS = 300;

/** The last line of a log that is not blank, as a terminal would show it: bounded and harmless. Null if there is none. */
export function lastLineOf(path: string): string | null {
  // What a program put in the place of its log is none.
  if ([path, dirname(path)].some((place) => lstatOrNull(place)?.isSymbolicLink() === true)) return null;
  const lines = shownOnTerminal(readTail(path, TAIL_BYTES) ?? '', false).split('\n');
  const line = lines.findLast((candidate) => candidate.trim() !== '');
  return line === undefined ? null : line.replaceAll('\t', ' ').trimEnd().slice(0, MOST_CHARACTERS);
}
