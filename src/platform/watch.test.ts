import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sleep } from './time.ts';
import { waiter, waitForChange, watchFolder } from './watch.ts';

/** Far longer than a test may take: a wait this long was not woken. */
const FOR_EVER = 1_000_000;
const never = new AbortController().signal;
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'autolab-watch-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

describe('watchFolder', () => {
  it('wakes for what happened before the wait began, once', async () => {
    const watcher = watchFolder(folder);
    // One event; writing a file makes two.
    mkdirSync(join(folder, 'receipt'));
    await sleep(200);
    await watcher.next(FOR_EVER, never);
    const second = watcher.next(FOR_EVER, never).then(() => 'woken');
    expect(await Promise.race([second, sleep(200).then(() => 'waiting')])).toBe('waiting');
    writeFileSync(join(folder, 'other'), '');
    expect(await second).toBe('woken');
    watcher.close();
  });

  it('ends with the time, and with the signal, also one that fired before', async () => {
    vi.stubEnv('AUTOLAB_NO_WATCH', '1');
    const watcher = watchFolder(folder);
    writeFileSync(join(folder, 'receipt'), '');
    await watcher.next(1, never);
    const person = new AbortController();
    const waiting = watcher.next(FOR_EVER, person.signal);
    person.abort();
    await waiting;
    await watcher.next(FOR_EVER, person.signal);
    watcher.close();
  });

  it('does without a folder that is not there', async () => {
    const watcher = watchFolder(join(folder, 'gone'));
    await watcher.next(1, never);
    watcher.close();
  });
});

it('waitForChange wakes for a change', async () => {
  const waiting = waitForChange(folder, FOR_EVER, never);
  writeFileSync(join(folder, 'receipt'), '');
  await waiting;
});

describe('waiter', () => {
  it('gives an error to whoever waits, and to whoever waits after it', async () => {
    const { next, fail } = waiter();
    const waiting = next(FOR_EVER, never);
    fail(new Error('the disk is full'));
    await expect(waiting).rejects.toThrow('the disk is full');
    await expect(next(FOR_EVER, never)).rejects.toThrow('the disk is full');
  });

  it('keeps news that arrives while nothing waits', async () => {
    const { next, wake } = waiter();
    wake();
    await next(FOR_EVER, never);
  });
});
