import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { mayBeTerminal, writeAtOnce } from './write-at-once.ts';

let folder = '';
const opened: number[] = [];

function open(path: string, flags: string): number {
  const handle = openSync(path, flags);
  opened.push(handle);
  return handle;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'autolab-write-'));
});

afterEach(() => {
  for (const handle of opened.splice(0)) closeSync(handle);
  rmSync(folder, { recursive: true });
});

const left = (handle: number, text: string): string => Buffer.from(writeAtOnce(handle, text)).toString();

it('writes to a file where the descriptor stands, and leaves nothing', () => {
  const path = join(folder, 'file');
  const handle = open(path, 'w');
  writeSync(handle, 'before ');
  expect(left(handle, 'é\n')).toBe('');
  writeSync(handle, 'after');
  expect(readFileSync(path, 'utf8')).toBe('before é\nafter');
  expect(mayBeTerminal(handle)).toBe(false);
});

it('leaves what a pipe does not take now, without a change to the pipe of others', () => {
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const both = open(path, 'r+');
  const handle = open(path, 'w');
  expect(left(handle, 'short')).toBe('');
  const rest = left(handle, 'x'.repeat(200_000)).length;
  expect(rest).toBeGreaterThan(0);
  expect(left(handle, 'more')).toBe('more');
  const bytes = Buffer.alloc(300_000);
  expect(readSync(both, bytes)).toBe('short'.length + 200_000 - rest);
  // O_NONBLOCK is 04000.
  expect(readFileSync(`/proc/self/fdinfo/${handle}`, 'utf8')).toMatch(/^flags:\s+0[0-3]*[0-3]\d\d\d$/m);
  expect(mayBeTerminal(handle)).toBe(false);
});

it('leaves everything for a pipe without a reader, a descriptor that is closed, and a device', () => {
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const both = openSync(path, 'r+');
  const handle = open(path, 'w');
  closeSync(both);
  expect(left(handle, 'text')).toBe('text');
  expect(left(12_345, 'text')).toBe('text');
  const full = open('/dev/full', 'w');
  expect([left(full, 'text'), mayBeTerminal(full)]).toEqual(['text', true]);
  const none = open('/dev/null', 'w');
  expect([left(none, 'text'), mayBeTerminal(none)]).toEqual(['', false]);
});
