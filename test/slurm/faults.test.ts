import { beforeAll, expect, it } from 'vitest';
import { autolabJson, parseJson, startAutolab } from '../support/autolab.ts';
import { runIds, startsOf, until } from '../support/project.ts';
import { begun, hasClaim, letEnd, manifestOf, SLOW_MS, WAITING } from '../support/runs.ts';
import { type Cluster, describeOnSlurm, ownCluster } from '../support/slurm.ts';
import { expectOnce, jobOf, journalOf, slurm, slurmProject, untilSlurm } from '../support/slurm-project.ts';

/** The cluster fails around the run: on a cluster of this file's own. */

let cluster: Cluster;

/** Launches an entrypoint that waits; resolves when it runs. */
async function running(options: Parameters<typeof slurmProject>[0] = {}) {
  const root = slurmProject({ entrypoint: WAITING, ...options });
  const driver = startAutolab(root, ['launch', '--json'], { env: cluster.env });
  const runId = await begun(root);
  return { root, runId, driver };
}

function nodeOf(jobId: string): string {
  return slurm(cluster.env, ['squeue', '-j', jobId, '--noheader', '--format=%N']).trim();
}

describeOnSlurm('a cluster that fails', () => {
  beforeAll(async () => {
    cluster = await ownCluster({ minJobAge: 2 });
  });

  it(
    'survives a controller that is away for a while, and driver and job with it',
    async () => {
      const { root, runId, driver } = await running();
      await cluster.stopController();
      letEnd(root, runId);
      // The receipt is there, and nobody confirms it: the driver must go on asking.
      await until('the driver has asked in vain', () => lastAnswer(root, runId).includes('no answer'));
      await cluster.startController();
      const end = await driver.ended;
      expect([end.status, parseJson(end)['code']], end.stderr).toEqual([0, 'run.completed']);
      await expectOnce(cluster.env, root, runId);
    },
    SLOW_MS,
  );

  it(
    'waits for accounting that is down when the job ends',
    async () => {
      const { root, runId, driver } = await running();
      await cluster.stopDbd();
      letEnd(root, runId);
      await until('sacct was asked in vain', () => lastAnswer(root, runId, 'sacct') !== '');
      await cluster.startDbd();
      const end = await driver.ended;
      expect([end.status, parseJson(end)['code']], end.stderr).toEqual([0, 'run.completed']);
      expect(manifestOf(root, runId)['slurm']['polls']).toBeLessThanOrEqual(20);
    },
    SLOW_MS,
  );

  it(
    'finds the end of a job that the controller has forgotten',
    async () => {
      const root = slurmProject({ entrypoint: WAITING });
      const detached = await autolabJson(root, ['launch', '--detach'], { env: cluster.env });
      const jobId = detached.json['job_id'] as string;
      // A job that ended before the detached launch left would be finished by that.
      letEnd(root, await begun(root));
      await untilSlurm('the controller has forgotten the job', () => forgotten(jobId), 150_000);
      const end = await autolabJson(root, ['resume'], { env: cluster.env });
      expect([end.status, end.json['code']], end.stderr).toEqual([0, 'run.completed']);
      const [runId = ''] = runIds(root);
      expect(manifestOf(root, runId)['slurm']['confirmation']['source']).toBe('sacct');
    },
    SLOW_MS,
  );

  it(
    'tells that a node failed',
    async () => {
      const { root, runId, driver } = await running();
      const node = nodeOf(await jobOf(root, runId));
      slurm(cluster.env, ['scontrol', 'update', `nodename=${node}`, 'state=down', 'reason=test']);
      const end = await driver.ended;
      bringBack(node);
      expect([end.status, parseJson(end)['code']], end.stderr).toEqual([10, 'slurm.node_fail']);
      expect(manifestOf(root, runId)['slurm']['state']).toBe('NODE_FAIL');
      expect(startsOf(root, runId)).toBe(1);
    },
    SLOW_MS,
  );

  it(
    'tells that the job had to make room',
    async () => {
      const [, spared] = cluster.nodes;
      const { root, runId, driver } = await running({ compute: { cpus: 4, exclude: spared } });
      const [node] = cluster.nodes;
      const rival = slurm(cluster.env, [
        'sbatch',
        '--parsable',
        '-p',
        'urgent',
        '-w',
        node,
        '-c',
        '4',
        '-o',
        '/dev/null',
        '--wrap',
        'sleep 1',
      ]).trim();
      const end = await driver.ended;
      expect([end.status, parseJson(end)['code']], end.stderr).toEqual([10, 'slurm.preempted']);
      expect(hasClaim(root)).toBe(false);
      expect(startsOf(root, runId)).toBe(1);
      slurm(cluster.env, ['scancel', rival]);
    },
    SLOW_MS,
  );
});

describeOnSlurm('another cluster', () => {
  it(
    'is not believed when it says that it knows no such job',
    async () => {
      const [ours, theirs] = [await ownCluster({ accounting: false }), await ownCluster({ accounting: false })];
      const root = slurmProject({ entrypoint: WAITING });
      const detached = await autolabJson(root, ['launch', '--detach'], { env: ours.env });
      expect(detached.json['outcome'], detached.stderr).toBe('submitted');
      const runId = await begun(root);
      const strange = await autolabJson(root, ['resume'], { env: theirs.env });
      expect([strange.status, strange.json['code']], strange.stderr).toEqual([14, 'slurm.other_cluster']);
      expect(strange.json['message']).toContain(theirs.cluster);
      const given = await autolabJson(root, ['cancel', '--force', '--by', 'ada', '--note', 'gone'], {
        env: theirs.env,
      });
      expect([given.status, given.json['code']]).toEqual([12, 'run.not_abandonable']);
      letEnd(root, runId);
      const end = await autolabJson(root, ['resume'], { env: ours.env });
      expect([end.status, end.json['code']], end.stderr).toEqual([0, 'run.completed']);
    },
    SLOW_MS,
  );
});

describeOnSlurm('a cluster without accounting', () => {
  beforeAll(async () => {
    cluster = await ownCluster({ accounting: false, minJobAge: 10 });
  });

  it(
    'takes the word of the controller, and says so',
    async () => {
      const root = slurmProject();
      const end = await autolabJson(root, ['launch'], { env: cluster.env });
      expect([end.status, end.json['code']], end.stderr).toEqual([0, 'run.completed']);
      const [runId = ''] = runIds(root);
      expect(manifestOf(root, runId)['slurm']['confirmation']).toMatchObject({ source: 'scontrol' });
    },
    SLOW_MS,
  );

  it(
    'leaves a run undetermined whose job nobody knows any more, until a person gives it up',
    async () => {
      const root = slurmProject({ entrypoint: WAITING });
      const detached = await autolabJson(root, ['launch', '--detach'], { env: cluster.env });
      letEnd(root, await begun(root));
      await untilSlurm(
        'the controller has forgotten the job',
        () => forgotten(detached.json['job_id'] as string),
        150_000,
      );
      const end = await autolabJson(root, ['resume'], { env: cluster.env });
      expect([end.status, end.json['code']], end.stderr).toEqual([14, 'slurm.undetermined']);
      expect(hasClaim(root)).toBe(true);
      const given = await autolabJson(root, ['cancel', '--force', '--by', 'ada', '--note', 'the books are off'], {
        env: cluster.env,
      });
      expect(given.json['code'], given.stderr).toBe('run.abandoned');
      expect(hasClaim(root)).toBe(false);
    },
    SLOW_MS,
  );
});

/** It may have come back by itself. */
function bringBack(node: string): void {
  try {
    slurm(cluster.env, ['scontrol', 'update', `nodename=${node}`, 'state=resume']);
  } catch {
    // It has.
  }
}

function forgotten(jobId: string): boolean {
  try {
    slurm(cluster.env, ['scontrol', 'show', 'job', jobId]);
    return false;
  } catch {
    return true;
  }
}

function lastAnswer(root: string, runId: string, command = 'squeue'): string {
  const read = journalOf(root, runId).findLast(
    (line) => line.event === 'scheduler.read' && line.data['command'] === command,
  );
  return String(read?.data['answer'] ?? '');
}
