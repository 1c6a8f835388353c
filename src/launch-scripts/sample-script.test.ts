import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder, until } from '../../test/support/project.ts';
import { MOST_POINTS, USAGE_FILE } from '../records/usage-series.ts';
import { SAMPLER_SCRIPT } from './beside.ts';
import { sampleScript } from './sample-script.ts';

/** The text as bash runs it, with the cgroups of test/fakes/cgroup/SPEC.md. */

const JOB = '/slurm_n1/uid_7/job_12';

const isFile = (path: string): boolean => existsSync(path) && lstatSync(path).isFile();

interface Place {
  readonly folder: string;
  readonly series: string;
  readonly write: (path: string, text: string) => void;
  /** Until the series has that many lines; then the shell that started it ends. */
  readonly sample: (lines: number, gpus?: string) => Promise<readonly Record<string, unknown>[]>;
  readonly last: (status?: number) => Record<string, unknown>;
  readonly points: () => readonly Record<string, unknown>[];
}

function makePlace(change: (text: string) => string = (text) => text): Place {
  const folder = temporaryFolder();
  const series = join(folder, 'usage.jsonl');
  const script = join(folder, SAMPLER_SCRIPT);
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const text = change(sampleScript(120))
    .replace('groups=/proc/self/cgroup', `groups=${folder}/cgroup`)
    .replace('mounts=/proc/self/mountinfo', `mounts=${folder}/mountinfo`);
  writeFileSync(script, text);
  write('cgroup', '0::/\n');
  write('mountinfo', '31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n');
  const PATH = `${folder}/bin:${process.env['PATH'] ?? ''}`;
  const points = (): readonly Record<string, unknown>[] =>
    (isFile(series) ? readFileSync(series, 'utf8') : '')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return {
    folder,
    series,
    write,
    points,
    sample: async (lines, gpus = '') => {
      const start =
        'read -r up _ < /proc/uptime; exec 3>&1; "$BASH" -p "$0" loop $$ "$up" "$1" "$2" <&- >&- 2>&- & read -r _';
      const shell = spawn('bash', ['-c', start, script, PATH, gpus], { stdio: ['pipe', 'pipe', 'inherit'] });
      // The pipe is closed by the last process that has it: the loop.
      const ended = new Promise((resolve) => shell.on('close', resolve));
      await until(`${lines} points`, () => points().length >= lines);
      shell.stdin.end();
      await ended;
      return points();
    },
    last: (status = 0) => {
      const call = 'read -r up _ < /proc/uptime; "$BASH" -p "$0" last $$ "$up" "$1" "$2"; exit $?';
      spawnSync('bash', ['-c', call, script, PATH, String(status)], { stdio: 'ignore' });
      return points().at(-1) ?? {};
    },
  };
}

function version1({ folder, write }: Place, accounted: boolean): void {
  write('cgroup', `5:cpuacct,cpu:${JOB}/step_batch/task_0\n4:memory:${JOB}/step_batch/task_0\n0::/\n`);
  write(
    'mountinfo',
    `32 31 0:29 / ${folder}/cpu rw,relatime - cgroup cgroup rw,cpu,cpuacct\n` +
      `35 31 0:32 / ${folder}/memory rw,relatime shared:9 - cgroup cgroup rw,memory\n`,
  );
  write(
    `memory${JOB}/memory.stat`,
    'cache 9\nrss 1\ntotal_cache 700000\ntotal_rss 4000\ntotal_rss_huge 0\ntotal_shmem 96\n',
  );
  write(`memory${JOB}/memory.oom_control`, 'oom_kill_disable 0\nunder_oom 0\noom_kill 0\n');
  write(`memory${JOB}/memory.max_usage_in_bytes`, '700000\n');
  write(`memory${JOB}/memory.limit_in_bytes`, '700000\n');
  if (accounted) write(`cpu${JOB}/cpuacct.usage`, '2500000000\n');
}

function version2({ folder, write }: Place): void {
  const job = '/system.slice/slurmstepd.scope/job_12';
  write('cgroup', `0::${job}/step_batch/user/task_0\n`);
  write('mountinfo', `41 31 0:38 /system.slice ${folder}/unified rw,relatime - cgroup2 cgroup2 rw,nsdelegate\n`);
  const at = `unified/slurmstepd.scope/job_12`;
  write(`${at}/memory.stat`, 'anon 5000\nfile 800000\nshmem 24\ninactive_anon 1\n');
  write(`${at}/cpu.stat`, 'usage_usec 1250000\nuser_usec 1\n');
  write(`${at}/memory.events`, 'low 0\nmax 3\noom 0\noom_kill 0\n');
  write(`${at}/memory.max`, '900000\n');
}

describe('the loop', () => {
  it('reads the cgroup of the whole job, version 1', async () => {
    const place = makePlace();
    version1(place, true);

    const [first] = await place.sample(2);

    expect(first).toEqual({ t: expect.any(Number) as number, cpu_seconds: 2.5, memory_bytes: 4096 });
  });

  it('reads the cgroup of the whole job, version 2, mounted in part', async () => {
    const place = makePlace();
    version2(place);

    const [first] = await place.sample(1);

    expect(first).toMatchObject({ cpu_seconds: 1.25, memory_bytes: 5024 });
  });

  it('reads the processes of the cgroup if it has no CPU times', async () => {
    const place = makePlace();
    version1(place, false);
    const { pid } = process;
    place.write(`memory${JOB}/step_batch/task_0/cgroup.procs`, `${pid}\n99999999\n`);

    const [first] = await place.sample(1);

    const { user, system } = process.cpuUsage();
    expect(first).toMatchObject({ memory_bytes: 4096 });
    expect(first?.['cpu_seconds']).toBeGreaterThan(0);
    expect(first?.['cpu_seconds']).toBeLessThanOrEqual((user + system) / 1e6 + 600);
  });

  it('reads the descendants of the script if there is no cgroup of the job', async () => {
    const place = makePlace();
    place.write('cgroup', '4:memory:/user.slice\n0::/user.slice\n');

    const [first] = await place.sample(1);

    expect(first?.['cpu_seconds']).toBeTypeOf('number');
    expect(first?.['memory_bytes']).toBeGreaterThan(100_000);
  });

  it('has a time that grows, from when the entrypoint began', async () => {
    const times = (await makePlace().sample(3)).map(({ t }) => t as number);

    expect(times).toEqual(times.toSorted((one, other) => one - other));
    expect(new Set(times).size).toBe(3);
    expect(times[0]).toBeGreaterThanOrEqual(0);
  });

  it('asks for GPUs beside it', async () => {
    const place = makePlace((text) => text.replace('gpus_at=500', 'gpus_at=0'));
    place.write('bin/nvidia-smi', '#!/bin/sh\necho "$*" >> "${0%/*}/asked"\necho "93, 1024"\necho "[N/A], 2"\n');
    chmodSync(join(place.folder, 'bin/nvidia-smi'), 0o755);

    const [first, second] = await place.sample(2, '2,3');

    expect(first?.['gpu']).toEqual([
      { util: 93, memory_bytes: 1024 ** 3 },
      { util: null, memory_bytes: 2 * 1024 ** 2 },
    ]);
    expect(second).not.toHaveProperty('gpu');
    expect(readFileSync(join(place.folder, 'bin/asked'), 'utf8')).toMatch(
      /^-i 2,3 --query-gpu=utilization.gpu,memory.used/,
    );
  });

  it('asks no more for GPUs that do not answer', async () => {
    const place = makePlace((text) => text.replace('gpus_at=500', 'gpus_at=0').replaceAll('now + 3000', 'now'));
    place.write('bin/nvidia-smi', '#!/bin/sh\necho >> "${0%/*}/asked"\nexit 9\n');
    chmodSync(join(place.folder, 'bin/nvidia-smi'), 0o755);

    const points = await place.sample(5, '0');

    expect(points.some((point) => 'gpu' in point)).toBe(false);
    expect(readFileSync(join(place.folder, 'bin/asked'), 'utf8')).toBe('\n\n\n');
  });

  it('is bounded, and sparser if it lasts', async () => {
    // A minute is a moment, and a second a hundredth.
    const quick = (text: string): string =>
      text
        .replace('lines < 1999', 'lines < 12')
        .replace('lines >= 1500', 'lines >= 6')
        .replace('lines % 100', 'lines % 2')
        .replace('step=100', 'step=5')
        .replace('now < 6000', 'now < 0')
        .replace(/^interval=\d+/, 'interval=4')
        .replace('own <= 5', 'own <= 500');
    const place = makePlace(quick);

    const times = (await place.sample(12)).map(({ t }) => t as number);

    expect(times).toHaveLength(12);
    expect((times[11] ?? 0) - (times[9] ?? 0)).toBeGreaterThan(0.5);
  });

  it('leaves out samples while they cost too much', async () => {
    const dear = (text: string): string =>
      text.replace('own <= 5 + now / 1000', 'now > 100').replace('step=100', 'step=10');

    const [first] = await makePlace(dear).sample(1);

    expect(first?.['t']).toBeGreaterThan(1);
  });

  it('replaces what lies in its place', async () => {
    const place = makePlace();
    spawnSync('mkfifo', [place.series]);
    expect(await place.sample(1)).toHaveLength(1);
  });
});

describe('the last sample', () => {
  it('is what is used at the end, and no less CPU than before', () => {
    const place = makePlace();
    version1(place, true);
    writeFileSync(place.series, '{"t":1.00,"cpu_seconds":7.125,"memory_bytes":1}\n');

    expect(place.last(3)).toMatchObject({ cpu_seconds: 7.125, memory_bytes: 4096 });
    expect(place.points()).toHaveLength(2);
  });

  it.each([
    [
      'counted by the job',
      1,
      (place: Place) => {
        place.write(`memory${JOB}/memory.oom_control`, 'under_oom 0\noom_kill 1\n');
      },
    ],
    [
      'counted by a task',
      1,
      (place: Place) => {
        place.write(`memory${JOB}/step_batch/task_0/memory.oom_control`, 'under_oom 0\noom_kill 2\n');
      },
    ],
    ['in a step that is over', 137, () => undefined],
  ])('is the peak of the kernel after it killed for memory: %s', (_, status, kill) => {
    const place = makePlace();
    version1(place, true);
    writeFileSync(place.series, '');
    kill(place);

    expect(place.last(status)).toMatchObject({ memory_bytes: 700_000 });
  });

  it.each([
    ['the peak', '880000\n', 880_000],
    ['the limit, if the kernel has no peak', null, 900_000],
  ])('is, in version 2, %s', (_, peak, bytes) => {
    const place = makePlace();
    version2(place);
    writeFileSync(place.series, '');
    expect(place.last(137)).toMatchObject({ memory_bytes: 5024 });
    place.write('unified/slurmstepd.scope/job_12/memory.events', 'oom 1\noom_kill 1\n');
    if (peak !== null) place.write('unified/slurmstepd.scope/job_12/memory.peak', peak);

    expect(place.last()).toMatchObject({ memory_bytes: bytes });
  });

  it('follows no link and waits for no pipe', () => {
    const place = makePlace();
    place.last();
    expect(existsSync(place.series)).toBe(false);
    spawnSync('mkfifo', [place.series]);
    spawnSync('bash', ['-p', join(place.folder, SAMPLER_SCRIPT), 'last', '1', '1.00', process.env['PATH'] ?? '', '0']);
  });
});

describe('the text', () => {
  it('is read by bash alone, and has nothing that came after bash 4.2', () => {
    const text = sampleScript(null);
    expect(spawnSync('bash', ['-n', '-s'], { input: text, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    expect(text).toContain(`/${USAGE_FILE}"`);
    expect(text).toContain(`lines < ${MOST_POINTS - 1}`);
    expect(text).not.toMatch(/wait -[nfp]|\$\{\w+@|\[-\d|EPOCH|mapfile -d|\blocal -n\b|<<<|\$\{\w+\[-/);
  });

  it.each([
    [1_000, 100],
    [3_600, 360],
    [604_800, 60_480],
    [null, 8_640],
  ])('takes about a thousand samples of %s seconds', (limit, hundredths) => {
    expect(sampleScript(limit)).toContain(`interval=${hundredths}\n`);
  });
});
