import { describe, expect, it } from 'vitest';
import type { WatchedRun } from '../../../index.ts';
import { glyphsFor } from '../../../platform/terminal/glyphs.ts';
import { columnsOf } from '../../../platform/terminal/width.ts';
import { frame, type ScreenSize } from './frame.ts';
import { textOfLine } from './spans.ts';
import { keysIn, nextView, type ViewState } from './state.ts';

const RUN: WatchedRun = {
  run_id: '20261124T031500Z_3fa9c1',
  iteration_id: 'iter1',
  experiment_id: 'e1',
  launch_mode: 'slurm',
  job_id: '77',
  at: '2026-11-24T04:00:00.000Z',
  phase: 'running',
  step: 'wait',
  driver: 'nobody',
  elapsed_seconds: 754.8,
  queued_seconds: 61,
  requested: { time_seconds: 1800, memory_bytes: 4 * 1024 ** 3, cpus: 4 },
  memory_bytes: 1.25 * 1024 ** 3,
  memory_peak_bytes: 2 * 1024 ** 3,
  cpu: 3.84,
  memory_series: [1, 2, 3],
  cpu_series: [1, 2, 3, 4],
  gpu: [{ util: 93, memory_bytes: 1024 ** 3 }],
  metrics: [
    { name: 'accuracy', last: 0.94172, series: [1, 2, 3] },
    { name: 'loss', last: 0.0000012, series: [3, 2, 1] },
  ],
  metrics_step: 1200,
  queue: { words: 'PENDING (Priority)', at: '2026-11-24T03:59:48.000Z' },
  remote: null,
  cancelling: false,
  last_failure: null,
  closed: null,
  tasks: null,
  task: null,
  log: Array.from({ length: 50 }, (_, at) => `epoch ${at}`),
};

const HOSTILE: WatchedRun = {
  ...RUN,
  run_id: 'r\u001b[2J\nx',
  experiment_id: '日本語'.repeat(40),
  metrics: [{ name: '\u001b]0;owned\u0007\u202eevil', last: Number.MAX_VALUE, series: [Number.MAX_VALUE, 0] }],
  last_failure: { code: 'sync.failed', message: `${'x'.repeat(300)} \u009b2J` },
  log: ['\u001b[2J', '日本語'.repeat(100), 'a\rb', '👩‍👩‍👧‍👦'.repeat(100)],
};

const GLYPHS = glyphsFor({ LANG: 'C.UTF-8' });

function view(run: WatchedRun, others: Partial<ViewState> = {}): ViewState {
  return { run, mode: 'view', cancel: null, ...others };
}

function linesOf(state: ViewState, size: ScreenSize, glyphs = GLYPHS, color = false): readonly string[] {
  return frame(state, size, glyphs).map((line) => textOfLine(line, size.width, color));
}

describe('the screen', () => {
  it('has time, memory, processors and metrics at 80 × 24, and the end of the log below', () => {
    expect(linesOf(view(RUN), { width: 80, height: 24 })).toEqual([
      '[RUNNING] 20261124T031500Z_3fa9c1  e1  slurm job 77',
      'at the step wait; no process follows it (continue: autolab resume)',
      'time      ████████████░░░░░░░░░░░░░░░░  12 min 34 s of 30 min  41 %',
      'memory    █████████░░░░░░░░░░░░░░░░░░░  1.25 GiB of 4 GiB, peak 2 GiB',
      'cpu       ▁▃▆█                          3.8 of 4 cores',
      'gpu 0     ██████████████████████████░░  93 %, 1 GiB',
      'accuracy  ▁▅█                           0.94172  step 1200',
      'loss      █▅▁                           0.0000012',
      `── log ${'─'.repeat(73)}`,
      ...Array.from({ length: 14 }, (_, at) => `epoch ${at + 36}`),
      'q leave   c cancel   l log   ',
    ]);
  });

  it('has counts of the tasks, and those that failed in place of a log', () => {
    const tasks = { count: 40, waiting: 20, running: 8, completed: 11, failed: 1, cancelled: 0 };
    const run: WatchedRun = { ...RUN, tasks, log: ['task 3 failed, exit code 1: lr=0.1'] };
    const lines = linesOf(view(run), { width: 80, height: 24 });
    expect(lines[2]).toBe('tasks     ████████░░░░░░░░░░░░░░░░░░░░  12/40  8 running  1 failed');
    expect(lines).toContain('task 3 failed, exit code 1: lr=0.1');
    expect(lines.join('\n')).toContain('── tasks that failed (see one: autolab watch --task N) ─');
    expect(linesOf(view({ ...run, log: [] }), { width: 80, height: 24 })).toContain('No task has failed.');
  });

  it('has the log of one task, if it is asked for', () => {
    const tasks = { count: 40, waiting: 20, running: 8, completed: 11, failed: 1, cancelled: 0 };
    const task = { index: 3, state: 'running', params: { lr: '0.1', seed: '2' } } as const;
    const lines = linesOf(view({ ...RUN, tasks, task }), { width: 80, height: 24 });
    expect(lines.join('\n')).toContain('\n── log of task 3 (running): lr=0.1 seed=2 ─');
    expect(lines).toContain('epoch 49');
    const silent = (state: 'running' | 'completed'): readonly string[] =>
      linesOf(view({ ...RUN, tasks, task: { ...task, state }, log: [] }), { width: 80, height: 24 });
    expect(silent('running')).toContain('Nothing was printed yet.');
    expect(silent('completed')).toContain('The log is empty.');
  });

  it('leaves out at 40 × 12 what there is no room for', () => {
    expect(linesOf(view(RUN), { width: 40, height: 12 })).toEqual([
      '[RUNNING] 20261124T031500Z_3fa9c1  e1  s',
      'at the step wait; no process follows it',
      '(continue: autolab resume)',
      'time      ████░░░░░░  12 min 34 s of 30 ',
      'memory    ███░░░░░░░  1.25 GiB of 4 GiB,',
      'cpu       ▁▃▆█        3.8 of 4 cores',
      'accuracy  ▁▅█         0.94172  step 1200',
      `── log ${'─'.repeat(33)}`,
      'epoch 47',
      'epoch 48',
      'epoch 49',
      'q leave   c cancel   l log   ',
    ]);
  });

  it('says why a job waits, and how old that is', () => {
    const run: WatchedRun = { ...RUN, phase: 'queued', elapsed_seconds: null, log: [] };
    const lines = linesOf(view(run), { width: 80, height: 24 });
    expect(lines.slice(0, 2)).toEqual([
      '[QUEUED] 20261124T031500Z_3fa9c1  e1  slurm job 77',
      'PENDING (Priority), for 1 min 1 s (asked 12 s ago)',
    ]);
    expect(lines).toContain('Nothing was printed yet.');
  });

  it('says on which host a run is, and how old the picture is', () => {
    const run: WatchedRun = { ...RUN, remote: { host: 'login1', seen_at: '2026-11-24T03:58:00.000Z' } };
    expect(linesOf(view(run), { width: 80, height: 24 }).slice(0, 3)).toEqual([
      '[RUNNING] 20261124T031500Z_3fa9c1  e1  slurm job 77 on login1',
      'at the step wait; no process follows it (continue: autolab resume); as of 2 min',
      'ago',
    ]);
  });

  it('begins with the verdict after the end, in words without colours, too', () => {
    const closed = {
      code: 'local.timeout',
      outcome: 'needs_retry',
      message: 'It ran too long.',
      hint: 'Ask for more.',
    };
    const lines = linesOf(view({ ...RUN, phase: 'closed', closed } as WatchedRun), { width: 80, height: 24 });
    expect(lines.slice(0, 3)).toEqual([
      '[FAILED local.timeout] 20261124T031500Z_3fa9c1  e1  slurm job 77',
      'It ran too long.',
      'Ask for more.',
    ]);
    expect(lines.at(-1)).toBe('q leave   l log   ');
  });

  it.each([
    [80, 24],
    [40, 12],
    [200, 60],
    [20, 5],
    [5, 2],
    [1, 1],
  ])('fits into %d × %d, whatever a run is called and prints', (width, height) => {
    for (const mode of ['view', 'logs', 'question'] as const)
      for (const color of [true, false])
        for (const glyphs of [GLYPHS, glyphsFor({})]) {
          const lines = linesOf(view(HOSTILE, { mode }), { width, height }, glyphs, color);
          expect(lines).toHaveLength(height);
          const plain = lines.map((line) => line.replaceAll(/\u001b\[\d+m/g, ''));
          expect(plain.filter((line) => columnsOf(line) > width || /[\p{Cc}\u202e]/u.test(line))).toEqual([]);
        }
  });

  it('has plain characters for a terminal without UTF-8', () => {
    const lines = linesOf(view(RUN), { width: 80, height: 24 }, glyphsFor({ LANG: 'C' }));
    expect(lines.filter((line) => /[^\u0020-\u007e]/.test(line))).toEqual([]);
    expect(lines[2]).toBe('time      ############................  12 min 34 s of 30 min  41 %');
  });
});

describe('keys', () => {
  it.each([
    ['view', 'q', 'view', 'leave'],
    ['logs', 'q', 'logs', 'leave'],
    ['view', '\u0003', 'view', 'leave'],
    ['question', '\u0003', 'question', 'leave'],
    ['view', 'c', 'question', null],
    ['logs', 'c', 'question', null],
    ['question', 'y', 'view', 'cancel'],
    ['question', 'n', 'view', null],
    ['question', 'q', 'view', null],
    ['question', '\r', 'view', null],
    ['view', 'y', 'view', null],
    ['view', 'l', 'logs', null],
    ['logs', 'l', 'view', null],
    ['logs', '\u001b', 'view', null],
    ['logs', '\u001b[A', 'logs', null],
    ['view', '\u001a', 'view', 'suspend'],
    ['view', '\u000c', 'view', 'redraw'],
  ] as const)('%s: %j', (mode, key, after, action) => {
    const step = nextView(view(RUN, { mode }), { kind: 'key', key });
    expect([step.state.mode, step.action]).toEqual([after, action]);
  });

  it('takes back the question about a run that has ended meanwhile', () => {
    const { state } = nextView(view(RUN, { mode: 'question' }), { kind: 'run', run: { ...RUN, phase: 'closed' } });
    expect(state.mode).toBe('view');
    expect(nextView(state, { kind: 'key', key: 'c' }).state.mode).toBe('view');
  });

  it('cancels once', () => {
    const { state } = nextView(view(RUN), { kind: 'cancel', words: 'Cancelling', isDone: false });
    expect(nextView(state, { kind: 'key', key: 'c' }).state.mode).toBe('view');
  });

  it.each([
    ['ab', ['a', 'b']],
    ['\u001b', ['\u001b']],
    ['\u001b[A\u001bOPq', ['\u001b[A', '\u001bOP', 'q']],
    ['\u001b[<0;10;5Mc', ['\u001b[<0;10;5M', 'c']],
    ['\u001b\u001b', ['\u001b', '\u001b']],
    ['é日', ['é', '日']],
    ['', []],
  ])('%j', (text, keys) => {
    expect(keysIn(text)).toEqual(keys);
  });
});
