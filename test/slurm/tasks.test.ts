import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { autolabJson, inRun, parseJson, startAutolab } from '../support/autolab.ts';
import { until } from '../support/project.ts';
import { manifestOf, SLOW_MS } from '../support/runs.ts';
import { describeOnSlurm, sharedCluster } from '../support/slurm.ts';
import { journalOf, ledgerRows, slurm, type SlurmEnv } from '../support/slurm-project.ts';
import { beganIn, endsIn, runOf, tasksProject } from '../support/tasks/slurm-tasks.ts';

/** Many tasks on a real Slurm: as job arrays, each submitted once, each task once (X1, X6, X15). */

let env: SlurmEnv;

/** Tasks that are cancelled run until then, however long this takes. */
const LONG = { time: '"01:00:00"' };

describeOnSlurm('many tasks on Slurm', () => {
  beforeAll(async () => {
    ({ env } = await sharedCluster());
  });

  it(
    'runs 12 tasks in three arrays, each once',
    async () => {
      const root = tasksProject({ count: 12 });
      const dry = await autolabJson(root, ['launch', '--dry-run'], { env });
      expect((dry.json['plan'] as { tasks: object }).tasks).toMatchObject({
        chunks: [0, 4, 8].map((first) => ({ first, count: 4 })),
      });
      const ran = await autolabJson(root, ['launch'], { env });
      const runId = ran.json['run_id'] as string;
      expect([ran.status, ran.json['code']], `${String(ran.json['message'])}\n${ran.stderr}`).toEqual([
        0,
        'run.completed',
      ]);
      expect(beganIn(root, runId)).toEqual(Array.from({ length: 12 }, (_, index) => index));
      expect(endsIn(root, runId).map(({ state }) => state)).toEqual(Array.from({ length: 12 }, () => 'completed'));
      const { jobs } = manifestOf(root, runId)['slurm'] as { jobs: { job_id: string; elements: number }[] };
      expect(jobs.map(({ elements }) => elements)).toEqual([4, 4, 4]);
      expect(ledgerRows(root).map((row) => /job_id=(\d+)/.exec(row)?.[1])).toEqual(jobs.map(({ job_id }) => job_id));
      expect(journalOf(root, runId).filter(({ event }) => event === 'submit.tried')).toHaveLength(3);
    },
    SLOW_MS,
  );

  it(
    'tells every end of its own: good, bad, killed, out of memory, cancelled by hand',
    async () => {
      const root = tasksProject({ count: 6, body: MIXED });
      const driver = startAutolab(root, ['launch', '--json'], { env });
      const runId = await runOf(root);
      await until('the task that waits has begun', () => beganIn(root, runId).includes(5));
      const array = (): string =>
        journalOf(root, runId).filter(({ event }) => event === 'job.submitted')[1]?.data['job_id'];
      slurm(env, ['scancel', `${array()}_1`]);
      const end = await driver.ended;
      const json = parseJson(end);
      expect([end.status, json['code']], `${String(json['message'])}\n${end.stderr}`).toEqual([10, 'tasks.failed']);
      const ends = endsIn(root, runId).map(({ state, code }) => `${state} ${String(code)}`);
      expect([ends[0], ends[1], ends[2], ends[5]]).toEqual([
        'completed null',
        'failed slurm.failed',
        'failed slurm.signal',
        'cancelled slurm.cancelled',
      ]);
      expect(beganIn(root, runId)).toEqual([0, 1, 2, 3, 4, 5]);
      expect(existsSync(join(root, '.autolab/active_run.json'))).toBe(false);
      const reads = journalOf(root, runId).filter(({ event, step }) => event === 'scheduler.read' && step !== 'submit');
      expect(reads.length).toBeLessThanOrEqual(20);
    },
    SLOW_MS,
  );

  it(
    'keeps max_parallel over all arrays',
    async () => {
      const body =
        'ls "$AUTOLAB_RUN_DIR/now" 2>/dev/null | wc -l >> "$AUTOLAB_RUN_DIR/most"; mkdir -p "$AUTOLAB_RUN_DIR/now"; : > "$AUTOLAB_RUN_DIR/now/$1"; sleep 1; rm "$AUTOLAB_RUN_DIR/now/$1"';
      const root = tasksProject({ count: 9, more: ['max_parallel: 3'], body });
      const ran = await autolabJson(root, ['launch'], { env });
      const runId = ran.json['run_id'] as string;
      expect([ran.status, ran.json['code']], `${String(ran.json['message'])}\n${ran.stderr}`).toEqual([
        0,
        'run.completed',
      ]);
      const most = readFileSync(inRun(root, 'iter1', runId, 'most'), 'utf8')
        .trim()
        .split('\n')
        .map(Number);
      expect(Math.max(...most)).toBeLessThan(3);
      expect(beganIn(root, runId)).toHaveLength(9);
    },
    SLOW_MS,
  );

  it(
    'shares the tasks among workers',
    async () => {
      const root = tasksProject({ count: 40, more: ['workers: 3', 'time: "00:00:30"'] });
      const ran = await autolabJson(root, ['launch'], { env });
      const runId = ran.json['run_id'] as string;
      expect([ran.status, ran.json['code']], `${String(ran.json['message'])}\n${ran.stderr}`).toEqual([
        0,
        'run.completed',
      ]);
      expect(beganIn(root, runId)).toEqual(Array.from({ length: 40 }, (_, index) => index));
      expect(manifestOf(root, runId)['slurm']['jobs']).toMatchObject([{ elements: 3 }]);
    },
    SLOW_MS,
  );

  it(
    'starts nothing more after max_failures, and says of the rest that it was not started',
    async () => {
      const root = tasksProject({ count: 8, more: ['max_parallel: 1', 'max_failures: 2'], body: 'exit 3' });
      const ran = await autolabJson(root, ['launch'], { env });
      const runId = ran.json['run_id'] as string;
      expect([ran.status, ran.json['code']], `${String(ran.json['message'])}\n${ran.stderr}`).toEqual([
        10,
        'tasks.failed',
      ]);
      const states = endsIn(root, runId).map(({ state }) => state);
      expect(states.filter((state) => state === 'not_started').length).toBeGreaterThanOrEqual(4);
      expect(beganIn(root, runId).length).toBe(states.filter((state) => state === 'failed').length);
    },
    SLOW_MS,
  );

  it(
    'cancels the run: what runs is ended, what waits never begins',
    async () => {
      const root = tasksProject({ count: 8, more: ['max_parallel: 2'], body: 'sleep 1000', compute: LONG });
      const driver = startAutolab(root, ['launch', '--json'], { env });
      const runId = await runOf(root);
      await until('two tasks have begun', () => beganIn(root, runId).length === 2);
      const cancelled = await autolabJson(root, ['cancel', '--by', 'ada'], { env });
      expect(cancelled.status, cancelled.stderr).toBeLessThanOrEqual(15);
      const json = parseJson(await driver.ended);
      expect(json['code'], String(json['message'])).toBe('run.cancelled');
      expect(endsIn(root, runId).every(({ state, code }) => state === 'cancelled' && code === 'run.cancelled')).toBe(
        true,
      );
      expect(beganIn(root, runId)).toHaveLength(2);
      expect(existsSync(join(root, '.autolab/active_run.json'))).toBe(false);
    },
    SLOW_MS,
  );

  it(
    'cancels single tasks, before and after their start',
    async () => {
      const root = tasksProject({
        count: 4,
        more: ['max_parallel: 2'],
        body: 'until [ -e "$AUTOLAB_RUN_DIR/go" ] && [ "$1" != 1 ]; do sleep 0.2; done',
      });
      const driver = startAutolab(root, ['launch', '--json'], { env });
      const runId = await runOf(root);
      await until('two tasks have begun', () => beganIn(root, runId).length === 2);
      for (const task of ['1', '3']) {
        const asked = await autolabJson(root, ['cancel', '--task', task, '--by', 'ada'], { env });
        expect(asked.status, asked.stderr + String(asked.json['message'])).toBe(0);
      }
      await until('it was ordered', () => journalOf(root, runId).some(({ event }) => event === 'tasks.cancelled'));
      writeFileSync(inRun(root, 'iter1', runId, 'go'), '');
      const json = parseJson(await driver.ended);
      expect(
        endsIn(root, runId).map(({ state }) => state),
        String(json['message']),
      ).toEqual(['completed', 'cancelled', 'completed', 'cancelled']);
      expect(beganIn(root, runId)).toEqual([0, 1, 2]);
    },
    SLOW_MS,
  );

  it(
    'cancels single tasks although nobody follows the run: what runs is ended at once, and nobody has to resume',
    async () => {
      const body = '[ "$1" = 2 ] || sleep 1000';
      const root = tasksProject({ count: 4, more: ['max_parallel: 2'], body, compute: LONG });
      const left = await autolabJson(root, ['launch', '--detach'], { env });
      expect(left.json['code'], left.stderr).toBe('run.submitted');
      const runId = await runOf(root);
      await until('two tasks have begun', () => beganIn(root, runId).length === 2);
      const asked = await autolabJson(root, ['cancel', '--task', '1', '--task', '3', '--by', 'ada'], { env });
      expect([asked.status, asked.json['message']]).toEqual([
        0,
        `Asked run ${runId} to cancel tasks 1, 3; the run continues.`,
      ]);
      const exits = ['1.exit', '2.exit'].map((name) => inRun(root, 'iter1', runId, 'receipts', name));
      await until('it has ended, and another one ran in its place', () => exits.every((file) => existsSync(file)));
      const events = journalOf(root, runId).map(
        ({ event, data }) => `${event} ${String(data['indices'] ?? data['command'])}`,
      );
      expect(events.slice(events.indexOf('tasks.cancelled 1,3'))).toEqual([
        'tasks.cancelled 1,3',
        'scheduler.read squeue',
      ]);
      expect((await autolabJson(root, ['cancel', '--task', '0'], { env })).status).toBe(0);
      const json = (await autolabJson(root, ['resume'], { env })).json;
      const states = endsIn(root, runId).map(({ state, code }) => `${state} ${String(code)}`);
      expect(states, String(json['message'])).toEqual([
        ...['cancelled run.cancelled', 'cancelled run.cancelled', 'completed null', 'cancelled run.cancelled'],
      ]);
      expect(beganIn(root, runId)).toEqual([0, 1, 2]);
    },
    SLOW_MS,
  );
});

const MIXED = `case $1 in 1) exit 3 ;; 2) kill -KILL $$ ;; 5) sleep 100 ;; esac`;
