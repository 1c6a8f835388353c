import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { parseUsage, type UsagePoint } from '../../src/records/usage-series.ts';
import { autolab, autolabJson, inRun, startAutolab } from '../support/autolab.ts';
import { makeProject, read, runIds, temporaryFolder, until, write } from '../support/project.ts';
import {
  begun,
  expectClosed,
  isStopped,
  kill,
  letEnd,
  lives,
  manifestOf,
  SLOW_MS,
  supervisorOf,
  WAITING,
} from '../support/runs.ts';
import { describeOnSmallDisks, onSmallDisk } from '../support/small-disk.ts';

vi.setConfig({ testTimeout: SLOW_MS });

const FAKE = fileURLToPath(new URL('../fakes/nvidia-smi/bin', import.meta.url));
const MARK = 'echo started >> "$AUTOLAB_RUN_DIR/marker"\n';
const DONE = 'echo \'{"accuracy": 1}\' > "$AUTOLAB_RUN_DIR/metrics.json"\n';
/** Waits without using much of a processor. */
const PATIENT = WAITING.replace('sleep 0.05', 'sleep 0.5');
const COMPLETED = { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 };

const fileOf = (root: string, runId: string): string => inRun(root, 'iter1', runId, 'receipt/usage.jsonl');

function pointsOf(root: string, runId: string): readonly UsagePoint[] {
  const path = fileOf(root, runId);
  return existsSync(path) ? parseUsage(readFileSync(path, 'utf8')).points : [];
}

/** The series of the only run, as file and record have it, which must be the same. */
function recorded(root: string): readonly UsagePoint[] {
  const [runId = ''] = runIds(root);
  const bytes = readFileSync(fileOf(root, runId));
  const { points, bad_lines } = parseUsage(bytes.toString('utf8'));
  expect(bad_lines).toBe(0);
  expect(manifestOf(root, runId)['series']?.usage).toEqual({
    points: points.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    gpus: Math.max(0, ...points.map(({ gpu }) => gpu?.length ?? 0)),
  });
  return points;
}

describe('what a run uses over time', () => {
  test('of a run of a moment there is a point at its end, with what the manifest says', async () => {
    const root = makeProject();
    await autolab(root, ['launch']);
    expectClosed(root, COMPLETED, 'a moment');
    const last = recorded(root).at(-1);
    const { used } = manifestOf(root, runIds(root)[0] ?? '')['usage'];
    expect(last?.cpu_seconds).toBe(used['cpu_seconds']);
    expect(Math.abs((last?.t ?? 0) - Number(used['wall_seconds']))).toBeLessThan(5);
    expect(read(root, `experiments/iter1/runs/${runIds(root)[0] ?? ''}/artifacts.sha256`)).not.toContain('usage');
    expect((await autolabJson(root, ['verify'])).json['code']).toBe('ok');
    expect((await autolabJson(root, ['manifest', '--check'])).json['code']).toBe('ok');
  });

  test('time and processor time only grow, and memory is that of the processes', async () => {
    const wait = "if (require('fs').existsSync(process.env.AUTOLAB_RUN_DIR + '/go')) process.exit(x[0] - 1)";
    const eat = `node -e "const x = Buffer.alloc(2e8, 1); setInterval(() => { ${wait} }, 50)"\n`;
    const root = makeProject({ entrypoint: `${MARK}${eat}${DONE}` });
    const driver = startAutolab(root, ['launch']);
    const runId = await begun(root);
    const isEaten = ({ memory_bytes }: UsagePoint): boolean => (memory_bytes ?? 0) > 2e8;
    await until('the memory is in points', () => pointsOf(root, runId).filter(isEaten).length > 1);
    letEnd(root, runId);
    await driver.ended;
    const points = recorded(root);
    expect(points.length).toBeGreaterThan(2);
    for (const [index, { t, cpu_seconds }] of points.entries()) {
      const before = points[index - 1];
      expect(t).toBeGreaterThanOrEqual(before?.t ?? 0);
      expect(cpu_seconds).toBeGreaterThanOrEqual(before?.cpu_seconds ?? 0);
    }
    const most = Math.max(...points.map(({ memory_bytes }) => memory_bytes ?? 0));
    expect(most).toBeGreaterThan(2e8);
    expect(most).toBeLessThanOrEqual(manifestOf(root, runIds(root)[0] ?? '')['usage'].used.max_rss_bytes as number);
  });

  test.each([
    ['failed', `${MARK}exit 3\n`, {}, 'local.failed'],
    ['timed out', `${MARK}sleep 300\n`, { time: '"00:00:01"' }, 'local.timeout'],
  ])('is kept of a run that %s', async (_what, entrypoint, compute, code) => {
    const root = makeProject({ entrypoint, compute });
    expect((await autolabJson(root, ['launch'])).json['code']).toBe(code);
    expect(recorded(root).length).toBeGreaterThan(0);
  });

  test('is kept of a run that was cancelled', async () => {
    const root = makeProject({ entrypoint: WAITING });
    await autolab(root, ['launch', '--detach']);
    const runId = await begun(root);
    await until('there is a point', () => pointsOf(root, runId).length > 1);
    await autolab(root, ['cancel']);
    expect(recorded(root).length).toBeGreaterThan(1);
  });

  test('is kept of a run whose supervisor was killed in the middle of a line', async () => {
    const root = makeProject({ entrypoint: WAITING });
    await autolab(root, ['launch', '--detach']);
    const runId = await begun(root);
    await until('there is a point', () => pointsOf(root, runId).length > 1);
    const supervisor = await supervisorOf(root, runId);
    kill(supervisor);
    await until('the supervisor is dead', () => !lives(supervisor));
    writeFileSync(fileOf(root, runId), '{"t":99,"cpu_sec', { flag: 'a' });
    const before = pointsOf(root, runId);
    expect((await autolabJson(root, ['launch'])).json['code']).toBe('local.lost');
    expect(manifestOf(root, runId)['series'].usage.points).toBe(before.length);
    expect((await autolabJson(root, ['manifest', '--check'])).json['code']).toBe('ok');
  });
});

/** Its supervisor stands before the first sample. */
async function stoppedBeforeSamples(root: string): Promise<{ readonly runId: string; readonly goOn: () => void }> {
  startAutolab(root, ['launch', '--detach'], { env: { AUTOLAB_STOP_AT: 'supervisor.started' } });
  await until('there is a run', () => runIds(root).length > 0);
  const [runId = ''] = runIds(root);
  const supervisor = await supervisorOf(root, runId);
  await until('the supervisor is stopped', () => isStopped(supervisor));
  return {
    runId,
    goOn: () => {
      kill(supervisor, 'SIGCONT');
    },
  };
}

describe('what is in the way of the samples', () => {
  test('a folder: the run completes without them', async () => {
    const root = makeProject({ entrypoint: WAITING });
    const { runId, goOn } = await stoppedBeforeSamples(root);
    mkdirSync(fileOf(root, runId));
    goOn();
    letEnd(root, runId);
    await autolab(root, ['resume']);
    expectClosed(root, COMPLETED, 'a folder');
    expect(manifestOf(root, runId)['series']).toBeUndefined();
  });

  test('a link that leads out is replaced, never followed', async () => {
    const root = makeProject({ entrypoint: WAITING });
    const { runId, goOn } = await stoppedBeforeSamples(root);
    const precious = join(temporaryFolder(), 'precious');
    writeFileSync(precious, 'mine\n');
    symlinkSync(precious, fileOf(root, runId));
    goOn();
    letEnd(root, runId);
    await autolab(root, ['resume']);
    expectClosed(root, COMPLETED, 'a link');
    expect(recorded(root).length).toBeGreaterThan(0);
    expect(readFileSync(precious, 'utf8')).toBe('mine\n');
  });
});

describeOnSmallDisks('on a full disk', () => {
  test('the run goes on, and all points are written once there is room', async () => {
    await onSmallDisk({ entrypoint: WAITING }, async ({ root, fill, makeRoom }) => {
      const log = join(temporaryFolder(), 'passed');
      startAutolab(root, ['launch', '--detach'], {
        env: { AUTOLAB_STOP_AT: 'supervisor.started', AUTOLAB_CRASH_LOG: log },
      });
      // Before that the script makes files and removes them, which would leave room for another one.
      const runId = await begun(root);
      const supervisor = await supervisorOf(root, runId);
      await until('the supervisor is stopped', () => isStopped(supervisor));
      fill('files');
      kill(supervisor, 'SIGCONT');
      await until('a point is refused', () => readFileSync(log, 'utf8').includes('supervisor.usage.jsonl.refused\n'));
      makeRoom();
      await until('the points are there', () => pointsOf(root, runId).length > 1);
      letEnd(root, runId);
      await autolab(root, ['resume']);
      expectClosed(root, COMPLETED, 'a full disk');
      expect(recorded(root)[0]?.t).toBeLessThan(pointsOf(root, runId)[1]?.t ?? 0);
    });
  });
});

describe('what nvidia-smi says', () => {
  const GPUS = [
    { util: 93, memory_bytes: 1024 ** 3 },
    { util: 5, memory_bytes: 80 * 1024 ** 2 },
  ];

  /** A run on a machine with this nvidia-smi, which is asked often: a minute takes a second. Its ten seconds are real ones. */
  async function withGpus(files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) {
    const gpus = temporaryFolder();
    for (const [name, text] of Object.entries(files)) write(gpus, name, text);
    const root = makeProject({ entrypoint: PATIENT });
    await autolab(root, ['launch', '--detach'], {
      env: {
        AUTOLAB_FAKE_GPUS: gpus,
        AUTOLAB_TEST_SPEED: '60',
        ...env,
        PATH: `${FAKE}:${process.env['PATH'] ?? ''}`,
      },
    });
    const runId = await begun(root);
    return {
      root,
      runId,
      gpus,
      calls: (): readonly number[] =>
        existsSync(join(gpus, 'calls')) ? read(gpus, 'calls').trimEnd().split('\n').map(Number) : [],
      end: async (): Promise<void> => {
        letEnd(root, runId);
        await autolab(root, ['resume']);
        expectClosed(root, COMPLETED, 'with GPUs');
      },
    };
  }

  test('is in some of the points, all the time', async () => {
    const { root, runId, calls, end } = await withGpus({});
    await until('it was asked again', () => calls().length > 1);
    await until('it is in two points', () => pointsOf(root, runId).filter(({ gpu }) => gpu !== undefined).length > 1);
    await end();
    const points = recorded(root);
    expect(points.map(({ gpu }) => gpu).filter((gpu) => gpu !== undefined)).toContainEqual(GPUS);
    expect(manifestOf(root, runId)['series'].usage.gpus).toBe(2);
  });

  test('is of the GPUs that the run sees', async () => {
    const { root, runId, end } = await withGpus({}, { CUDA_VISIBLE_DEVICES: '1' });
    await until('it is in a point', () => pointsOf(root, runId).some(({ gpu }) => gpu !== undefined));
    await end();
    expect(recorded(root).find(({ gpu }) => gpu !== undefined)?.gpu).toEqual(GPUS.slice(1));
  });

  test('is not asked for where the run sees none', async () => {
    const { root, runId, calls, end } = await withGpus({}, { CUDA_VISIBLE_DEVICES: '' });
    await until('two minutes went by', () => (pointsOf(root, runId).at(-1)?.t ?? 0) > 120);
    await end();
    expect(calls()).toEqual([]);
  });

  test.each([
    ['fails', { answer: 'NVIDIA-SMI has failed\n', status: '9' }],
    ['does not end', { hang: '' }],
  ])('is not asked for again if it %s', async (_how, files) => {
    const { root, runId, calls, end } = await withGpus(files);
    await until('it was asked', () => calls().length > 0);
    const [pid = 0] = calls();
    await until('it is gone', () => !lives(pid));
    const then = pointsOf(root, runId).at(-1)?.t ?? 0;
    await until('two minutes went by', () => (pointsOf(root, runId).at(-1)?.t ?? 0) > then + 120);
    await end();
    expect(calls()).toHaveLength(1);
    expect(recorded(root).every(({ gpu }) => gpu === undefined)).toBe(true);
  });

  test('does not outlive the run, nor keep it', async () => {
    const { root, calls, end } = await withGpus({ hang: '' }, { AUTOLAB_TEST_SPEED: '1' });
    await until('it was asked', () => calls().length > 0);
    await end();
    await until('it is gone', () => !lives(calls()[0] ?? 0));
    expect(recorded(root).length).toBeGreaterThan(0);
  });

  test('does not count as processor time of the run', async () => {
    // At this machine's speed it is asked once.
    const { root, runId, gpus, end } = await withGpus({ burn: '300000' }, { AUTOLAB_TEST_SPEED: '1' });
    await until('it is in a point', () => pointsOf(root, runId).some(({ gpu }) => gpu !== undefined));
    await end();
    const used = Number(manifestOf(root, runId)['usage'].used.cpu_seconds);
    expect(recorded(root).at(-1)?.cpu_seconds).toBe(used);
    const [, minutes, seconds] = /^(\d+)m([\d.]+)s/.exec(read(gpus, 'burned')) ?? [];
    expect(used).toBeLessThan(60 * Number(minutes) + Number(seconds));
  });
});
