import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { lastLineOf } from './last-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'autolab-last-line-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('the last line of a log', () => {
  it.each([
    ['one\ntwo\n\n', 'two'],
    ['one\n  0%|    |\r 50%|##  |\r100%|####|', '100%|####|'],
    ['one\n 50%|##  |\r          \r', 'one'],
    [`${'x'.repeat(10_000)}\u001b]0;title\u0007\u001b[31mred\u001b[0m\u202e`, 'x'.repeat(300)],
    ['\u001b[31mred\u001b[0m \u009b2Jplain', 'red plain'],
    ['\n \n', null],
  ])('%j', (text, line) => {
    const path = join(folder, 'log');
    writeFileSync(path, text);
    expect(lastLineOf(path)).toBe(line);
  });
});
