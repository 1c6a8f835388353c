import { readdirSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { autolabJson, inRun, type JsonEnded, parseJson, startAutolab } from '../support/autolab.ts';
import { keepUntilEnd, runIds, startsOf, until } from '../support/project.ts';
import { begun, manifestOf, SLOW_MS } from '../support/runs.ts';
import {
  becomes,
  type Cluster,
  describeOnSlurm,
  ON_NEWER_SLURM,
  ownCluster,
  siteCluster,
  submit,
} from '../support/slurm.ts';
import { bringBackNode, slurm, slurmProject } from '../support/slurm-project.ts';

/** Runs that were stopped, or whose tasks failed, whatever the state of the job says (R17, X5). */

const DONE = 'echo \'{"accuracy": 1}\' > "$AUTOLAB_RUN_DIR/metrics.json"\n';
/** Two tasks that save and end with 0 when they are asked to stop. */
const SAVES = `trap '${DONE.trim().replaceAll("'", `'"'"'`)}; echo > "$AUTOLAB_RUN_DIR/saved-$SLURM_PROCID"; exit 0' TERM
echo started >> "$AUTOLAB_RUN_DIR/marker"
while :; do sleep 0.2; done
`;

async function launched(root: string, cluster: Cluster): Promise<{ end: JsonEnded; manifest: Record<string, any> }> {
  const end = await autolabJson(root, ['launch'], { env: cluster.env });
  return { end, manifest: manifestOf(root, runIds(root)[0] ?? '') };
}

const evidenceIn = (manifest: Record<string, any>): string => (manifest['slurm']['evidence'] as string[]).join('\n');

describeOnSlurm('a preemption with grace', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await siteCluster('grace');
  });

  it(
    'is no good end, although the entrypoint saved and ended with 0',
    async () => {
      const root = slurmProject({ compute: { nodes: 2, ntasks: 2 }, entrypoint: SAVES });
      const driver = startAutolab(root, ['launch', '--json'], { env: cluster.env });
      const runId = await begun(root);
      await until('both tasks can save', () => startsOf(root, runId) === 2);
      await submit(cluster, ['-p', 'urgent', '--nodes=2', '--exclusive', '--mem=100M'], 'sleep 1');
      const end = await driver.ended;
      expect([end.status, parseJson(end)['code']], end.stderr).toEqual([10, 'slurm.preempted']);
      const manifest = manifestOf(root, runId);
      expect(manifest).toMatchObject({ status: 'failed', code: 'slurm.preempted', slurm: { exit_code: '0:0' } });
      // Slurm's own verdict is kept beside it. A newer one calls it what it was.
      const [state, told] = ON_NEWER_SLURM
        ? ['PREEMPTED', /preempted/]
        : ['COMPLETED', /preempted: Slurm gave it notice at 20\S+Z\. Slurm calls it COMPLETED/];
      expect(manifest['slurm']['state']).toBe(state);
      expect(manifest['message']).toMatch(told);
      expect(evidenceIn(manifest)).toMatch(/in the log: slurmstepd\S* error: \*\*\* STEP \d+\.\d+ ON \S+ CANCELLED AT/);
      expect(readdirSync(inRun(root, 'iter1', runId))).toEqual(expect.arrayContaining(['saved-0', 'saved-1']));
      expect((await autolabJson(root, ['manifest', '--check', runId])).status).toBe(0);
    },
    SLOW_MS,
  );
});

describeOnSlurm('a step that is not the run', () => {
  it(
    'may be cancelled by the script that started it',
    async () => {
      const cluster = await siteCluster('plain');
      const root = slurmProject({
        entrypoint: `echo started >> "$AUTOLAB_RUN_DIR/marker"
srun --ntasks=1 --overlap bash -c 'echo > "$AUTOLAB_RUN_DIR/side"; sleep 60' &
until [ -e "$AUTOLAB_RUN_DIR/side" ]; do sleep 0.1; done
step="$(squeue --steps --noheader --jobs="$SLURM_JOB_ID" --format=%i | grep -E '\\.[0-9]+$' | sort -t. -k2n | tail -n 1)"
scancel "$step"
wait || true
${DONE}`,
      });
      const { end, manifest } = await launched(root, cluster);
      expect([end.status, end.json['code']], end.stderr).toEqual([0, 'run.completed']);
      expect(evidenceIn(manifest)).toMatch(/step \d+\.\d+: CANCELLED/);
      expect(evidenceIn(manifest)).toMatch(/in the log: slurmstepd\S* error: \*\*\* STEP/);
    },
    SLOW_MS,
  );
});

describeOnSlurm('a task that fails', () => {
  it(
    'is named with its code and its node, not with the signal that the others were ended by',
    async () => {
      const cluster = await siteCluster('plain');
      const root = slurmProject({
        compute: { nodes: 2, ntasks: 2 },
        entrypoint:
          'echo started >> "$AUTOLAB_RUN_DIR/marker"\nif [ "$SLURM_PROCID" = 1 ]; then exit 3; fi\nexec sleep 100\n',
      });
      const { end, manifest } = await launched(root, cluster);
      expect([end.status, end.json['code']], end.stderr).toEqual([10, 'slurm.failed']);
      expect(manifest['message']).toContain(`${cluster.nodes[1]}: task 1: Exited with exit code 3`);
      expect(end.json['hint']).not.toContain('signal');
    },
    SLOW_MS,
  );

  it(
    'is told apart from a step that a user cancelled',
    async () => {
      const cluster = await siteCluster('plain');
      const root = slurmProject({
        compute: { ntasks: 2 },
        entrypoint: 'echo started >> "$AUTOLAB_RUN_DIR/marker"\nexec sleep 100\n',
      });
      const driver = startAutolab(root, ['launch', '--json'], { env: cluster.env });
      const runId = await begun(root);
      slurm(cluster.env, ['scancel', `${String(manifestOf(root, runId)['job_id'])}.0`]);
      const end = await driver.ended;
      expect([end.status, parseJson(end)['code']], end.stderr).toEqual([10, 'slurm.cancelled']);
      expect(parseJson(end)['message']).toMatch(/^The step \d+\.0, which ran the entrypoint, was cancelled by user 0/);
    },
    SLOW_MS,
  );
});

describeOnSlurm('a job of less than a second', () => {
  it(
    'is called as it was submitted, with what it used',
    async () => {
      const cluster = await siteCluster('plain');
      const root = slurmProject({ entrypoint: DONE });
      const { end, manifest } = await launched(root, cluster);
      expect([end.status, end.json['code']], end.stderr).toEqual([0, 'run.completed']);
      expect(evidenceIn(manifest)).not.toMatch(/allocation|Slurm calls it/);
      expect(evidenceIn(manifest)).toContain('time: ');
      expect(manifest['usage']['used']['wall_seconds']).toBeLessThan(60);
    },
    SLOW_MS,
  );
});

describeOnSlurm('a job that waits for what will not come', () => {
  it(
    'names the limit of the partition with its value, and the key of the design',
    async () => {
      const cluster = await siteCluster('partition-limits');
      const root = slurmProject({ compute: { partition: 'short', time: '"00:30:00"' } });
      const left = await autolabJson(root, ['launch', '--detach'], { env: cluster.env });
      expect(left.json['code'], left.stderr).toBe('run.submitted');
      const limit = /the partition short allows MaxTime=00:02:00 \(the job asks for 00:30:00\).*compute\.time/;
      await becomes(() => statusOf(root, cluster), limit);
      const { json } = await autolabJson(root, ['status'], { env: cluster.env });
      expect(json['queue_reason']).toBe('PartitionTimeLimit');
      // A driver that waits says so, too.
      const waiting = await autolabJson(root, ['resume', '--detach'], { env: cluster.env });
      expect(waiting.json['message']).toMatch(limit);
      expect((await autolabJson(root, ['cancel'], { env: cluster.env })).json['code']).toBe('run.cancelled');
    },
    SLOW_MS,
  );

  it(
    'names the limit of a QOS',
    async () => {
      const cluster = await siteCluster('partition-limits');
      const root = slurmProject({ compute: { qos: 'capped', time: '"00:30:00"' } });
      const left = await autolabJson(root, ['launch', '--detach'], { env: cluster.env });
      expect(left.json['code'], left.stderr).toBe('run.submitted');
      const limit = /the QOS capped allows MaxWall=00:05:00 .*change compute\.time, or .*compute\.qos/;
      await becomes(() => statusOf(root, cluster), limit);
      await autolabJson(root, ['cancel'], { env: cluster.env });
    },
    SLOW_MS,
  );

  it(
    'has no expected start where Slurm holds it after a failed prolog, and names what lets it go',
    async () => {
      const cluster = await ownCluster({ site: 'prolog' });
      const [, node] = cluster.nodes;
      const root = slurmProject({ compute: { partition: 'failing', requeue: true } });
      const driver = startAutolab(root, ['launch', '--json'], { env: cluster.env });
      try {
        const said = await becomes(() => statusOf(root, cluster), /scontrol release \d+/);
        expect(said).toMatch(/launch failed requeued held\): Slurm could not start it on its node/);
        expect(said).not.toContain('expected to start');
        expect((await autolabJson(root, ['cancel'], { env: cluster.env })).json['code']).toBe('run.cancelled');
      } finally {
        await bringBackNode(cluster.env, node);
      }
      await driver.ended;
    },
    SLOW_MS,
  );
});

async function statusOf(root: string, cluster: Cluster): Promise<string> {
  return String((await autolabJson(root, ['status'], { env: cluster.env })).json['message']);
}

describeOnSlurm('a run that used up what its partition or QOS allows', { concurrent: true }, () => {
  it(
    'is told that another partition is needed',
    async () => {
      const cluster = await siteCluster('partition-limits');
      slurm(cluster.env, ['scontrol', 'create', 'partitionname=minute', 'nodes=ALL', 'maxtime=1', 'state=up']);
      try {
        const root = keepUntilEnd(
          slurmProject({
            compute: { partition: 'minute', time: '"00:01:00"' },
            entrypoint: 'echo started >> "$AUTOLAB_RUN_DIR/marker"\nexec sleep 300\n',
          }),
        );
        const { end } = await launched(root, cluster);
        expect([end.status, end.json['code']], end.stderr).toEqual([10, 'slurm.timeout']);
        const [first, second] = end.json['recommendations'] as { pointer: string; why: string }[];
        expect(first).toMatchObject({ pointer: '/compute/partition', current: 'minute' });
        expect(first?.why).toMatch(/minute allows at most 00:01:00 \(MaxTime\).*main \(1-00:00:00\)/);
        expect(second?.why).toContain('in another partition');
      } finally {
        slurm(cluster.env, ['scontrol', 'delete', 'partitionname=minute']);
      }
    },
    SLOW_MS,
  );

  it(
    'is told that another QOS is needed, where that is what allows no more',
    async () => {
      const cluster = await siteCluster('partition-limits');
      const root = keepUntilEnd(
        slurmProject({
          compute: { qos: 'brief', time: '"00:01:00"' },
          entrypoint: 'echo started >> "$AUTOLAB_RUN_DIR/marker"\nexec sleep 300\n',
        }),
      );
      const { end } = await launched(root, cluster);
      expect([end.status, end.json['code']], end.stderr).toEqual([10, 'slurm.timeout']);
      const [first] = end.json['recommendations'] as { pointer: string; why: string }[];
      expect(first).toMatchObject({ pointer: '/compute/qos', current: 'brief' });
      expect(first?.why).toContain('the QOS brief allows at most 00:01:00 (MaxWall)');
    },
    SLOW_MS,
  );
});

describeOnSlurm('a node that cannot start the job', () => {
  it(
    'is named, with its reason, in place of a user who would have cancelled',
    async () => {
      const cluster = await ownCluster({ site: 'prolog' });
      const root = slurmProject({ compute: { partition: 'failing' } });
      const { end, manifest } = await launched(root, cluster);
      try {
        expect([end.status, end.json['code']], end.stderr).toEqual([10, 'slurm.start_failed']);
        // A newer Slurm says nothing in the log of the job.
        const told = ON_NEWER_SLURM
          ? 'was ended on NODE before the first line'
          : 'could not start on NODE: the log says "Error running';
        expect(manifest['message']).toContain(told.replace('NODE', cluster.nodes[1]));
        expect(manifest['message']).toMatch(/Node \S+ was taken out of service at 20\S+Z: "Prolog error"/);
        expect(end.json['hint']).toContain('sinfo -R');
      } finally {
        await bringBackNode(cluster.env, cluster.nodes[1]);
      }
    },
    SLOW_MS,
  );
});
