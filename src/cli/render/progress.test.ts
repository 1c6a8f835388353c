import { describe, expect, it } from 'vitest';
import { glyphsFor } from '../../platform/terminal/glyphs.ts';
import { columnsOf } from '../../platform/terminal/width.ts';
import { progressLines } from './progress.ts';

const GLYPHS = glyphsFor({ LANG: 'C.UTF-8' });
const STEP = { type: 'progress', step: 'execute', elapsed_seconds: 30.4, last_line: null } as const;
const USE = {
  time_limit_seconds: 300,
  memory_bytes: 512 * 1024 ** 2,
  memory_requested_bytes: 1024 ** 3,
  metrics: [
    { name: 'loss', value: 0.5 },
    { name: 'acc\u001b[2J', value: 0.25 },
  ],
};

describe('the lines below a step that waits', () => {
  it('are bars against the limits of a run, its metrics, and the end of its log', () => {
    expect(progressLines({ ...STEP, last_line: 'epoch 2', use: USE }, 79, GLYPHS)).toEqual([
      '  time    ███░░░░░░░░░░░░░░░░░░░░░░░░  30 s of 5 min',
      '  memory  ██████████████░░░░░░░░░░░░░  512 MiB of 1 GiB',
      '  loss 0.5  acc\\u001b[2J 0.25',
      '  │ epoch 2',
    ]);
  });

  it("are one bar of many tasks, with those that run and that failed, and nobody's log", () => {
    const tasks = { count: 40, waiting: 20, running: 8, completed: 11, failed: 1, cancelled: 0 };
    expect(progressLines({ ...STEP, last_line: 'epoch 2', tasks }, 79, GLYPHS)).toEqual([
      '  tasks   ████████░░░░░░░░░░░░░░░░░░░  12/40  8 running  1 failed',
    ]);
    const done = { count: 2, waiting: 0, running: 0, completed: 1, failed: 0, cancelled: 1 };
    expect(progressLines({ ...STEP, tasks: done }, 79, GLYPHS)[0]).toMatch(/█{27} {2}2\/2 {2}1 cancelled$/);
  });

  it('leave out what is not known', () => {
    const use = { time_limit_seconds: null, memory_bytes: null, memory_requested_bytes: 1, metrics: [] };
    expect(progressLines({ ...STEP, use }, 79, GLYPHS)).toEqual([]);
    expect(progressLines(STEP, 79, GLYPHS)).toEqual([]);
  });

  it.each([
    [
      { what: 'Sending', done: 1024 ** 2, total: 4 * 1024 ** 2, unit: 'bytes' },
      'Sending  1 MiB of 4 MiB, 102 KiB/s, 30 s left',
    ],
    [
      { what: 'Reading the code', done: 1500, total: 3000, unit: 'files' },
      'Reading the code  1,500 of 3,000 files, 150/s, 10 s left',
    ],
    [{ what: 'Reading the code', done: 0, total: 10, unit: 'files' }, 'Reading the code  0 of 10 files'],
    [{ what: 'Sending', done: 20, total: 10, unit: 'bytes' }, 'Sending  20 B of 10 B, 2 B/s, 0 s left'],
  ] as const)('are a bar of the work: %j', (work, words) => {
    const [line = '', ...others] = progressLines({ ...STEP, elapsed_seconds: 10, last_line: 'x', work }, 79, GLYPHS);
    expect([line.replace(/[█░]{16} {2}/, '').trim(), others]).toEqual([words, []]);
  });

  it.each([1, 10, 40, 200])('fit into %d columns', (width) => {
    const lines = progressLines({ ...STEP, last_line: '日本語'.repeat(90), use: USE }, width, GLYPHS);
    expect(lines.filter((line) => columnsOf(line) > width)).toEqual([]);
  });
});
