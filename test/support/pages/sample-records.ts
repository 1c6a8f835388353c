import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJournal } from '../../../src/records/journal.ts';
import type { Manifest } from '../../../src/records/manifest-schema.ts';
import type { MetricSeries } from '../../../src/records/metric-series.ts';
import { runPaths } from '../../../src/records/paths.ts';
import { replay } from '../../../src/records/run-view.ts';
import type { UsagePoint } from '../../../src/records/usage-series.ts';
import { readRecord, type RunRecord } from '../../../src/report/read-record.ts';

/** Records of runs as they may be, for pages to be made of: nothing ran. */

const RECORDS = 'test/fixtures/records';
const GIB = 1024 ** 3;

/** What a journal alone has, as after everything else was lost. */
export function recordIn(journal: string): RunRecord {
  const read = parseJournal(readFileSync(join(RECORDS, journal), 'utf8'));
  const view = read.kind === 'corrupt' ? null : replay(read.entries, read.head);
  if (view === null) throw new Error(`${journal} opens no run`);
  const { iteration_id, run_id } = view.opened;
  return readRecord(view, runPaths('/nowhere', iteration_id, run_id));
}

/** Escapes from a page, a terminal and a text, if it can. */
export const HOSTILE = `</script></style>"><img src=x onerror=alert(1)>\u202Eevil\u0000\u001B[31m\uD800`;

/** From 0 up to 1, the same every time. */
function noise(): () => number {
  let seed = 7;
  return () => {
    seed = (seed * 16_807) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
}

function training(points: number, every: number): MetricSeries {
  const chance = noise();
  const names = ['learning_rate', 'train_accuracy', 'train_loss', 'val_accuracy', 'val_loss'];
  return {
    names,
    bad_lines: 0,
    points: Array.from({ length: points }, (_, index) => {
      const done = index / points;
      const loss = 2.3 / (1 + 30 * done) + 0.08 + 0.04 * chance();
      const validated = index % 25 === 24 || index === points - 1;
      return {
        step: (index + 1) * every,
        values: {
          learning_rate: 0.001 * (1 - done),
          train_loss: loss,
          train_accuracy: 1 - loss / 2.6,
          ...(validated ? { val_loss: loss * 1.15 + 0.05, val_accuracy: 0.97 - loss / 2.5 } : {}),
        },
      };
    }),
  };
}

function usageOf(seconds: number, most: number, options: { readonly grows?: boolean; readonly gpus?: number } = {}) {
  const chance = noise();
  let cpu = 0;
  return Array.from({ length: 1200 }, (_, index): UsagePoint => {
    const done = index / 1199;
    cpu += (seconds / 1199) * (1.5 + 0.4 * chance());
    const level = options.grows === true ? 0.1 + 0.9 * done : Math.min(1, done * 12) * (0.96 + 0.04 * chance());
    const gpu = Array.from({ length: options.gpus ?? 0 }, (__, one) => ({
      util: done < 0.03 ? 0 : 88 - 4 * one + Math.round(9 * chance()),
      memory_bytes: (done < 0.03 ? 0.4 : 30) * GIB,
    }));
    const asked = index % 10 === 0 && gpu.length > 0 ? { gpu } : {};
    return { t: Math.round(done * seconds * 100) / 100, cpu_seconds: cpu, memory_bytes: most * level, ...asked };
  });
}

interface Lasting {
  readonly queued: number;
  readonly running: number;
}

/** The same run, with other times. */
function lasting(record: RunRecord, { queued, running }: Lasting): RunRecord {
  const { view, manifest } = record;
  const opened = Date.parse(view.openedAt);
  const at = (seconds: number): string => new Date(opened + Math.round(seconds * 1000)).toISOString();
  const [submitted, began, over] = [0.9, 0.9 + queued, 0.9 + queued + running];
  const ends: Readonly<Record<string, number>> = { confirm: 6, sync_artifacts_to_local: 9, salvage: 9, verify_local_artifacts: 9.4 }; // prettier-ignore
  const steps = new Map(
    [...view.steps].map(([name, step]) => {
      const result = { ...step.outcome?.result, ended_at: at(over), started_at: at(began) };
      const isEnd = name === 'confirm' && step.outcome !== null;
      const ended = name in ends ? at(over + (ends[name] ?? 0)) : step.ended;
      return [name, { ...step, ended, outcome: isEnd ? { ...step.outcome, result } : step.outcome }] as const;
    }),
  );
  return {
    ...record,
    view: {
      ...view,
      steps: steps as typeof view.steps,
      job: view.job === null ? null : { ...view.job, at: at(submitted) },
      started: view.started === null ? null : { ...view.started, started_at: at(began) },
      closed: view.closed === null ? null : { ...view.closed, at: at(over + 9.6) },
    },
    manifest: {
      ...manifest,
      timestamps: {
        ...manifest.timestamps,
        submitted_at: at(submitted),
        ended_at: at(over),
        completed_at: at(over + 9.6),
      },
    },
  };
}

function changed(record: RunRecord, manifest: Partial<Manifest>, rest: Partial<RunRecord> = {}): RunRecord {
  return { ...record, ...rest, manifest: { ...record.manifest, ...manifest } };
}

function usageSummary(asked: Manifest['usage']['requested'], used: Partial<Manifest['usage']['used']>) {
  const nothing = { wall_seconds: null, cpu_seconds: null, max_rss_bytes: null, source: 'cgroup', samples: 1200 };
  return { requested: asked, used: { ...nothing, ...used } };
}

const LOG = Array.from({ length: 30 }, (_, epoch) => `epoch ${epoch + 1}/30  loss ${(2.3 / (epoch + 1)).toFixed(4)}`);

const ENVIRONMENT = {
  interpreter: { path: '/opt/conda/envs/train/bin/python', version: '3.11.9' },
  os: 'Rocky Linux 9.4',
  kernel: '5.14.0-427.el9.x86_64',
  cpu: { model: 'AMD EPYC 7763', online: 128, usable: 8 },
  memory_bytes: 512 * GIB,
  gpus: [{ name: 'NVIDIA A100-SXM4-40GB', memory_mib: 40_960, driver: '550.54.15' }],
  modules: ['cuda/12.4', 'gcc/13.2'],
  packages: { python: { numpy: '2.1.0', torch: '2.5.1', pandas: '2.2.3' } },
  variables: { CUDA_VISIBLE_DEVICES: '0', OMP_NUM_THREADS: '8' },
};

function goodRun(): RunRecord {
  const seconds = 2.4 * 3600;
  const run = lasting(recordIn('format-2/slurm-completed/journal.jsonl'), { queued: 1300, running: seconds });
  const usage = usageSummary(
    { time_seconds: 4 * 3600, memory_mb: 48 * 1024, cpus: 8 },
    { wall_seconds: seconds, cpu_seconds: seconds * 1.7, max_rss_bytes: 9.8 * GIB },
  );
  const recommendations = [
    { file: 'experiments/iter1/design.yaml', pointer: '/compute/memory', current: '48G', suggested: '12G', why: '9.8 GiB used in 6 runs' },
  ]; // prettier-ignore
  return changed(run, { usage, recommendations }, {
    metrics: [
      { name: 'val_accuracy', value: 0.9417, mode: 'maximize', baselines: [{ name: 'logistic regression', value: 0.9102, delta: 0.0315 }, { name: 'majority', value: 0.4415, delta: 0.5002 }] },
      { name: 'val_loss', value: 0.1873, mode: null, baselines: [{ name: 'logistic regression', value: 0.31, delta: null }] },
    ],
    curves: training(1500, 20),
    usage: usageOf(seconds, 9.8 * GIB, { gpus: 2 }),
    environment: ENVIRONMENT,
    logs: { stdout: `${LOG.join('\n')}\n`, stderr: '' },
    artifacts: ['checkpoints/best.pt', 'confusion.csv', 'logs/slurm-1.out', 'metrics.json', 'metrics.jsonl'].map((path, index) => ({ path, sha256: String(index + 1).repeat(64) })),
    tables: [{ path: 'confusion.csv', rows: [['species', 'Adelie', 'Chinstrap', 'Gentoo'], ['Adelie', '150', '1', '1'], ['Chinstrap', '2', '66', '0'], ['Gentoo', '0', '0', '122']], left: 0 }],
    patch: 'diff --git a/train.py b/train.py\n--- a/train.py\n+++ b/train.py\n@@ -12,1 +12,1 @@\n-    lr = 0.01\n+    lr = 0.001\n',
  }); // prettier-ignore
}

function outOfMemory(): RunRecord {
  const run = lasting(recordIn('format-2/slurm-failed/journal.jsonl'), { queued: 45, running: 812 });
  const most = 4 * GIB;
  const usage = usageSummary(
    { time_seconds: 3600, memory_mb: 4096, cpus: 2 },
    { wall_seconds: 812, cpu_seconds: 1370, max_rss_bytes: most },
  );
  const message = 'The job used more memory than it requested, and was ended.';
  const recommendations = [
    { file: 'experiments/iter1/design.yaml', pointer: '/compute/memory', current: '4G', suggested: '6G', why: 'the run reached its limit of 4 GiB' },
  ]; // prettier-ignore
  return changed(run, { code: 'slurm.out_of_memory', message, usage, recommendations }, {
    usage: usageOf(812, most, { grows: true }),
    curves: { ...training(80, 10), bad_lines: 1 },
    logs: { stdout: `${LOG.slice(0, 9).join('\n')}\n`, stderr: 'slurmstepd: error: Detected 1 oom_kill event in StepId=2.batch.\n' },
  }); // prettier-ignore
}

function hostileRun(): RunRecord {
  const points = [1, 2, 3].map((step) => ({ step, values: { [HOSTILE]: step, ['long_'.repeat(60)]: -step } }));
  return changed(recordIn('format-2/local-failed/journal.jsonl'), { message: HOSTILE, warnings: [HOSTILE] }, {
    metrics: [{ name: HOSTILE, value: 1e-7, mode: 'maximize', baselines: [{ name: HOSTILE, value: 0, delta: 1e-7 }] }],
    curves: { names: [HOSTILE, 'long_'.repeat(60)], points, bad_lines: 2 },
    artifacts: [{ path: HOSTILE, sha256: 'a'.repeat(64) }, { path: `${'deep/'.repeat(100)}file`, sha256: 'b'.repeat(64) }],
    logs: { stdout: `${HOSTILE}\n${'x'.repeat(3000)}\n`, stderr: `10 %\r50 %\r100 %\r\n\u001B[1mbold\u001B[0m\u0007\n` },
    patch: HOSTILE,
    environment: { os: HOSTILE, variables: { [HOSTILE]: HOSTILE }, packages: { [HOSTILE]: { [HOSTILE]: HOSTILE } } },
    tables: [{ path: HOSTILE, rows: [[HOSTILE, HOSTILE], [HOSTILE, HOSTILE]], left: 0 }],
  }); // prettier-ignore
}

function weekLong(): RunRecord {
  const seconds = 6.8 * 86_400;
  const run = lasting(recordIn('format-2/slurm-completed/journal.jsonl'), { queued: 93_000, running: seconds });
  const asked = { time_seconds: 7 * 86_400, memory_mb: 256 * 1024, cpus: 64 };
  const used = { wall_seconds: seconds, cpu_seconds: seconds * 60.5, max_rss_bytes: 180 * GIB };
  return changed(run, { usage: usageSummary(asked, used) }, {
    curves: training(100_000, 5),
    metrics: [{ name: 'perplexity', value: 12.31, mode: 'minimize', baselines: [{ name: 'published', value: 11.9, delta: -0.41 }] }],
    usage: usageOf(seconds, 180 * GIB, { gpus: 8 }),
  }); // prettier-ignore
}

/** By what they show. */
export function sampleRecords(): ReadonlyMap<string, RunRecord> {
  return new Map([
    ['good', goodRun()],
    ['out-of-memory', outOfMemory()],
    ['failed', recordIn('format-2/local-failed/journal.jsonl')],
    ['second', recordIn('format-2/local-completed/journal.jsonl')],
    ['week', weekLong()],
    ['hostile', hostileRun()],
    ['cancelled', recordIn('format-1/slurm-resumed/journal.jsonl')],
  ]);
}
