import { beforeAll, expect, it } from 'vitest';
import { autolab, autolabJson, parseJson, startAutolab } from '../support/autolab.ts';
import { describeOverSsh, Far } from '../support/far.ts';
import { gate } from '../support/far-gate.ts';
import { farProject } from '../support/far-project.ts';
import { runIds, startsOf } from '../support/project.ts';
import { manifestOf, SLOW_MS } from '../support/runs.ts';
import { type Cluster, sharedCluster } from '../support/slurm.ts';
import { expectOnce, journalOf, type SlurmEnv } from '../support/slurm-project.ts';

/**
 * A connection that breaks, and a person who leaves, in the midst of a step (R18, X1, X2 over ssh). The step is held up over
 * there by a program that waits, so that it is that step and no other. crashes.test.ts cuts the answer of `sbatch` and the
 * wait, faults.test.ts the return of a large file.
 */

let env: SlurmEnv;
let cluster: Cluster;

async function ownFar(): Promise<Far> {
  return Far.start({ env: cluster.env, shared: [cluster.folder] });
}

function stepUnderWay(root: string): string | undefined {
  const [runId = ''] = runIds(root);
  return journalOf(root, runId).findLast(({ event }) => event === 'step.intent')?.step;
}

/** One run, one job, started once, closed, its manifest as its journal says. */
async function expectOneJob(root: string): Promise<string> {
  const [runId = '', ...others] = runIds(root);
  expect(others).toEqual([]);
  expect(startsOf(root, runId)).toBe(1);
  expect(journalOf(root, runId).filter(({ event }) => event === 'submit.tried')).toHaveLength(1);
  expect(manifestOf(root, runId)).toMatchObject({ status: 'completed', sync: { to_local: { verified: true } } });
  await expectOnce(env, root, runId);
  expect((await autolab(root, ['manifest', runId, '--check'])).status).toBe(0);
  return runId;
}

describeOverSsh('in the midst of a step over ssh', () => {
  beforeAll(async () => {
    cluster = await sharedCluster();
    ({ env } = cluster);
  });

  it.each([
    ['sync_to_remote', 'the digests are compared', 'sha256sum', '--check*'],
    ['submit', 'the queue is asked before the submission', 'squeue', '*--name=*'],
    ['submit', 'the job that was submitted is shown', 'scontrol', '*"show job"*'],
    ['submit', 'the job is released', 'scontrol', '*release*'],
    ['confirm', 'accounting is asked', 'sacct', '*'],
    ['confirm', 'other copies are asked for, after accounting has answered', 'squeue', '*"%i|%T|%j|%Z|%o"*'],
    ['collect_to_remote', 'the outputs are gathered', 'cp', '-RPp*'],
    ['sync_artifacts_to_local', 'the outputs are digested', 'sha256sum', '--\\ *'],
  ])(
    'the connection is cut in %s while %s: the same job, and everything is here',
    async (step, _what, program, only) => {
      const over = await ownFar();
      // What the job could not collect itself is gathered after it.
      const held = gate(over, program, only, { inJobs: step === 'collect_to_remote' ? 'fails' : 'waits' });
      const root = farProject(over, {
        artifacts: ['metrics.json', '{path: "ckpt/**", from: "{{scratch}}/ckpt"}'],
        entrypoint:
          'echo started >> "$AUTOLAB_RUN_DIR/marker"\necho "{}" > "$AUTOLAB_RUN_DIR/metrics.json"\nmkdir -p "$AUTOLAB_SCRATCH/ckpt"\necho w > "$AUTOLAB_SCRATCH/ckpt/weights"\n',
      });
      const launch = startAutolab(root, ['launch', '--json'], { env: over.near });
      await held.reached();
      expect(stepUnderWay(root)).toBe(step);
      expect(over.cutConnections()).toBeGreaterThan(0);
      held.open();
      const ended = await launch.ended;
      expect([ended.status, parseJson(ended)['code']], ended.stderr).toEqual([0, 'run.completed']);
      const runId = await expectOneJob(root);
      expect(manifestOf(root, runId)['artifacts']).toMatchObject({
        declared: [
          { pattern: 'metrics.json', matches: 1 },
          { pattern: 'ckpt/**', matches: 1 },
        ],
      });
    },
    SLOW_MS,
  );

  it(
    'Ctrl-C while the code is sent: no attempt is counted, and the next launch sends the rest for the same run',
    async () => {
      const over = await ownFar();
      const held = gate(over, 'rsync', '--server*');
      const root = farProject(over);
      const launch = startAutolab(root, ['launch', '--json'], { env: over.near });
      await held.reached();
      expect(stepUnderWay(root)).toBe('sync_to_remote');
      launch.child.kill('SIGINT');
      const left = await launch.ended;
      expect([left.status, parseJson(left)['code']], left.stderr).toEqual([130, 'interrupted']);
      expect(parseJson(left)['stage_attempt']).toBe(0);
      const [runId] = runIds(root);
      held.open();
      const later = await autolabJson(root, ['launch'], { env: over.near });
      expect([later.status, later.json['code'], later.json['run_id']], later.stderr).toEqual([
        0,
        'run.completed',
        runId,
      ]);
      expect(later.json['stage_attempt']).toBe(0);
      await expectOneJob(root);
    },
    SLOW_MS,
  );

  it(
    'two terminals at the same moment: one launches, the other ends with 13, and there is one run',
    async () => {
      const over = await ownFar();
      const root = farProject(over);
      const both = [0, 1].map(() => startAutolab(root, ['launch', '--json'], { env: over.near }));
      const ended = await Promise.all(both.map(({ ended: end }) => end));
      const told = ended.map((end) => [end.status, parseJson(end)['code'] as string] as const);
      expect(
        told.toSorted(([a], [b]) => (a ?? 0) - (b ?? 0)),
        ended.map(({ stderr }) => stderr).join('\n'),
      ).toEqual([
        [0, 'run.completed'],
        [13, 'lease.held'],
      ]);
      await expectOneJob(root);
    },
    SLOW_MS,
  );
});
