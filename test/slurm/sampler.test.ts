import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { parseUsage, type UsagePoint } from '../../src/records/usage-series.ts';
import { inRun, type JsonEnded, parseJson, startAutolab } from '../support/autolab.ts';
import { keepUntilEnd, type ProjectOptions, readJson, runIds, startsOf, until } from '../support/project.ts';
import { begun, letEnd, manifestOf, SLOW_MS, WAITING } from '../support/runs.ts';
import { type Cluster, describeOnSlurm, endOfTime, sharedCluster } from '../support/slurm.ts';
import { beginAgain, expectOnce, jobOf, slurm, slurmProject } from '../support/slurm-project.ts';

/** A job that is sampled ends as one that is not, leaves its series, and no process. */

const MARK = 'echo started >> "$AUTOLAB_RUN_DIR/marker"\n';
const METRICS = 'echo "{}" > "$AUTOLAB_RUN_DIR/metrics.json"\n';
const MIB = 1024 * 1024;
/** Holds that many MiB for that many seconds. */
const holds = (mebibytes: number, seconds: number): string =>
  `node -e 'const held = Buffer.alloc(${mebibytes} * 1048576, 1); setTimeout(() => held.length, ${seconds * 1000})'\n`;
/** Takes far more than a job of 100 MB may. */
const GREEDY = `node -e 'const held = []; for (let i = 0; i < 40; i += 1) held.push(Buffer.alloc(1e7, 1))'\n`;
const ON_USR1 = `trap 'exit 0' USR1\n${METRICS}${MARK}while :; do sleep 0.1; done\n`;

interface Scenario {
  readonly options: ProjectOptions;
  /** Exit status and code of the launch. */
  readonly end: readonly [number, string];
  /** Of the entrypoint; null if there is no receipt of its end. */
  readonly exitCode?: number | null;
  readonly most?: (series: readonly UsagePoint[]) => void;
  readonly meanwhile?: (root: string, jobId: string, runId: string) => Promise<void>;
}

const highest = (series: readonly UsagePoint[]): number =>
  Math.max(...series.map(({ memory_bytes }) => memory_bytes ?? 0));

const SCENARIOS = {
  'a job that holds 80 MiB': {
    options: { entrypoint: `${METRICS}${holds(80, 8)}` },
    end: [0, 'run.completed'],
    exitCode: 0,
    most: (series) => {
      expect(series.length).toBeGreaterThanOrEqual(4);
      expect(highest(series)).toBeGreaterThan(80 * MIB);
      expect(series.at(-1)?.cpu_seconds).toBeGreaterThan(0);
    },
  },
  'an exit code of the entrypoint': {
    options: { entrypoint: 'sleep 1\nexit 3\n' },
    end: [10, 'slurm.failed'],
    exitCode: 3,
  },
  'an activation and an entrypoint with strict options, and a wait for all children': {
    options: { activation: 'set -euo pipefail\n', entrypoint: `set -euo pipefail\n${METRICS}sleep 1 &\nwait\n` },
    end: [0, 'run.completed'],
    exitCode: 0,
  },
  'two tasks of srun': {
    options: { entrypoint: `${METRICS}${holds(50, 3)}`, compute: { ntasks: 2 } },
    end: [0, 'run.completed'],
    exitCode: 0,
    most: (series) => {
      // They are not descendants of the script.
      if (cluster.memoryLimits !== 'none') expect(highest(series)).toBeGreaterThan(50 * MIB);
    },
  },
  'a job that runs out of memory': {
    options: { entrypoint: `sleep 1\n${GREEDY}`, compute: { memory: '100M' } },
    end: [10, 'slurm.out_of_memory'],
    exitCode: 137,
    most: (series) => {
      expect(series.at(-1)?.memory_bytes).toBeGreaterThan(95 * MIB);
    },
  },
  scancel: {
    options: { entrypoint: `${MARK}sleep 300\n` },
    end: [10, 'slurm.cancelled'],
    meanwhile: async (_root, jobId) => {
      slurm(cluster.env, ['scancel', jobId]);
      await Promise.resolve();
    },
  },
  'a signal to all processes of the job': {
    options: { entrypoint: ON_USR1 },
    end: [0, 'run.completed'],
    exitCode: 0,
    meanwhile: async (root, jobId, runId) => {
      slurm(cluster.env, ['scancel', '--full', '--signal=CONT', jobId]);
      const before = seriesOf(root, runId).length;
      await until('it is sampled after the signal', () => seriesOf(root, runId).length > before + 1);
      slurm(cluster.env, ['scancel', '--full', '--signal=USR1', jobId]);
    },
  },
  'a signal to the batch shell': {
    options: { entrypoint: ON_USR1 },
    end: [0, 'run.completed'],
    exitCode: 0,
    meanwhile: async (_root, jobId) => {
      slurm(cluster.env, ['scancel', '--batch', '--signal=USR1', jobId]);
      await Promise.resolve();
    },
  },
  'the time limit': {
    options: { entrypoint: `${MARK}sleep 300\n` },
    end: [10, 'slurm.timeout'],
    meanwhile: (_root, jobId) => endOfTime(cluster, jobId),
  },
} satisfies Record<string, Scenario>;

type Name = keyof typeof SCENARIOS;

let cluster: Cluster;
const plays = new Map<Name, { readonly root: string; readonly ended: Promise<JsonEnded> }>();

function seriesOf(root: string, runId: string): readonly UsagePoint[] {
  const path = inRun(root, 'iter1', runId, 'receipt/usage.jsonl');
  if (!existsSync(path)) return [];
  const { points, bad_lines } = parseUsage(readFileSync(path, 'utf8'));
  expect(bad_lines).toBe(0);
  return points;
}

function samplersOf(root: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(`${root}/experiments/iter1/runs/`);
      } catch {
        return false;
      }
    });
}

async function launched(root: string, { meanwhile }: Scenario): Promise<JsonEnded> {
  const driver = startAutolab(root, ['launch', '--json'], { env: cluster.env });
  if (meanwhile !== undefined) {
    const runId = await begun(root);
    await until('it is sampled', () => seriesOf(root, runId).length > 0);
    await meanwhile(root, await jobOf(root, runId), runId);
  }
  const ended = await driver.ended;
  return { ...ended, json: parseJson(ended) };
}

describeOnSlurm('a job that is sampled', () => {
  beforeAll(async () => {
    cluster = await sharedCluster();
    for (const [name, scenario] of Object.entries(SCENARIOS)) {
      const root = keepUntilEnd(slurmProject(scenario.options));
      plays.set(name as Name, { root, ended: launched(root, scenario) });
    }
  });

  it.each(Object.keys(SCENARIOS) as Name[])(
    'ends as it would without: %s',
    async (name) => {
      const scenario: Scenario = SCENARIOS[name];
      const { root, ended } = plays.get(name) ?? { root: '', ended: Promise.reject(new Error(name)) };
      const end = await ended;
      if (name === 'a job that runs out of memory' && cluster.memoryLimits === 'none') return;
      expect([end.status, end.json['code']], end.stderr + end.stdout).toEqual(scenario.end);
      const [runId = ''] = runIds(root);
      if (scenario.exitCode !== undefined)
        expect(readJson(root, `experiments/iter1/runs/${runId}/receipt/exit.json`)).toMatchObject({
          exit_code: scenario.exitCode,
        });
      const series = seriesOf(root, runId);
      expect(series.length).toBeGreaterThan(1);
      scenario.most?.(series);
      expect(manifestOf(root, runId)).toMatchObject({ series: { usage: { points: series.length } } });
      await until('no sampler is left', () => samplersOf(root).length === 0);
      await expectOnce(cluster.env, root, runId);
    },
    SLOW_MS,
  );

  it(
    'has after a requeue the series of the start that counts',
    async () => {
      const root = slurmProject({ entrypoint: WAITING, compute: { requeue: true } });
      const driver = startAutolab(root, ['launch', '--json'], { env: cluster.env });
      const runId = await begun(root);
      const jobId = await jobOf(root, runId);
      await until('it is sampled for 3 s', () => (seriesOf(root, runId).at(-1)?.t ?? 0) >= 3);
      slurm(cluster.env, ['scontrol', 'requeue', jobId]);
      await beginAgain(cluster.env, jobId);
      await until('the entrypoint begins again', () => startsOf(root, runId) === 2);
      await until('another series begins', () => (seriesOf(root, runId).at(-1)?.t ?? 9) < 3);
      letEnd(root, runId);
      const ended = await driver.ended;
      expect([ended.status, parseJson(ended)['code']], ended.stderr).toEqual([0, 'run.completed']);
      expect(seriesOf(root, runId)[0]?.t).toBeLessThan(3);
      await until('no sampler is left', () => samplersOf(root).length === 0);
    },
    SLOW_MS,
  );
});
