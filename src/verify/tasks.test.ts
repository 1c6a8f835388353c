import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { projectRun } from '../../test/support/finished-run.ts';
import {
  composeTasksRun,
  gridOf,
  type MadeTask,
  type TasksRun,
  writeTasksRun,
} from '../../test/support/tasks/task-records.ts';
import type { VerifierResult } from '../records/manifest-schema.ts';
import { takeSnapshot } from './snapshot.ts';
import { verifyAll } from './table.ts';

/** The verifiers on a run with many tasks, and how small its record is. */

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'autolab-verify-tasks-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const GRID = gridOf({ seed: ['0', '1'], lr: ['0.1', '0.01'] });
const GOOD: readonly MadeTask[] = GRID.map((params) => ({ params, metrics: { accuracy: 1 } }));
const MIXED: readonly MadeTask[] = GOOD.map((task, index) =>
  index === 1 ? { ...task, state: 'failed', metrics: null } : task,
);

async function verify(tasks = GOOD, act: (folder: string) => void = () => {}, run: TasksRun = {}) {
  rmSync(join(root, 'experiments'), { recursive: true, force: true });
  const { folder } = writeTasksRun(root, tasks, run);
  act(folder);
  const snapshot = await takeSnapshot(root, 'iter1', 'r1', { projectManifest: projectRun, digest: true });
  return Object.fromEntries(verifyAll(snapshot).map((result) => [result.name, result]));
}

const ABOUT = ['journal', 'projection', 'logs_present', 'required_artifacts', 'artifact_digests', 'tasks'];
const statusesOf = (results: Record<string, VerifierResult>): readonly (string | undefined)[] =>
  ABOUT.map((name) => results[name]?.status);

const change = (file: string, edit: (text: string) => string) => (folder: string) => {
  writeFileSync(join(folder, file), edit(readFileSync(join(folder, file), 'utf8')));
};

describe('verifyAll on a run with many tasks', () => {
  it('passes a good run, a mixed one and an open one', async () => {
    expect(statusesOf(await verify())).toEqual(['pass', 'pass', 'pass', 'pass', 'pass', 'pass']);
    expect(statusesOf(await verify(MIXED))).toEqual(['pass', 'pass', 'pass', 'pass', 'pass', 'pass']);
    const open = await verify(GOOD, () => {}, { closed: false });
    expect(open['tasks']).toMatchObject({ status: 'pass', message: '4 tasks as approved.' });
    expect(open['required_artifacts']?.status).toBe('skip');
  });

  it.each([
    ['the list', 'tasks.jsonl', /does not have the digest/],
    ['the ends', 'receipt/task_ends.jsonl', /does not have the digest/],
    ['the results', 'tasks_result.jsonl', /does not have the digest/],
  ])('finds that %s changed', async (_, file, words) => {
    const { tasks } = await verify(
      GOOD,
      change(file, (text) => text.replace('"0.1"', '"0.2"').replace('"n', '"m')),
    );
    if (file !== 'receipt/task_ends.jsonl') expect(tasks?.status).toBe('fail');
    const gone = await verify(GOOD, (folder) => {
      rmSync(join(folder, file));
    });
    expect(gone['tasks']).toMatchObject({ status: 'fail', details: [expect.stringContaining(`${file}: is missing`)] });
    const more = await verify(GOOD, (folder) => {
      appendFileSync(join(folder, file), '{}\n');
    });
    expect(more['tasks']?.details.join('\n')).toMatch(words);
  });

  it('finds a required artifact that a completed task does not have any more', async () => {
    const results = await verify(MIXED, (folder) => {
      rmSync(join(folder, 'tasks/2/metrics.json'));
    });
    expect(results['required_artifacts']).toMatchObject({ status: 'fail', details: ['task 2: metrics.json'] });
    expect(results['artifact_digests']?.status).toBe('fail');
    expect(results['tasks']?.status).toBe('pass');
  });

  it('warns of tasks that failed for the lack of one', async () => {
    const lacking = {
      state: 'failed',
      code: 'tasks.artifact_missing',
      message: 'It left no metrics.json.',
      metrics: null,
    } as const;
    const results = await verify(GOOD.map((task, index) => (index === 3 ? { ...task, ...lacking } : task)));
    expect(results['required_artifacts']).toMatchObject({
      status: 'warn',
      message: '1 task left no required artifact and failed.',
      details: ['task 3: It left no metrics.json.'],
    });
  });

  it('finds the log of a task that is missing, and asks none of a task that did not run', async () => {
    const tasks = GOOD.map((task, index): MadeTask =>
      index === 3 ? { ...task, state: 'not_started', metrics: null } : task,
    );
    const results = await verify(tasks, (folder) => {
      rmSync(join(folder, 'tasks/3'), { recursive: true });
      rmSync(join(folder, 'tasks/0/stderr.log'));
    });
    expect(results['logs_present']).toMatchObject({ status: 'fail', message: '1 log missing.' });
  });

  it("takes receipts and lists for autolab's own", async () => {
    const results = await verify(GOOD, (folder) => {
      writeFileSync(join(folder, 'receipts/cancel.3'), '{}\n');
    });
    expect(results['artifact_digests']?.status).toBe('pass');
  });
});

describe('the record of many tasks', () => {
  const failing = (count: number): readonly MadeTask[] =>
    Array.from({ length: count }, (_, index) => ({
      params: { seed: `${index}`, text: 'x'.repeat(10) },
      state: 'failed',
      message: `Why ${index}.`,
    }));

  it.each([{}, { opened: { manifest_layout: 'compact' } }] satisfies TasksRun[])(
    'is as small as that of 100: %j',
    (run) => {
      const [few, many] = [composeTasksRun(failing(100), run), composeTasksRun(failing(2_000), run)];
      expect(many.manifest.length - few.manifest.length).toBeLessThan(100);
      expect(many.manifest.split('\n').length).toBe(few.manifest.split('\n').length);
      expect(many.journal.length - few.journal.length).toBeLessThan(100);
      expect(many.manifest.length).toBeLessThan(20_000);
    },
  );

  it('cuts long values, and gives each task a line in few lines', () => {
    const made = [{ params: { text: 'y'.repeat(100_000) }, state: 'failed' }] as const;
    const { manifest } = composeTasksRun(made, { opened: { manifest_layout: 'compact' } });
    expect(manifest.length).toBeLessThan(10_000);
    expect(manifest.split('\n').filter((line) => line.includes(`"text": "${'y'.repeat(200)}…"`))).toHaveLength(1);
    expect(manifest).toContain('"params": { "text": "');
  });
});
