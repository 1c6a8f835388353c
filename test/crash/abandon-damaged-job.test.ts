import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { FakeSlurm } from '../fakes/slurm/fake.ts';
import { autolabJson, inRun, type JsonEnded } from '../support/autolab.ts';
import { readJson, runIds } from '../support/project.ts';
import { hasClaim, letEnd, SLOW_MS, stateOf, WAITING } from '../support/runs.ts';
import { slurmProject } from '../support/slurm-project.ts';

/** What comes after the `scancel` of a hint. */
const THEN = 'then abandon the run again: autolab cancel --force --by WHO --note WHY';

vi.setConfig({ testTimeout: SLOW_MS });

/** A Slurm run whose journal is damaged is given up only where the queue has no job of it. */

const GIVE_UP = ['cancel', '--force', '--by', 'ada', '--note', 'the disk is broken'];

interface Damaged {
  readonly root: string;
  readonly runId: string;
  readonly slurm: FakeSlurm;
  readonly giveUp: (env?: Readonly<Record<string, string>>) => Promise<JsonEnded>;
}

/** A job that waits in the queue, and a line in the journal that is none. */
async function damaged(config: Readonly<Record<string, unknown>> = { pending_seconds: 600 }): Promise<Damaged> {
  const slurm = new FakeSlurm(config);
  const root = slurmProject({ entrypoint: WAITING });
  const launched = await autolabJson(root, ['launch', '--detach'], { env: slurm.env });
  expect([launched.status, launched.json['code']], launched.stderr).toEqual([0, 'run.submitted']);
  const [runId = ''] = runIds(root);
  appendFileSync(inRun(root, 'iter1', runId, 'journal.jsonl'), 'junk\n');
  return { root, runId, slurm, giveUp: (env) => autolabJson(root, GIVE_UP, { env: { ...slurm.env, ...env } }) };
}

async function expectRefused(run: Damaged, message: RegExp, hint: RegExp): Promise<void> {
  const refused = await run.giveUp();
  expect([refused.status, refused.json['code'], hasClaim(run.root)]).toEqual([12, 'run.not_abandonable', true]);
  expect(refused.json['message']).toMatch(message);
  expect(refused.json['hint']).toMatch(hint);
  expect(existsSync(inRun(run.root, 'iter1', run.runId, 'abandoned.json'))).toBe(false);
}

async function expectGivenUp(run: Damaged): Promise<void> {
  const given = await run.giveUp();
  expect([given.status, given.json['code'], hasClaim(run.root)], given.stderr).toEqual([10, 'run.abandoned', false]);
  expect(stateOf(run.root)).toMatchObject({ last_run_id: run.runId, pending_run_id: '', sync_status: 'failed' });
  expect(readJson(run.root, `experiments/iter1/runs/${run.runId}/abandoned.json`)).toMatchObject({
    queue: `no job named autolab-${run.runId}-… is in the queue`,
  });
}

test('not while a job of it waits; given up, the run is closed to copies of the job that turn up late', async () => {
  const run = await damaged();
  const journal = readFileSync(inRun(run.root, 'iter1', run.runId, 'journal.jsonl'));
  const [job] = run.slurm.jobs();
  const alive = new RegExp(`The run is alive: job ${String(job?.id)} \\(autolab-${run.runId}-[A-Za-z0-9]+, PENDING\\)`);
  await expectRefused(run, alive, new RegExp(`scancel ${String(job?.id)}; ${THEN}$`));
  await run.slurm.run('scancel', [String(job?.id)]);

  await expectGivenUp(run);

  expect(readFileSync(inRun(run.root, 'iter1', run.runId, 'journal.jsonl'))).toEqual(journal);
  for (const fence of ['claim', 'closed'])
    expect(existsSync(inRun(run.root, 'iter1', run.runId, `receipt/${fence}`)), fence).toBe(true);
});

test('a job that claimed the run and goes on is alive, whatever is left of the journal', async () => {
  const run = await damaged({});
  const [job] = run.slurm.jobs();
  await run.slurm.running(job?.id ?? 0);
  rmSync(inRun(run.root, 'iter1', run.runId, 'journal.jsonl'));
  await expectRefused(run, /The run is alive: job \d+ \(.*, RUNNING\)/, new RegExp(`scancel \\d+; ${THEN}$`));
  letEnd(run.root, run.runId);
  await run.slurm.ended(job?.id ?? 0);

  await expectGivenUp(run);
});

test('nor where the queue does not answer, or says nothing only once', async () => {
  const run = await damaged();
  const asked = run.slurm.calls().filter(({ command }) => command === 'squeue').length;
  run.slurm.faults([{ command: 'squeue', nth: asked + 1, fault: 'unreachable' }]);
  await expectRefused(
    run,
    /the queue does not say .*: .*[Uu]nable to contact slurm controller/,
    /while this answers: squeue --me /,
  );
  run.slurm.faults([{ command: 'squeue', nth: asked + 2, fault: 'empty' }]);
  await expectRefused(run, /The run is alive: job \d+/, /scancel/);
});

test('with the whole run folder gone, the design tells that it was a Slurm run', async () => {
  const run = await damaged();
  rmSync(join(run.root, 'experiments/iter1/runs', run.runId), { recursive: true });
  await expectRefused(run, /The run is alive: job \d+ \(.*, PENDING\)/, new RegExp(`scancel \\d+; ${THEN}$`));
  await run.slurm.run('scancel', [String(run.slurm.jobs()[0]?.id)]);

  await expectGivenUp(run);
});

test('a job that removes its run folder: the driver that waits for it says so', async () => {
  const slurm = new FakeSlurm();
  const root = slurmProject({ entrypoint: 'sleep 1\nrm -rf "$AUTOLAB_RUN_DIR"\nsleep 1\n' });
  const ended = await autolabJson(root, ['launch', '--run-id', 'r1'], { env: slurm.env });
  expect([ended.status, ended.json['code'], ended.json['run_id']], ended.stderr).toEqual([12, 'journal.corrupt', 'r1']);
  await slurm.ended(slurm.jobs()[0]?.id ?? 0);

  await expectGivenUp({ root, runId: 'r1', slurm, giveUp: () => autolabJson(root, GIVE_UP, { env: slurm.env }) });
});
