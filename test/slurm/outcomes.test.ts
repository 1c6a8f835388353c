import { existsSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { autolabJson, inRun, type JsonEnded } from '../support/autolab.ts';
import { keepUntilEnd, type ProjectOptions, readJson, runIds, startsOf } from '../support/project.ts';
import { begun, manifestOf, SLOW_MS } from '../support/runs.ts';
import { type Cluster, describeOnSlurm, sharedCluster } from '../support/slurm.ts';
import { expectOnce, jobOf, slurm, type SlurmEnv, slurmProject } from '../support/slurm-project.ts';

/** Every way in which a job ends, provoked for real, and what the launcher makes of it (R17). */

const MARK = 'echo started >> "$AUTOLAB_RUN_DIR/marker"\n';
const LEFT = `${MARK}echo half > "$AUTOLAB_RUN_DIR/partial.txt"\n`;
/** Takes 400 MB, far more than a job of 100 MB may. */
const GREEDY = `node -e 'const held = []; for (let i = 0; i < 40; i += 1) held.push(Buffer.alloc(1e7, 1)); console.log(held.length)'`;

interface Scenario {
  readonly options: ProjectOptions;
  /** What happens to the job from outside. */
  readonly meanwhile?: (root: string, env: SlurmEnv) => Promise<void>;
}

const SCENARIOS = {
  failed: { options: { entrypoint: `${LEFT}exit 3\n` } },
  signal: { options: { entrypoint: `${LEFT}kill -SEGV $$\n` } },
  outOfMemory: { options: { entrypoint: `${LEFT}${GREEDY}\n`, compute: { memory: '100M' } } },
  hiddenOutOfMemory: {
    options: {
      entrypoint: `${LEFT}${GREEDY} || true\necho '{}' > "$AUTOLAB_RUN_DIR/metrics.json"\nexit 0\n`,
      compute: { memory: '100M' },
    },
  },
  timeout: { options: { entrypoint: `${LEFT}echo "epoch 3/10"\nsleep 300\n`, compute: { time: '"00:01:00"' } } },
  cancelledOutside: {
    options: { entrypoint: `${LEFT}sleep 300\n` },
    meanwhile: async (root, env) => {
      slurm(env, ['scancel', await jobOf(root, await begun(root))]);
    },
  },
  cancelled: {
    options: { entrypoint: `${LEFT}sleep 300\n` },
    meanwhile: async (root, env) => {
      await begun(root);
      const cancel = await autolabJson(root, ['cancel'], { env });
      expect([cancel.status, cancel.json['outcome']], cancel.stderr).toEqual([0, 'cancelled']);
    },
  },
} satisfies Record<string, Scenario>;

type Name = keyof typeof SCENARIOS;

let cluster: Cluster;
const roots = new Map<Name, string>();
const ends = new Map<Name, Promise<JsonEnded>>();

/** They wait most of the time: all at once they take little longer than the longest. */
async function play(name: Name): Promise<JsonEnded> {
  const { options, meanwhile }: Scenario = SCENARIOS[name];
  const root = keepUntilEnd(slurmProject(options));
  roots.set(name, root);
  const launched = autolabJson(root, ['launch'], { env: cluster.env });
  await meanwhile?.(root, cluster.env);
  return launched;
}

describeOnSlurm('how a job ends', () => {
  beforeAll(async () => {
    cluster = await sharedCluster();
    for (const name of Object.keys(SCENARIOS) as Name[]) ends.set(name, play(name));
  });

  async function ended(
    name: Name,
  ): Promise<{ root: string; runId: string; end: JsonEnded; manifest: Record<string, any> }> {
    const end = await (ends.get(name) ?? Promise.reject(new Error(name)));
    const root = roots.get(name) ?? '';
    const [runId = ''] = runIds(root);
    return { root, runId, end, manifest: manifestOf(root, runId) };
  }

  /** What holds of every run that ended badly: closed, once, nothing pending, and what it left is kept as partial. */
  async function expectBad(name: Name, code: string): Promise<Record<string, any>> {
    const { root, runId, end, manifest } = await ended(name);
    expect([end.status, end.json['outcome'], end.json['code']], end.stderr + end.stdout).toEqual([
      10,
      'needs_retry',
      code,
    ]);
    expect(manifest).toMatchObject({ code, status: 'failed', artifact_sync_to_local: { status: 'failed' } });
    expect(manifest['artifacts']).toMatchObject({ partial: true });
    expect(existsSync(inRun(root, 'iter1', runId, 'partial.txt'))).toBe(true);
    expect(startsOf(root, runId)).toBe(1);
    expect(end.json['attempt_counted']).toBe(true);
    expect(readJson(root, '.autolab/state.json')).toMatchObject({
      stage: 'launch',
      stage_attempt: 1,
      pending_run_id: '',
      history: [{ code, attempt_counted: true }],
    });
    await expectOnce(cluster.env, root, runId);
    expect((await autolabJson(root, ['manifest', '--check', runId])).status).toBe(0);
    return { ...manifest, recommendations: end.json['recommendations'] };
  }

  it(
    'tells an exit code',
    async () => {
      const { slurm: job, message } = await expectBad('failed', 'slurm.failed');
      expect(job).toMatchObject({ state: 'FAILED', exit_code: '3:0' });
      expect(message).toContain('exit code 3');
    },
    SLOW_MS,
  );

  it(
    'tells a signal',
    async () => {
      const { message } = await expectBad('signal', 'slurm.signal');
      expect(message).toContain('signal 11');
    },
    SLOW_MS,
  );

  it(
    'tells that memory was wanting, and how much to ask for',
    async (context) => {
      if (cluster.memoryLimits === 'none') context.skip('this machine has no memory limits for jobs');
      const { slurm: job, recommendations } = await expectBad('outOfMemory', 'slurm.out_of_memory');
      expect(job['state']).toBe('OUT_OF_MEMORY');
      expect(recommendations).toEqual([
        expect.objectContaining({
          pointer: '/compute/memory',
          current: '100M',
          suggested: expect.stringMatching(/^[2-4]00M$/) as string,
        }),
      ]);
    },
    SLOW_MS,
  );

  it(
    'does not take exit code 0 for success where a part of the job was killed because it ran out of memory',
    async (context) => {
      if (cluster.memoryLimits === 'none') context.skip('this machine has no memory limits for jobs');
      const { slurm: job } = await expectBad('hiddenOutOfMemory', 'slurm.out_of_memory');
      expect(job['evidence'].join('\n')).toContain("the job's own receipt says exit code 0");
    },
    SLOW_MS,
  );

  it(
    'tells a time limit, and how much to ask for by how far the log got',
    async () => {
      const { slurm: job, recommendations } = await expectBad('timeout', 'slurm.timeout');
      expect(job['state']).toBe('TIMEOUT');
      expect(recommendations).toEqual([
        expect.objectContaining({ pointer: '/compute/time', current: '00:01:00', suggested: '00:05:00' }),
      ]);
    },
    SLOW_MS,
  );

  it(
    'tells a scancel from outside',
    async () => {
      const { message } = await expectBad('cancelledOutside', 'slurm.cancelled');
      expect(message).toContain('not by autolab');
    },
    SLOW_MS,
  );

  it(
    'records a cancel of its own, which costs no attempt',
    async () => {
      const { root, runId, end, manifest } = await ended('cancelled');
      expect([end.status, end.json['outcome'], end.json['code']]).toEqual([10, 'cancelled', 'run.cancelled']);
      expect(manifest['slurm']['state']).toBe('CANCELLED');
      expect(readJson(root, '.autolab/state.json')).toMatchObject({ stage: 'launch', stage_attempt: 0 });
      await expectOnce(cluster.env, root, runId);
    },
    SLOW_MS,
  );
});

describeOnSlurm('what the site refuses', () => {
  beforeAll(async () => {
    cluster = await sharedCluster();
  });

  it.each([
    ['a partition', { partition: 'nowhere' }, '/compute/partition'],
    ['the time', { partition: 'short', time: '"00:30:00"' }, '/compute/time'],
    ['an account', { account: 'nobody' }, '/compute/account'],
    ['a gres', { gpu_count: 1, gpu_type: 'h200' }, '/compute'],
  ])(
    '%s: told in its own words, with what to change, and nothing pending',
    async (_what, compute, pointer) => {
      const root = slurmProject({ compute });
      const dry = await autolabJson(root, ['launch', '--dry-run'], { env: cluster.env });
      expect([dry.status, dry.json['code']], dry.stderr).toEqual([10, 'slurm.refused']);
      expect(dry.json['recommendations']).toEqual([
        expect.objectContaining({ pointer: expect.stringMatching(pointer) as string }),
      ]);
      expect(runIds(root)).toEqual([]);
      const end = await autolabJson(root, ['launch'], { env: cluster.env });
      expect([end.status, end.json['outcome'], end.json['code'], end.json['stage_after']], end.stderr).toEqual([
        10,
        'needs_retry',
        'slurm.refused',
        'design',
      ]);
      expect(end.json['message']).toMatch(/refused the job: .*[a-z]{4}|can never start/i);
      expect(end.json['recommendations']).toEqual([
        expect.objectContaining({ pointer: expect.stringMatching(pointer) as string }),
      ]);
      const [runId = ''] = runIds(root);
      const key = manifestOf(root, runId)['slurm']['submit_key'] as string;
      expect(slurm(cluster.env, ['squeue', '--noheader', '--name', key])).toBe('');
      expect((await autolabJson(root, ['verify', runId])).status).toBe(0);
      expect(existsSync(`${root}/.autolab/active_run.json`)).toBe(false);
    },
    SLOW_MS,
  );
});
