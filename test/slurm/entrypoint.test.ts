import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { autolabJson, inRun, type JsonEnded, parseJson, startAutolab } from '../support/autolab.ts';
import { edit, read, readJson, runIds, startsOf, temporaryFolder, until, write } from '../support/project.ts';
import { begun, manifestOf, SLOW_MS } from '../support/runs.ts';
import { type Cluster, describeOnSlurm, sharedCluster } from '../support/slurm.ts';
import { expectOnce, jobOf, slurm, slurmProject } from '../support/slurm-project.ts';

/** That the entrypoint begins as often as the design says, that the record knows it, and that its own status counts. */

const METRICS = 'echo "{}" > "$AUTOLAB_RUN_DIR/metrics.json"\n';
const RECEIPT = (root: string, runId: string): Record<string, any> =>
  readJson(root, `experiments/iter1/runs/${runId}/receipt/entrypoint.json`);
const outcomeOf = ({ status, json }: JsonEnded): unknown[] => [status, json['code']];

let cluster: Cluster;

describeOnSlurm('how often the entrypoint begins', () => {
  const COUNTING = `echo "$SLURM_PROCID" >> "$AUTOLAB_RUN_DIR/starts"\n${METRICS}`;

  it(
    'makes a failure of a run that began another number of times',
    async () => {
      cluster = await sharedCluster();
      const root = slurmProject({ entrypoint: COUNTING, compute: { ntasks: 2 } });
      const plan = await autolabJson(root, ['launch', '--dry-run'], { env: cluster.env });
      const script = String(plan.json['plan']['script']);
      write(
        root,
        'experiments/iter1/launch/run_slurm.sbatch',
        script.replace('srun --export', 'srun -n1 --export').replace('--ntasks=2 ', ''),
      );
      edit(root, 'experiments/iter1/launch/run_slurm.sbatch', (text) => text.replace('# Made by', '# Mine, made by'));
      const end = await autolabJson(root, ['launch'], { env: cluster.env });
      expect(outcomeOf(end), end.stderr).toEqual([10, 'slurm.starts_differ']);
      expect(end.json['message']).toBe('The entrypoint began once; the design asks for 2 times.');
      const [runId = ''] = runIds(root);
      expect(manifestOf(root, runId)).toMatchObject({ status: 'failed', starts: { expected: 2, begun: 1 } });
    },
    SLOW_MS,
  );
});

describeOnSlurm('an activation that ends the script', () => {
  beforeAll(async () => {
    cluster = await sharedCluster();
  });

  it(
    'with status 0: the run is not completed',
    async () => {
      const root = slurmProject({ activation: '[ -d /nowhere/env ] || exit 0\n', artifacts: [] });
      const end = await autolabJson(root, ['launch'], { env: cluster.env });
      expect(outcomeOf(end), end.stderr).toEqual([10, 'slurm.not_started']);
      expect(end.json['message']).toBe('The activation ended with status 0; the entrypoint was not started.');
      const [runId = ''] = runIds(root);
      expect(manifestOf(root, runId)).toMatchObject({ status: 'failed', slurm: { state: 'COMPLETED' } });
      expect(manifestOf(root, runId)['starts']).toBeUndefined();
      expect(startsOf(root, runId)).toBe(0);
      await expectOnce(cluster.env, root, runId);
    },
    SLOW_MS,
  );

  it(
    'by a failure: the message names its line',
    async () => {
      const root = slurmProject({ activation: 'export A=1\ntest -d "/nowhere/env"\n' });
      const end = await autolabJson(root, ['launch'], { env: cluster.env });
      expect(outcomeOf(end), end.stderr).toEqual([10, 'slurm.not_started']);
      expect(end.json['message']).toBe(
        'The activation ended with status 1 at docs/environment.md, line 7: "test -d \\"/nowhere/env\\""; the entrypoint was not started.',
      );
    },
    SLOW_MS,
  );
});

describeOnSlurm('a signal to the script', () => {
  beforeAll(async () => {
    cluster = await sharedCluster();
  });
  const HANDLES = (signal: string): string => `trap 'echo ${signal} >> "$AUTOLAB_RUN_DIR/got"; exit 0' ${signal}
${METRICS}echo started >> "$AUTOLAB_RUN_DIR/marker"
while :; do sleep 0.1; done
`;

  it.each([
    ['one task', {}],
    ['two tasks', { ntasks: 2 }],
  ])(
    'reaches the entrypoint once, whose own status counts: %s',
    async (_, compute) => {
      const root = slurmProject({ entrypoint: HANDLES('USR1'), compute });
      const driver = startAutolab(root, ['launch', '--json'], { env: cluster.env });
      const runId = await begun(root);
      const tasks = 'ntasks' in compute ? 2 : 1;
      await until('all tasks have begun', () => startsOf(root, runId) === tasks);
      slurm(cluster.env, ['scancel', '--signal=USR1', '--batch', await jobOf(root, runId)]);
      const end = await driver.ended;
      expect([end.status, parseJson(end)['code']], end.stderr).toEqual([0, 'run.completed']);
      expect(read(root, `experiments/iter1/runs/${runId}/got`)).toBe('USR1\n'.repeat(tasks));
      expect(RECEIPT(root, runId)).toMatchObject({ exit_code: 0, signals: [{ signal: 'SIGUSR1' }] });
      expect(manifestOf(root, runId)['slurm']['evidence'].join('\n')).toContain('the script got SIGUSR1 at ');
    },
    SLOW_MS,
  );

  it.each([
    ['one task', {}],
    ['two tasks', { ntasks: 2 }],
  ])(
    'to end reaches the entrypoint once, and the run is not completed: %s',
    async (_, compute) => {
      const root = slurmProject({ entrypoint: HANDLES('TERM'), compute });
      const driver = startAutolab(root, ['launch', '--json'], { env: cluster.env });
      const runId = await begun(root);
      const tasks = 'ntasks' in compute ? 2 : 1;
      await until('all tasks have begun', () => startsOf(root, runId) === tasks);
      slurm(cluster.env, ['scancel', '--signal=TERM', '--batch', await jobOf(root, runId)]);
      const end = await driver.ended;
      expect(end.status).toBe(10);
      expect(read(root, `experiments/iter1/runs/${runId}/got`)).toBe('TERM\n'.repeat(tasks));
      expect(RECEIPT(root, runId)).toMatchObject({ exit_code: 0, signals: [{ signal: 'SIGTERM' }] });
    },
    SLOW_MS,
  );
});

describeOnSlurm('what the design collects from the disk of a node', () => {
  beforeAll(async () => {
    cluster = await sharedCluster();
  });

  const project = (from: string, entrypoint: string): string =>
    slurmProject({
      entrypoint,
      artifacts: ['metrics.json', `{path: model.bin, from: ${JSON.stringify(from)}}`],
    });
  /** As on a node that empties its disk when the job is over. */
  async function launchAndEmpty(root: string, disk: string): Promise<JsonEnded> {
    const { env } = cluster;
    const detached = await autolabJson(root, ['launch', '--detach'], { env });
    expect(detached.json['code'], detached.stderr).toBe('run.submitted');
    const [runId = ''] = runIds(root);
    const jobId = await jobOf(root, runId);
    await until('the job is over', () =>
      /COMPLETED|FAILED/.test(slurm(env, ['squeue', '-h', '-t', 'all', '-j', jobId, '-o', '%T'])),
    );
    rmSync(disk, { recursive: true });
    return autolabJson(root, ['resume'], { env });
  }

  it(
    'is collected by the job itself',
    async () => {
      const disk = temporaryFolder();
      const root = project(join(disk, 'model'), `${METRICS}echo weights > '${disk}/model'\n`);
      const end = await launchAndEmpty(root, disk);
      expect(outcomeOf(end), end.stderr).toEqual([0, 'run.completed']);
      const [runId = ''] = runIds(root);
      expect(readFileSync(inRun(root, 'iter1', runId, 'model.bin'), 'utf8')).toBe('weights\n');
    },
    SLOW_MS,
  );

  it(
    'is called gone, and a retry of no use, if it was not there',
    async () => {
      const disk = temporaryFolder();
      const root = project(join(disk, 'model'), METRICS);
      const end = await launchAndEmpty(root, disk);
      expect(outcomeOf(end), end.stderr).toEqual([10, 'sync.failed']);
      expect(end.json['message']).toMatch(
        /there is nothing to collect for model\.bin \(it was not there when the job ended on \w+\)/,
      );
      expect(end.json['hint']).toContain('a retry cannot help');
    },
    SLOW_MS,
  );
});
