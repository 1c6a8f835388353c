import { expect } from 'vitest';
import { isCode } from '../../src/errors/catalog.ts';
import { type RunOptions, startAutolab } from './autolab.ts';

/** What must hold of every call, whatever it was given. */

/** Of docs/reference/commands.md, but for 1: a bug. */
const STATUSES = [0, 2, 10, 11, 12, 13, 14, 130];
const STACK = /\n\s+at .+:\d+:\d+/;
/** What a terminal would obey; tab and line break aside. */
const STEERS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
/** A bound for what never ends. */
const LONGEST_MS = 90_000;

/** Runs the program with `--json` or without; its code, or the status where it gave no result. */
export async function told(
  root: string,
  words: readonly string[],
  what: string,
  options: RunOptions = {},
): Promise<string> {
  const running = startAutolab(root, words, options);
  const timer = setTimeout(() => running.child.kill('SIGKILL'), LONGEST_MS);
  const { status, signal, stdout, stderr } = await running.ended;
  clearTimeout(timer);
  const all = `${stdout}\n${stderr}`;
  expect(signal, `${what}: it ends`).toBeNull();
  expect(STATUSES, `${what}: ${all.slice(0, 2000)}`).toContain(status);
  expect(STACK.exec(all), what).toBeNull();
  expect(STEERS.exec(all), `${what}: ${JSON.stringify(all.slice(0, 2000))}`).toBeNull();
  if (!words.includes('--json')) return `status ${String(status)}`;
  const { code } = JSON.parse(stdout) as { code: string };
  expect(isCode(code), `${what}: ${code} is in the catalogue`).toBe(true);
  return code;
}
