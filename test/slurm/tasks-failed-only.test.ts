import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { autolab, autolabJson, inRun, parseJson, startAutolab } from '../support/autolab.ts';
import { edit, until, write } from '../support/project.ts';
import { manifestOf, SLOW_MS } from '../support/runs.ts';
import { describeOnSlurm, sharedCluster } from '../support/slurm.ts';
import { journalOf, type SlurmEnv } from '../support/slurm-project.ts';
import { beganIn, endsIn, tasksProject } from '../support/tasks/slurm-tasks.ts';

/** `launch --failed-only` on a real Slurm: what completed is taken over, and has no element in any array. */

let env: SlurmEnv;

const DESIGN = 'experiments/iter1/design.yaml';

describeOnSlurm('the tasks that failed, on Slurm', () => {
  beforeAll(async () => {
    ({ env } = await sharedCluster());
  });

  async function launch(root: string, runId: string, options: readonly string[]): Promise<string> {
    const { status, json, stderr } = await autolabJson(root, ['launch', '--run-id', runId, ...options], { env });
    expect(json['run_id'], `${String(json['message'])}\n${stderr}`).toBe(runId);
    return `${String(status)} ${String(json['code'])}: ${String(json['message'])}`;
  }

  const plansOf = (root: string, runId: string): readonly unknown[] =>
    journalOf(root, runId)
      .filter(({ event }) => event === 'chunk.planned')
      .map(({ data }) => data);

  async function expectWhole(root: string, runId: string): Promise<void> {
    const verified = await autolab(root, ['verify', runId], { env });
    expect(verified.status, verified.stdout + verified.stderr).toBe(0);
  }

  it(
    'runs those alone, as elements of an array and by workers, and takes over the others',
    async () => {
      const root = tasksProject({
        ...{ count: 5, git: true, more: ['max_parallel: 2'] },
        body: 'while [ -e "$AUTOLAB_REPO_ROOT/data/wait" ]; do sleep 0.2; done; test ! -e "$AUTOLAB_REPO_ROOT/data/bad-$1" || exit 3',
      });
      for (const n of [1, 3]) write(root, `data/bad-${n}`, '');
      edit(root, '.git/info/exclude', (text) => `${text}data/\n`);

      expect(await launch(root, 'r1', [])).toContain('10 tasks.failed: 3 of 5 tasks completed');
      expect(beganIn(root, 'r1')).toEqual([0, 1, 2, 3, 4]);

      rmSync(join(root, 'data/bad-1'));
      const crash = { ...env, AUTOLAB_CRASH_AT: 'journal.submit.chunk.planned.after' };
      const killed = await autolab(root, ['launch', '--failed-only', '--run-id', 'r2'], { env: crash });
      expect(killed.signal, killed.stderr).toBe('SIGKILL');
      expect(await launch(root, 'r2', ['--failed-only'])).toContain('10 tasks.failed: 4 of 5 tasks completed');
      expect(beganIn(root, 'r2')).toEqual([1, 3]);
      expect(plansOf(root, 'r2')).toMatchObject([{ chunk: 0, offset: 1, elements: 2, numbers: '0,2', at_once: 2 }]);
      expect(manifestOf(root, 'r2')['tasks'].result).toMatchObject({
        by_state: { completed: 4, failed: 1 },
        by_code: { 'slurm.failed': 1 },
        reused: 3,
      });
      await expectWhole(root, 'r2');

      write(root, 'data/wait', '');
      const driver = startAutolab(root, ['launch', '--failed-only', '--run-id', 'stopped', '--json'], { env });
      await until('the task has begun', () => beganIn(root, 'stopped').length === 1);
      expect((await autolab(root, ['cancel', '--by', 'ada'], { env })).status).toBeLessThanOrEqual(15);
      expect(parseJson(await driver.ended)['code']).toBe('run.cancelled');
      expect(endsIn(root, 'stopped').map(({ state }) => state)).toEqual([
        ...['completed', 'completed', 'completed', 'cancelled', 'completed'],
      ]);
      rmSync(join(root, 'data/wait'));

      rmSync(join(root, 'data/bad-3'));
      edit(root, DESIGN, (text) => `${text}  workers: 3\n  time: "00:00:30"\n`);
      expect(await launch(root, 'r3', ['--failed-only'])).toContain('0 run.completed');
      expect(beganIn(root, 'r3')).toEqual([3]);
      expect(plansOf(root, 'r3')).toMatchObject([{ chunk: 0, offset: 0, elements: 1 }]);
      expect(manifestOf(root, 'r3')['tasks'].result).toMatchObject({ by_state: { completed: 5 }, reused: 4 });
      const claim = JSON.parse(readFileSync(inRun(root, 'iter1', 'r3', 'receipts/claim.3.0'), 'utf8'));
      const began = journalOf(root, 'r3').filter(({ event }) => event === 'run.started');
      expect(began.map(({ data }) => data['started_at'])).toEqual([claim['claimed_at']]);
      await expectWhole(root, 'r3');
    },
    SLOW_MS,
  );

  it(
    'runs the task of a worker that was killed as it claimed it, and that nobody began',
    async () => {
      const claims = `[[ "$1" = '%s\\n' && "$2" = '{"kind":"element"'* ]]`;
      const root = tasksProject({
        ...{ count: 6, git: true, more: ['workers: 2', 'time: "00:00:30"'] },
        activation: `if [ "$SLURM_ARRAY_TASK_ID" = 0 ] && [ -e "$AUTOLAB_REPO_ROOT/data/kill" ]; then
  printf() { if ${claims}; then kill -KILL "$SLURM_TASK_PID" "$BASHPID"; sleep 60; fi; builtin printf "$@"; }
fi
`,
      });
      write(root, 'data/kill', '');
      edit(root, '.git/info/exclude', (text) => `${text}data/\n`);

      expect(await launch(root, 'r1', [])).toContain(
        '10 tasks.unfinished: 5 of 6 tasks completed; 1 with an unknown end',
      );
      expect(readFileSync(inRun(root, 'iter1', 'r1', 'receipts/claim.0.0'), 'utf8')).toBe('');
      expect(beganIn(root, 'r1')).toEqual([1, 2, 3, 4, 5]);
      expect(endsIn(root, 'r1')[0]).toMatchObject({ state: 'end_unknown', code: 'tasks.end_unknown', attempts: 0 });
      expect(journalOf(root, 'r1').filter(({ event }) => event === 'run.started')).toHaveLength(1);
      await expectWhole(root, 'r1');

      rmSync(join(root, 'data/kill'));
      expect(await launch(root, 'r2', ['--failed-only'])).toContain('0 run.completed');
      expect(beganIn(root, 'r2')).toEqual([0]);
      await expectWhole(root, 'r2');
    },
    SLOW_MS,
  );
});
