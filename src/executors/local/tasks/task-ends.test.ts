import { expect, test } from 'vitest';
import type { TaskExit } from '../../../records/tasks/task-receipt.ts';
import { type EndsContext, type LeftOfTask, taskEnds } from './task-ends.ts';

const EXIT: TaskExit = {
  attempt: 0,
  exit_code: 0,
  signal: null,
  ended_by: null,
  start_error: null,
  started_at: '2026-11-24T10:00:00.000Z',
  ended_at: '2026-11-24T10:00:01.000Z',
  wall_seconds: 1,
  cpu_seconds: 0.5,
  max_rss_bytes: null,
  oom: null,
};
const NOTHING: LeftOfTask = { index: 0, claimed: false, started: false, cancelled: false, exit: null };
const CONTEXT: EndsContext = { node: 'n', timeLimitSeconds: 60, runCancelled: false, stopped: null, lost: false };

test.each([
  ['a good end', {}, {}, {}, ['completed', null, 1]],
  ['an exit code', { exit_code: 3 }, {}, {}, ['failed', 'local.failed', 1]],
  ['a signal', { exit_code: null, signal: 'SIGSEGV' }, {}, {}, ['failed', 'local.signal', 1]],
  ['its limit', { exit_code: 0, ended_by: 'time_limit' }, {}, {}, ['failed', 'local.timeout', 1]],
  ['memory', { exit_code: 1, oom: true }, {}, {}, ['failed', 'local.out_of_memory', 1]],
  ['its cancel', { ended_by: 'request' }, { cancelled: true }, {}, ['cancelled', 'run.cancelled', 1]],
  ['the cancel of the run', { ended_by: 'request' }, {}, { runCancelled: true }, ['cancelled', 'run.cancelled', 1]],
  ['a signal to the supervisor', { ended_by: 'request' }, {}, {}, ['failed', 'local.terminated', 1]],
  ['a stop before it', { ended_by: 'request', started_at: null }, {}, {}, ['not_started', 'tasks.not_started', 0]],
  ['no logs', { start_error: 'x', started_at: null }, {}, {}, ['failed', 'local.start_failed', 0]],
] as const)('the end of a task: %s', (_, exit, left, context, expected) => {
  const facts = { ...NOTHING, claimed: true, started: true, ...left, exit: { ...EXIT, ...exit } };
  const [end] = taskEnds([facts], { ...CONTEXT, ...context });
  expect([end?.state, end?.code, end?.attempts]).toEqual(expected);
});

test.each([
  ['nothing of it', {}, {}, ['not_started', 'tasks.not_started', 0]],
  ['nothing of it, after a cancel of the run', {}, { runCancelled: true }, ['cancelled', 'run.cancelled', 0]],
  ['its cancel alone', { cancelled: true }, {}, ['cancelled', 'run.cancelled', 0]],
  ['a claim', { claimed: true }, { lost: true }, ['end_unknown', 'tasks.end_unknown', 0]],
  ['a claim and a cancel', { claimed: true, cancelled: true }, { lost: true }, ['cancelled', 'run.cancelled', 0]],
  ['a start', { claimed: true, started: true, cancelled: true }, {}, ['end_unknown', 'tasks.end_unknown', 1]],
] as const)('a task without a receipt of its end: %s', (_, left, context, expected) => {
  const [end] = taskEnds([{ ...NOTHING, ...left }], { ...CONTEXT, ...context });
  expect([end?.state, end?.code, end?.attempts]).toEqual(expected);
});
