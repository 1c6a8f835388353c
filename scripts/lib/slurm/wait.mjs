import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits for a fact.
 *
 * @param {() => boolean | Promise<boolean>} fact looked at every `everyMs`, 50 if left out; what it throws ends the wait
 * @param {{seconds: number, what: string, everyMs?: number, explain?: () => string}} bound `what` ends the sentence "Waited N s for"
 * @throws {Error} where it does not come true in time
 */
export async function until(fact, { seconds, what, everyMs = 50, explain = () => '' }) {
  const end = performance.now() + seconds * 1000;
  while (!(await fact())) {
    if (performance.now() > end) throw new Error(`Waited ${seconds} s for ${what}.${explain()}`);
    await sleep(everyMs);
  }
}

/**
 * The last lines of a log, as the end of an error message.
 *
 * @param {string} path
 * @param {number} [lines]
 * @returns {string} empty where there is no such file
 */
export function tailOf(path, lines = 12) {
  try {
    const file = openSync(path, 'r');
    try {
      const size = fstatSync(file).size;
      const bytes = Buffer.alloc(Math.min(size, 8192));
      readSync(file, bytes, 0, bytes.length, size - bytes.length);
      const text = bytes.toString('utf8').trimEnd().split('\n').slice(-lines).join('\n');
      return text === '' ? `\n${path} is empty.` : `\nThe end of ${path}:\n${text}`;
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
}
