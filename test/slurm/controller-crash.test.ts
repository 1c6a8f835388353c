import { basename, join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { autolabJson, type Ended, parseJson, startAutolab } from '../support/autolab.ts';
import { crash, freeNodes, reportOf, savedState, setNodes } from '../support/controller-crash.ts';
import { readJson, runIds, startsOf, until } from '../support/project.ts';
import {
  begun,
  hasClaim,
  letEnd,
  lives,
  manifestOf,
  pidIn,
  SLOW_MS,
  stateOf,
  stoppedAt,
  WAITING,
} from '../support/runs.ts';
import { becomes, type Cluster, describeOnSlurm, ownCluster, queued, recorded } from '../support/slurm.ts';
import { jobOf, journalOf, slurm, slurmProject, untilSlurm } from '../support/slurm-project.ts';

/** slurmctld dies (SIGKILL) in every step of a run, and is started again with what it had saved (X1, X2). */

let cluster: Cluster;

const QUICK =
  'poll: {min_seconds: 5, max_seconds: 20}\nsubmit: {reconcile_seconds: 6}\nconfirm: {timeout_seconds: 20}\n';

/** What must hold of the only run of a project, whatever the controller forgot. */
async function expectTrue(root: string): Promise<string> {
  const [runId = '', ...others] = runIds(root);
  expect(others).toEqual([]);
  const code = manifestOf(root, runId)['code'] as string;
  const starts = startsOf(root, runId);
  // A node that still has the first copy can refuse the second one, and then nothing has begun.
  expect(`${code} ${starts}`).toMatch(
    /^(run\.completed 1|slurm\.vanished 0|slurm\.start_failed 0|slurm\.end_unknown 1)$/,
  );
  if (code === 'run.completed')
    await becomes(() => recorded(cluster, manifestOf(root, runId)['slurm']['job_id'] as string), /^COMPLETED 0:0$/);
  expect(hasClaim(root)).toBe(false);
  expect(stateOf(root)['stage_attempt']).toBe(0);
  return code;
}

/**
 * Calls again, as the answer says, while Slurm does not say how the job ended. A job that the controller has as waiting, for
 * what it saved last, starts once a node takes jobs.
 */
async function endedBy(root: string, first: Ended): Promise<void> {
  const said = [first.stderr];
  for (let { status } = first; status === 14 && said.length < 4;) {
    await freeNodes(cluster);
    const again = await autolabJson(root, ['resume'], { env: cluster.env });
    ({ status } = again);
    said.push(String(again.json['message']));
  }
  expect(hasClaim(root), said.join('\n')).toBe(false);
}

/** A job that waits although it was let go: the nodes are closed, and the controller has saved it as it is. */
async function releasedAndSaved(root: string): Promise<{ runId: string; jobId: string; state: Buffer }> {
  setNodes(cluster, 'drain');
  const detached = await autolabJson(root, ['launch', '--detach'], { env: cluster.env });
  expect(detached.json['outcome'], detached.stderr).toBe('submitted');
  const runId = detached.json['run_id'] as string;
  const jobId = detached.json['job_id'] as string;
  // The controller may save between the release and the line about it, and never again: this is a change behind both.
  const mark = `released-${basename(root)}`;
  slurm(cluster.env, ['scontrol', 'update', `jobid=${jobId}`, `admincomment=${mark}`]);
  const state = await savedState(cluster, 'the release', (saved) => saved.includes(mark));
  return { runId, jobId, state };
}

/** The node of the start that claimed the run. */
function claimedOn(root: string, runId: string): string {
  return readJson(root, `experiments/iter1/runs/${runId}/receipt/claim`)['node'] as string;
}

describeOnSlurm('a controller that is killed', () => {
  beforeAll(async () => {
    cluster = await ownCluster();
  });
  afterEach(async () => {
    await freeNodes(cluster);
  });

  describe('and started again with what it has saved', () => {
    it.each([
      'journal.submit.submit.tried.after',
      'submit.answered',
      'submit.listed',
      'journal.submit.job.releasing.after',
      'submit.released',
      'journal.wait.step.intent.after',
      'journal.wait.step.outcome.before',
      'journal.confirm.step.intent.after',
      'journal.confirm.step.outcome.before',
    ])(
      'leaves a true record at %s',
      async (place) => {
        const root = slurmProject({ launchYaml: QUICK });
        const driver = await stoppedAt(root, ['launch', '--json'], place, cluster.env);
        await crash(cluster);
        driver.go();
        await endedBy(root, await driver.ended);
        await expectTrue(root);
      },
      SLOW_MS,
    );

    it(
      'leaves a true record while the job runs, and while it completes',
      async () => {
        const root = slurmProject({ entrypoint: WAITING, launchYaml: QUICK });
        const driver = startAutolab(root, ['launch', '--json'], { env: cluster.env });
        const runId = await begun(root);
        await crash(cluster);
        await cluster.stopController({ signal: 'SIGKILL' });
        letEnd(root, runId);
        await until('the job has left its receipt', () => {
          try {
            return readJson(root, `experiments/iter1/runs/${runId}/receipt/exit.json`)['exit_code'] === 0;
          } catch {
            return false;
          }
        });
        await cluster.startController();
        await endedBy(root, await driver.ended);
        await expectTrue(root);
      },
      SLOW_MS,
    );
  });

  it(
    'and has lost the start: the second one does not speak for the first',
    async () => {
      const root = slurmProject({ entrypoint: WAITING, launchYaml: QUICK });
      const { runId, jobId, state } = await releasedAndSaved(root);
      setNodes(cluster, 'resume');
      await begun(root);
      const first = await pidIn(root, runId);
      await crash(cluster, { state });
      await freeNodes(cluster);
      await becomes(() => recorded(cluster, jobId), /^FAILED 98:0$/);
      const end = await autolabJson(root, ['resume'], { env: cluster.env });
      expect([end.status, end.json['code']], end.stderr).toEqual([10, 'slurm.end_unknown']);
      expect(await expectTrue(root)).toBe('slurm.end_unknown');
      expect(lives(first)).toBe(false);
      const { slurm: record, status } = manifestOf(root, runId);
      expect(status).toBe('failed');
      expect(record['evidence'].join('\n')).toContain(`began on ${claimedOn(root, runId)} at `);
    },
    SLOW_MS,
  );

  it(
    'and has lost the start on a node that is away: nothing is said before the node reports',
    async () => {
      const root = slurmProject({ entrypoint: WAITING, launchYaml: QUICK });
      const { runId, jobId, state } = await releasedAndSaved(root);
      setNodes(cluster, 'resume');
      await begun(root);
      const node = claimedOn(root, runId);
      const number = cluster.nodes[0] === node ? 1 : 2;
      const first = await pidIn(root, runId);
      await cluster.stopNode(number, { signal: 'SIGKILL' });
      await crash(cluster, { state });
      // The second start is made on the other node.
      await freeNodes(cluster, [cluster.nodes[number === 1 ? 1 : 0]]);
      await becomes(() => recorded(cluster, jobId), /^FAILED 98:0$/);
      expect(reportOf(cluster, node)).toBeNull();
      const paused = await autolabJson(root, ['resume'], { env: cluster.env });
      expect([paused.status, paused.json['code']], paused.stderr).toEqual([14, 'slurm.undetermined']);
      expect(paused.json['message']).toContain(node);
      expect(lives(first)).toBe(true);
      expect(hasClaim(root)).toBe(true);
      await cluster.startNode(number);
      const end = await autolabJson(root, ['resume'], { env: cluster.env });
      expect([end.status, end.json['code']], end.stderr).toEqual([10, 'slurm.end_unknown']);
      await until('the first start has ended', () => !lives(first));
      expect(await expectTrue(root)).toBe('slurm.end_unknown');
    },
    SLOW_MS,
  );

  it(
    'and has lost a start that ended meanwhile: what slurmd says of the second one is not its end',
    async () => {
      const root = slurmProject({ entrypoint: WAITING, launchYaml: QUICK });
      const { runId, jobId, state } = await releasedAndSaved(root);
      setNodes(cluster, 'resume');
      await begun(root);
      await crash(cluster, {
        state,
        meanwhile: async () => {
          letEnd(root, runId);
          const receipt = `experiments/iter1/runs/${runId}/receipt`;
          await becomes(() => Promise.resolve(slurm({}, ['ls', join(root, receipt)])), /exit\.json/);
        },
      });
      await freeNodes(cluster);
      await becomes(() => recorded(cluster, jobId), /^(FAILED 98:0|CANCELLED)/);
      const end = await autolabJson(root, ['resume'], { env: cluster.env });
      expect([end.status, end.json['code']], end.stderr).toEqual([10, 'slurm.end_unknown']);
      expect(await expectTrue(root)).toBe('slurm.end_unknown');
      expect(manifestOf(root, runId)['slurm']['evidence'].join('\n')).toContain('a receipt with exit code 0');
    },
    SLOW_MS,
  );

  it(
    'and has lost release and start of a job that its driver watches: the job is taken out of the queue',
    async () => {
      const root = slurmProject({ entrypoint: WAITING, launchYaml: QUICK });
      const stopped = await stoppedAt(root, ['launch', '--json'], 'submit.listed', cluster.env);
      const [runId = ''] = runIds(root);
      const key = manifestOf(root, runId)['slurm']['submit_key'] as string;
      const state = await savedState(cluster, 'the held job', (saved) => saved.includes(key));
      stopped.go();
      await begun(root);
      await crash(cluster, { state });
      const end = await stopped.ended;
      expect([end.status, parseJson(end)['code']], end.stderr).toEqual([10, 'slurm.end_unknown']);
      expect(await expectTrue(root)).toBe('slurm.end_unknown');
      expect(await queued(cluster, await jobOf(root, runId))).toBe('CANCELLED');
    },
    SLOW_MS,
  );

  it(
    'and has lost the release alone: the job is released again',
    async () => {
      setNodes(cluster, 'drain');
      const root = slurmProject({ launchYaml: QUICK });
      const driver = await stoppedAt(root, ['launch', '--json'], 'submit.listed', cluster.env);
      const [runId = ''] = runIds(root);
      const key = manifestOf(root, runId)['slurm']['submit_key'] as string;
      const state = await savedState(cluster, 'the held job', (saved) => saved.includes(key));
      driver.go();
      await until('the job is released', () => journalOf(root, runId).some(({ event }) => event === 'job.released'));
      await crash(cluster, { state });
      await freeNodes(cluster);
      const end = await driver.ended;
      expect([end.status, parseJson(end)['code']], end.stderr).toEqual([0, 'run.completed']);
      expect(await expectTrue(root)).toBe('run.completed');
    },
    SLOW_MS,
  );

  /** Accepted, its id known; then lost, and the id given to the next job of somebody else. */
  async function lostBeforeRelease(root: string) {
    const before = `before-${basename(root)}`;
    slurm(cluster.env, ['sbatch', '--hold', `--job-name=${before}`, '--output=/dev/null', '--wrap=true']);
    const state = await savedState(cluster, 'the job before', (saved) => saved.includes(before));
    const driver = await stoppedAt(root, ['launch', '--json'], 'submit.listed', cluster.env);
    const [runId = ''] = runIds(root);
    const jobId = await jobOf(root, runId);
    await crash(cluster, { state });
    // A controller that has just begun may reset a connection: whether it took the job is seen in the queue.
    const waiting = ['squeue', '-h', '--name=stranger', '--states=PD', '-o', '%i'];
    const submit = ['sbatch', '--hold', '--job-name=stranger', '--output=/dev/null', '--chdir=/tmp', '--wrap=true'];
    let stranger = '';
    await untilSlurm('the job of somebody else waits', () => {
      stranger = slurm(cluster.env, waiting).trim();
      if (stranger === '') slurm(cluster.env, submit);
      return stranger !== '';
    });
    expect(stranger).toBe(jobId);
    return { driver, runId, jobId };
  }

  it(
    'and has lost an accepted job, whose id is another job now: that one is left alone',
    async () => {
      const root = slurmProject({ launchYaml: QUICK });
      const { driver, runId, jobId } = await lostBeforeRelease(root);
      driver.go();
      const end = await driver.ended;
      expect([end.status, parseJson(end)['code']], end.stderr).toEqual([10, 'slurm.vanished']);
      expect(await expectTrue(root)).toBe('slurm.vanished');
      expect(slurm(cluster.env, ['squeue', '-h', '-j', jobId, '-o', '%j %T %r']).trim()).toBe(
        'stranger PENDING JobHeldUser',
      );
      expect(manifestOf(root, runId)['status']).toBe('failed');
      slurm(cluster.env, ['scancel', '--name=stranger', jobId]);
    },
    SLOW_MS,
  );

  it(
    'and has lost an accepted job: a cancel of the run does not reach the job that has its id',
    async () => {
      const root = slurmProject({ launchYaml: QUICK });
      const { driver, jobId } = await lostBeforeRelease(root);
      process.kill(driver.child.pid ?? 0, 'SIGKILL');
      await driver.ended;
      const end = await autolabJson(root, ['cancel'], { env: cluster.env });
      expect([end.status, end.json['code']], end.stderr).toEqual([0, 'run.cancelled']);
      expect(slurm(cluster.env, ['squeue', '-h', '-j', jobId, '-o', '%j %T']).trim()).toBe('stranger PENDING');
      slurm(cluster.env, ['scancel', '--name=stranger', jobId]);
    },
    SLOW_MS,
  );
});
