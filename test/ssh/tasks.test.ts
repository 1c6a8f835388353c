import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import type { TaskClaim } from '../../src/records/tasks/task-receipt.ts';
import { autolab, autolabJson, inRun, parseJson, startAutolab } from '../support/autolab.ts';
import { describeOverSsh, Far } from '../support/far.ts';
import { farRun } from '../support/far-project.ts';
import { until } from '../support/project.ts';
import { manifestOf, SLOW_MS } from '../support/runs.ts';
import { sharedCluster } from '../support/slurm.ts';
import { beginAgain, journalOf, slurm, type SlurmEnv } from '../support/slurm-project.ts';
import { beganThere, farRunOf, farTasksProject } from '../support/tasks/far-tasks.ts';
import { beganIn, endsIn, UNTIL_GO } from '../support/tasks/slurm-tasks.ts';

/** Many tasks on a Slurm behind ssh: each begins once, and its outputs come here while others run (X1, X7, X15). */

/** Many calls each. */
const LONG_MS = 2 * SLOW_MS;

let env: SlurmEnv;
let far: Far;

describeOverSsh('many tasks over ssh', () => {
  beforeAll(async () => {
    const cluster = await sharedCluster();
    env = cluster.env;
    far = await Far.start({ env, shared: [cluster.folder] });
  });

  const run = (root: string, ...words: readonly string[]) => autolabJson(root, words, { env: far.near });

  async function expectWhole(root: string, runId: string): Promise<void> {
    const verified = await autolab(root, ['verify', runId], { env: far.near });
    expect(verified.status, verified.stdout + verified.stderr).toBe(0);
    expect((await autolab(root, ['manifest', runId, '--check'])).status).toBe(0);
    expect(existsSync(join(root, '.autolab/active_run.json'))).toBe(false);
    expect(existsSync(inRun(root, 'iter1', runId, '.autolab-partial'))).toBe(false);
  }

  it(
    'runs two arrays, brings the outputs of what has ended while another task waits, and keeps its own records',
    async () => {
      const root = farTasksProject(far, { count: 6, body: MIXED });
      const driver = startAutolab(root, ['launch', '--json'], { env: far.near });
      const runId = await farRunOf(root, far, 6);
      const here = (...parts: readonly string[]): string => inRun(root, 'iter1', runId, ...parts);
      await until('the outputs of the task with odd names are here', () => existsSync(here('tasks/2/metrics.json')));
      expect(readFileSync(here('tasks/2/a b/-new\nline'), 'utf8')).toBe('x');
      expect([existsSync(farRun(far, runId, 'receipts/5.exit')), existsSync(here('tasks/5'))]).toEqual([false, false]);

      // Its array was released after that of the other one.
      await until('the waiting task is known to have begun', () => existsSync(here('receipts/5.started')));
      const listed = (await run(root, 'tasks')).json['tasks'] as { state: string }[];
      expect(listed[5]?.state).toBe('running');
      const there = farRun(far, runId, 'tasks/5/stdout.log');
      await until('it has said something', () => readFileSync(there, 'utf8').endsWith('\n'));
      const log = await autolab(root, ['logs', '--task', '5', '--stream', 'out'], { env: far.near });
      expect(log.stdout, log.stderr).toBe('waiting\n');
      writeFileSync(farRun(far, runId, 'go'), '');

      const end = await driver.ended;
      const json = parseJson(end);
      expect([end.status, json['code']], `${String(json['message'])}\n${end.stderr}`).toEqual([10, 'tasks.failed']);
      expect(endsIn(root, runId).map(({ state, code }) => `${state} ${String(code)}`)).toEqual([
        'completed null',
        'failed slurm.failed',
        'completed null',
        'completed null',
        'completed null',
        'completed null',
      ]);
      expect(beganIn(root, runId)).toEqual([0, 1, 2, 3, 4, 5]);
      expect(manifestOf(root, runId)['sync']).toMatchObject({ to_remote: { status: 'ok', verified: true } });
      // The names of our records are taken: a task's files of these names stay there.
      for (const name of ['tasks.jsonl', 'tasks_result.jsonl', 'receipt/task_ends.jsonl'])
        expect(readFileSync(here(name), 'utf8'), name).not.toContain('fake');
      expect(readFileSync(farRun(far, runId, 'tasks_result.jsonl'), 'utf8')).toBe('fake\n');
      const asked = journalOf(root, runId).filter(({ event, step }) => event === 'scheduler.read' && step !== 'submit');
      expect(asked.length).toBeLessThanOrEqual(20);
      await expectWhole(root, runId);
    },
    LONG_MS,
  );

  it(
    'shares the tasks among workers there, and tells of one that took too long',
    async () => {
      const root = farTasksProject(far, {
        // More than any other task may take on a busy machine.
        ...{ count: 12, more: ['workers: 3', 'time: "00:00:15"'] },
        body: 'case $1 in 3) exit 3 ;; 7) sleep 100 ;; esac',
      });
      const ran = await run(root, 'launch');
      const runId = ran.json['run_id'] as string;
      expect([ran.status, ran.json['code']], `${String(ran.json['message'])}\n${ran.stderr}`).toEqual([
        10,
        'tasks.failed',
      ]);
      const ends = endsIn(root, runId);
      expect([ends[3]?.code, ends[7]?.code]).toEqual(['slurm.failed', 'slurm.timeout']);
      expect(ends.filter(({ state }) => state === 'completed')).toHaveLength(10);
      expect(beganIn(root, runId)).toEqual(Array.from({ length: 12 }, (_, index) => index));
      await expectWhole(root, runId);
    },
    LONG_MS,
  );

  it(
    'cancels single tasks, with a driver and without one, and then the run',
    async () => {
      const root = farTasksProject(far, { count: 5, more: ['max_parallel: 2'], body: WAIT });
      const left = await run(root, 'launch', '--detach');
      expect(left.json['code'], left.stderr).toBe('run.submitted');
      const runId = await farRunOf(root, far, 2);
      // Nobody drives: the call itself ends task 1, and the request keeps task 3 from beginning.
      const asked = await run(root, 'cancel', '--task', '1', '--task', '3', '--by', 'ada');
      expect([asked.status, asked.json['message']]).toEqual([
        0,
        `Asked run ${runId} to cancel tasks 1, 3; the run continues.`,
      ]);
      expect(cancelledIn(root, runId)).toEqual([1, 3]);
      expect(existsSync(farRun(far, runId, 'receipts/cancel.3'))).toBe(true);
      await until('the next one begins in its place', () => beganThere(far, runId).includes(2));
      // It begins as soon as Slurm has ended task 1, which may leave its receipt after that.
      await until('status tells of both', async () => {
        const { tasks } = (await run(root, 'status')).json;
        return tasks.running === 2 && tasks.cancelled === 2;
      });

      const driver = startAutolab(root, ['resume', '--json'], { env: far.near });
      await until('it follows', () => journalOf(root, runId).some(({ event }) => event === 'run.resumed'));
      expect((await run(root, 'cancel', '--task', '2', '--by', 'ada')).status).toBe(0);
      await until('it was ordered', () => cancelledIn(root, runId).includes(2));
      writeFileSync(farRun(far, runId, 'go-0'), '');
      await until('its outputs are here', () => existsSync(inRun(root, 'iter1', runId, 'tasks/0/metrics.json')));
      await until('the last one has begun', () => beganThere(far, runId).includes(4));
      expect((await run(root, 'cancel', '--by', 'ada')).status).toBeLessThanOrEqual(15);
      const json = parseJson(await driver.ended);
      expect(json['code'], String(json['message'])).toBe('run.cancelled');
      expect(endsIn(root, runId).map(({ state }) => state)).toEqual([
        ...['completed', 'cancelled', 'cancelled', 'cancelled', 'cancelled'],
      ]);
      expect(beganIn(root, runId)).toEqual([0, 1, 2, 4]);
      expect(readdirSync(inRun(root, 'iter1', runId, 'tasks/2'))).toContain('stdout.log');
      await expectWhole(root, runId);
    },
    LONG_MS,
  );

  it(
    'starts nothing more after max_failures, and says of the rest that it was not started',
    async () => {
      const root = farTasksProject(far, {
        ...{ count: 6, more: ['max_parallel: 1', 'max_failures: 2'] },
        // The next one may begin before the request that nothing begins is over there; then it waits for that.
        body: 'case $1 in 1) ;; 0 | 2) exit 3 ;; *) until [ -e "$AUTOLAB_RUN_DIR/receipts/stop" ]; do sleep 0.2; done ;; esac',
      });
      const ran = await run(root, 'launch');
      const runId = ran.json['run_id'] as string;
      expect([ran.status, ran.json['code']], `${String(ran.json['message'])}\n${ran.stderr}`).toEqual([
        10,
        'tasks.failed',
      ]);
      const ends = endsIn(root, runId);
      const begun = beganThere(far, runId);
      expect([3, 4]).toContain(begun.length);
      expect(ends.map(({ state, attempts }) => `${state} ${attempts}`)).toEqual([
        ...['failed 1', 'completed 1', 'failed 1', begun.includes(3) ? 'completed 1' : 'not_started 0'],
        ...['not_started 0', 'not_started 0'],
      ]);
      expect(ends.at(-1)?.message).toContain('max_failures');
      expect(JSON.parse(readFileSync(farRun(far, runId, 'receipts/stop'), 'utf8'))).toMatchObject({
        why: 'max_failures',
      });
      expect(journalOf(root, runId).filter(({ event }) => event === 'tasks.stopped')).toHaveLength(1);
      await expectWhole(root, runId);
    },
    LONG_MS,
  );

  it(
    'begins a task once more that is requeued while the others run, and an end before that is no failure',
    async () => {
      const root = farTasksProject(far, {
        ...{ count: 3, more: ['max_failures: 1'], compute: { requeue: true } },
        body: UNTIL_GO,
      });
      const driver = startAutolab(root, ['launch', '--json'], { env: far.near });
      const runId = await farRunOf(root, far, 3);
      await until('the first start is known here', () => existsSync(inRun(root, 'iter1', runId, 'receipts/1.started')));
      const claim = JSON.parse(readFileSync(farRun(far, runId, 'receipts/claim.1.0'), 'utf8')) as TaskClaim;
      const element = `${String(claim.array_job_id)}_${String(claim.array_task_id)}`;
      slurm(env, ['scontrol', 'requeue', element]);
      await beginAgain(env, element);
      await until('it began again', () => beganThere(far, runId).length === 4);
      writeFileSync(farRun(far, runId, 'go'), '');
      const end = await driver.ended;
      const json = parseJson(end);
      expect([end.status, json['code']], `${String(json['message'])}\n${end.stderr}`).toEqual([0, 'run.completed']);
      expect(beganThere(far, runId)).toEqual([0, 1, 1, 2]);
      expect(endsIn(root, runId).map(({ state, attempts }) => `${state} ${attempts}`)).toEqual([
        ...['completed 1', 'completed 2', 'completed 1'],
      ]);
      expect(JSON.parse(readFileSync(inRun(root, 'iter1', runId, 'receipts/claim.1.1'), 'utf8'))).toMatchObject({
        restart_count: 1,
      });
      await expectWhole(root, runId);
    },
    LONG_MS,
  );

  function cancelledIn(root: string, runId: string): readonly number[] {
    const told = journalOf(root, runId).filter(({ event }) => event === 'tasks.cancelled');
    return told.flatMap(({ data }) => data['indices'] as readonly number[]);
  }
});

const MIXED = `cd "$AUTOLAB_RUN_DIR"
case $1 in
0) for name in tasks.jsonl tasks_result.jsonl tasks_reused.jsonl receipt/task_ends.jsonl receipts/9.exit; do echo fake > "$name"; done ;;
1) exit 3 ;;
2) cd "$AUTOLAB_TASK_DIR"; mkdir "a b"; printf x > "a b/-new
line"; ln -s /etc/hostname link; printf y > '#c;d'; printf z > '*' ;;
5) echo waiting; until [ -e go ]; do sleep 0.2; done ;;
esac`;

const WAIT = 'until [ -e "$AUTOLAB_RUN_DIR/go-$1" ]; do sleep 0.2; done';
