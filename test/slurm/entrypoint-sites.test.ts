import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { autolabJson, inRun, parseJson, startAutolab } from '../support/autolab.ts';
import { read, readJson, runIds } from '../support/project.ts';
import { begun, manifestOf, SLOW_MS } from '../support/runs.ts';
import { describeOnSlurm, sharedCluster, siteCluster } from '../support/slurm.ts';
import { slurm, slurmProject } from '../support/slurm-project.ts';

/** What the entrypoint is started with on sites that are not like the shared cluster. */

const METRICS = 'echo "{}" > "$AUTOLAB_RUN_DIR/metrics.json"\n';
const RECEIPT = (root: string, runId: string): Record<string, any> =>
  readJson(root, `experiments/iter1/runs/${runId}/receipt/entrypoint.json`);

describeOnSlurm('how often the entrypoint begins', () => {
  const COUNTING = `echo "$SLURM_PROCID" >> "$AUTOLAB_RUN_DIR/starts"\n${METRICS}`;

  it.each([
    ['whole-node', { nodes: 2, cpus: 1, memory: '400M' }],
    ['per-cpu-memory', { nodes: 2, cpus: 1, memory: '800M' }],
  ] as const)(
    'is as the design says on a site that allocates more: %s',
    async (site, compute) => {
      const { env } = await siteCluster(site);
      const root = slurmProject({ entrypoint: COUNTING, compute });
      const end = await autolabJson(root, ['launch'], { env });
      expect([end.status, end.json['code']], end.stderr).toEqual([0, 'run.completed']);
      const [runId = ''] = runIds(root);
      expect(read(root, `experiments/iter1/runs/${runId}/starts`).trim().split('\n').sort()).toEqual(['0', '1']);
      expect(RECEIPT(root, runId)['starts']).toEqual({ expected: 2, begun: 2 });
      expect(manifestOf(root, runId)['starts']).toEqual({ expected: 2, begun: 2 });
    },
    SLOW_MS,
  );
});

describeOnSlurm('a preemption with a grace', () => {
  it(
    'tells a single task at once, and it has its time',
    async () => {
      const { env } = await siteCluster('grace');
      const root = slurmProject({
        compute: { cpus: 1, partition: 'main' },
        entrypoint: `trap 'date +%s > "$AUTOLAB_RUN_DIR/told"; sleep 2; echo saved > "$AUTOLAB_RUN_DIR/saved"; exit 0' TERM
${METRICS}echo started >> "$AUTOLAB_RUN_DIR/marker"
while :; do sleep 0.1; done
`,
      });
      const driver = startAutolab(root, ['launch', '--json'], { env });
      const runId = await begun(root);
      const urgent = slurm(env, [
        'sbatch',
        '--parsable',
        '--partition=urgent',
        '--exclusive',
        '--nodes=2',
        '--output=/dev/null',
        '--wrap=true',
      ]).trim();
      const end = await driver.ended;
      expect([end.status, parseJson(end)['code']], end.stderr).toEqual([10, 'slurm.preempted']);
      expect(existsSync(inRun(root, 'iter1', runId, 'saved'))).toBe(true);
      expect(RECEIPT(root, runId)['starts']).toEqual({ expected: 1, begun: 1 });
      slurm(env, ['scancel', urgent]);
    },
    SLOW_MS,
  );
});

describeOnSlurm('a grace of the design', () => {
  it(
    'is refused if the site kills earlier, and a signal is suggested',
    async () => {
      const { env } = await sharedCluster();
      const root = slurmProject({ compute: { grace: 600 } });
      const end = await autolabJson(root, ['launch'], { env });
      expect([end.status, end.json['code']], end.stderr).toEqual([10, 'design.invalid']);
      expect(end.json['message']).toMatch(/compute\.grace asks for 600 s, and this site kills a job \d+ s after/);
      expect(end.json['hint']).toContain('compute.signal: "USR1@600"');
      expect(runIds(root)).toEqual([]);
    },
    SLOW_MS,
  );

  it(
    'makes a step of a single task',
    async () => {
      const { env } = await sharedCluster();
      const root = slurmProject({
        compute: { grace: 2 },
        entrypoint: `echo "$SLURM_STEP_ID" > "$AUTOLAB_RUN_DIR/step"\n${METRICS}`,
      });
      const end = await autolabJson(root, ['launch'], { env });
      expect([end.status, end.json['code']], end.stderr).toEqual([0, 'run.completed']);
      expect(read(root, `experiments/iter1/runs/${runIds(root)[0] ?? ''}/step`)).toBe('0\n');
    },
    SLOW_MS,
  );
});

describeOnSlurm('a signal that the design asks for', () => {
  it(
    'reaches the entrypoint before the time limit, and what it ends with counts',
    async () => {
      const { env } = await sharedCluster();
      const root = slurmProject({
        // Slurm looks every 30 s, and sends it up to 30 s early: after 45 s at the earliest, when the entrypoint has begun.
        compute: { time: '"00:02:00"', signal: '"USR1@45"' },
        entrypoint: `trap 'echo told >> "$AUTOLAB_RUN_DIR/told"; exit 0' USR1\n${METRICS}while :; do sleep 0.1; done\n`,
      });
      const end = await autolabJson(root, ['launch'], { env });
      const [runId = ''] = runIds(root);
      const seen = `${end.stderr}\n${JSON.stringify(RECEIPT(root, runId))}`;
      expect([end.status, end.json['code']], seen).toEqual([0, 'run.completed']);
      expect(read(root, `experiments/iter1/runs/${runId}/told`)).toBe('told\n');
      expect(RECEIPT(root, runId)['signals']).toContainEqual(expect.objectContaining({ signal: 'SIGUSR1' }));
    },
    SLOW_MS,
  );
});
