import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { autolabJson, parseJson, startAutolab } from '../support/autolab.ts';
import { crash, freeNodes, savedState, setNodes } from '../support/controller-crash.ts';
import { describeOverSsh, Far } from '../support/far.ts';
import { farProject, farRun } from '../support/far-project.ts';
import { readJson, runIds, until } from '../support/project.ts';
import { hasClaim, manifestOf, SLOW_MS, stateOf, WAITING } from '../support/runs.ts';
import { becomes, type Cluster, ownCluster, recorded } from '../support/slurm.ts';
import { jobOf, slurm } from '../support/slurm-project.ts';

/** What a scheduler behind ssh does to a job: takes it away for another one, dies, forgets that it began. */

let cluster: Cluster;
let far: Far;

const QUICK =
  'poll: {min_seconds: 5, max_seconds: 20}\nsubmit: {reconcile_seconds: 6}\nconfirm: {timeout_seconds: 20}\n';

/** How often the entrypoint began there. */
function startsThere(runId: string): number {
  const marker = farRun(far, runId, 'marker');
  return existsSync(marker) ? readFileSync(marker, 'utf8').split('\n').length - 1 : 0;
}

async function begunThere(root: string): Promise<string> {
  await until('the entrypoint begins there', () => startsThere(runIds(root)[0] ?? '') > 0);
  return runIds(root)[0] ?? '';
}

function letEndThere(runId: string): void {
  writeFileSync(farRun(far, runId, 'go'), '');
}

/** What the controller has saved, once it has saved the job as it is now. */
async function marked(jobId: string, mark: string): Promise<Buffer> {
  slurm(cluster.env, ['scontrol', 'update', `jobid=${jobId}`, `admincomment=${mark}`]);
  return savedState(cluster, mark, (saved) => saved.includes(mark));
}

describeOverSsh('a scheduler behind ssh', () => {
  beforeAll(async () => {
    cluster = await ownCluster();
    far = await Far.start({ env: cluster.env, shared: [cluster.folder] });
  });
  afterEach(async () => {
    await freeNodes(cluster);
  });

  it(
    'that preempts the job: the record says so, and what the run left is brought here as partial',
    async () => {
      const [node, spared] = cluster.nodes;
      const root = farProject(far, { entrypoint: WAITING, compute: { cpus: 4, exclude: spared } });
      const driver = startAutolab(root, ['launch', '--json'], { env: far.near });
      const runId = await begunThere(root);
      const urgent = ['--parsable', '-p', 'urgent', '-w', node, '-c', '4', '-o', '/dev/null', '--wrap', 'sleep 1'];
      const rival = slurm(cluster.env, ['sbatch', ...urgent]).trim();
      const end = await driver.ended;
      expect([end.status, parseJson(end)['code']], end.stderr).toEqual([10, 'slurm.preempted']);
      expect(parseJson(end)['attempt_counted']).toBe(false);
      expect([startsThere(runId), hasClaim(root)]).toEqual([1, false]);
      expect(manifestOf(root, runId)['slurm']['state']).toBe('PREEMPTED');
      expect(readFileSync(`${root}/experiments/iter1/runs/${runId}/marker`, 'utf8')).toBe('started\n');
      slurm(cluster.env, ['scancel', rival]);
    },
    SLOW_MS,
  );

  it(
    'whose controller is killed while the job runs and ends: the run completes, having begun once',
    async () => {
      const root = farProject(far, { entrypoint: WAITING, launchYaml: QUICK });
      const driver = startAutolab(root, ['launch', '--json'], { env: far.near });
      const runId = await begunThere(root);
      const jobId = await jobOf(root, runId);
      await marked(jobId, `begun-there-${runId}`);
      await crash(cluster, {
        meanwhile: async () => {
          letEndThere(runId);
          await until('the job has left its receipt', () => existsSync(farRun(far, runId, 'receipt/exit.json')));
        },
      });
      let end = parseJson(await driver.ended);
      for (let calls = 0; end['outcome'] === 'undetermined' && calls < 3; calls += 1)
        end = (await autolabJson(root, ['resume'], { env: far.near })).json;
      expect(end['code'], JSON.stringify(end)).toBe('run.completed');
      expect([startsThere(runId), stateOf(root)['stage']]).toEqual([1, 'extract_results']);
      await becomes(() => recorded(cluster, jobId), /^COMPLETED 0:0$/);
    },
    SLOW_MS,
  );

  it(
    'whose controller has lost the start of the job: the second start does not speak for the first',
    async () => {
      const root = farProject(far, { entrypoint: WAITING, launchYaml: QUICK });
      setNodes(cluster, 'drain');
      const detached = await autolabJson(root, ['launch', '--detach'], { env: far.near });
      const [runId, jobId] = [String(detached.json['run_id']), String(detached.json['job_id'])];
      const state = await marked(jobId, `released-there-${runId}`);
      setNodes(cluster, 'resume');
      await begunThere(root);
      await crash(cluster, { state });
      await freeNodes(cluster);
      await becomes(() => recorded(cluster, jobId), /^FAILED 98:0$/);
      const end = await autolabJson(root, ['resume'], { env: far.near });
      expect([end.status, end.json['code']], end.stderr).toEqual([10, 'slurm.end_unknown']);
      expect([startsThere(runId), hasClaim(root), stateOf(root)['stage_attempt']]).toEqual([1, false, 0]);
      expect(readJson(root, `experiments/iter1/runs/${runId}/run_manifest.json`)['status']).toBe('failed');
    },
    SLOW_MS,
  );
});
