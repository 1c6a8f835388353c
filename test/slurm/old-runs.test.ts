import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { autolab, autolabJson, inRun, startProgram } from '../support/autolab.ts';
import { clusterNames, jobNames, openProject } from '../support/old-records.ts';
import { runIds, startsOf } from '../support/project.ts';
import { manifestOf, SLOW_MS } from '../support/runs.ts';
import { type Cluster, describeOnSlurm, onCluster, sharedCluster } from '../support/slurm.ts';

/** A job that an older version submitted, continued by this one: in its format, and judged by the rules of its prologue. */

let cluster: Cluster;

/** Submits the run's job as the older version did, and held; its id. */
async function submitAgain(root: string, runId: string, argv: readonly string[]): Promise<string> {
  const { ended } = startProgram(argv, root, {
    env: {
      ...cluster.env,
      AUTOLAB_RUN_ID: runId,
      AUTOLAB_ITERATION_ID: 'iter1',
      AUTOLAB_RUN_DIR: inRun(root, 'iter1', runId),
      AUTOLAB_REPO_ROOT: root,
      AUTOLAB_SCRATCH: join(root, '.autolab/tmp', runId),
      AUTOLAB_REQUEUE: '0',
    },
  });
  const { status, stdout, stderr } = await ended;
  expect(status, stderr).toBe(0);
  return stdout.trim();
}

describeOnSlurm('a job of an older version', () => {
  beforeAll(async () => {
    cluster = await sharedCluster();
  });

  it(
    'is waited for, confirmed and verified, and recorded in its own format',
    async () => {
      const root = openProject('open-slurm-queued');
      const [runId = ''] = runIds(root);
      const { job_id: oldId, slurm } = manifestOf(root, runId);
      const jobId = await submitAgain(root, runId, slurm.submit_argv as string[]);
      openProject('open-slurm-queued', [...clusterNames(cluster.cluster), ...jobNames(oldId as string, jobId)], root);
      await onCluster(cluster, ['scontrol', 'release', jobId]);
      const resumed = await autolabJson(root, ['resume'], { env: cluster.env });
      expect([resumed.status, resumed.json['code']], resumed.stderr).toEqual([0, 'run.completed']);
      expect(startsOf(root, runId)).toBe(1);
      const manifest = manifestOf(root, runId);
      expect(manifest).toMatchObject({ job_id: jobId, local: null, slurm: { state: 'COMPLETED', job_id: jobId } });
      expect(manifest['journal']).not.toHaveProperty('format');
      expect((await autolab(root, ['manifest', runId, '--check'])).status).toBe(0);
      const verified = await autolab(root, ['verify', runId]);
      expect(verified.status, verified.stdout).toBe(0);
    },
    SLOW_MS,
  );
});
