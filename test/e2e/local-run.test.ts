import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { autolab, autolabJson, inRun, parseJson, startAutolab } from '../support/autolab.ts';
import {
  makeProject,
  type ProjectOptions,
  read,
  readJson,
  runIds,
  temporaryFolder,
  until,
  write,
} from '../support/project.ts';
import {
  begun,
  expectClosed,
  kill,
  letEnd,
  lives,
  manifestOf,
  pidIn,
  processesOf,
  SLOW_MS,
  stateOf,
  supervisorOf,
  WAITING,
} from '../support/runs.ts';

vi.setConfig({ testTimeout: SLOW_MS });

const MARK = 'echo started >> "$AUTOLAB_RUN_DIR/marker"\n';
const DONE = 'echo \'{"accuracy": 1}\' > "$AUTOLAB_RUN_DIR/metrics.json"\n';

interface Launched {
  readonly root: string;
  readonly runId: string;
  readonly status: number | null;
  readonly result: Record<string, any>;
  readonly manifest: Record<string, any>;
}

async function launch(options: ProjectOptions, env: Readonly<Record<string, string>> = {}): Promise<Launched> {
  const root = makeProject(options);
  const ended = await autolabJson(root, ['launch'], { env });
  const runId = runIds(root)[0] ?? '';
  return { root, runId, status: ended.status, result: ended.json, manifest: manifestOf(root, runId) };
}

test('a run that completes: state, manifest, logs, files', async () => {
  const { root, runId, status, result, manifest } = await launch({
    git: true,
    entrypoint: `echo out\necho err >&2\n${MARK}${DONE}`,
  });
  expect([status, result['outcome'], result['code'], result['status']]).toEqual([
    0,
    'completed',
    'run.completed',
    'completed',
  ]);
  expectClosed(root, { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 }, 'completed');
  expect(stateOf(root)['sync_status']).toBe('ok');
  expect(read(root, `${String(result['run_dir'])}/logs/stdout.log`)).toBe('out\n');
  expect(read(root, `${String(result['run_dir'])}/logs/stderr.log`)).toBe('err\n');
  expect(manifest['steps'].map((step: { name: string; status: string }) => `${step.name} ${step.status}`)).toEqual([
    'record-code done',
    'render-prompt done',
    'write-scripts done',
    'sync_to_remote skipped',
    'execute done',
    'collect_to_remote skipped',
    'collect done',
    'sync_artifacts_to_local skipped',
    'verify_local_artifacts done',
  ]);
  expect(manifest['local']).toMatchObject({ exit_code: 0, signal: null, ended_by: null, leftovers_ended: [] });
  expect(readJson(root, '.autolab/agent_result.json')).toMatchObject({
    status: 'complete',
    run_id: runId,
    completion_token_seen: true,
  });
  expect((await autolab(root, ['verify'])).status).toBe(0);
});

test('exit codes and signals are told apart', async () => {
  const [seven, shell, signal] = await Promise.all([
    launch({ entrypoint: `${MARK}exit 7\n` }),
    launch({ entrypoint: `${MARK}exit 143\n` }),
    launch({ entrypoint: `${MARK}kill -SEGV $$\n` }),
  ]);
  expect([
    seven.status,
    seven.result['code'],
    seven.manifest['local'].exit_code,
    seven.manifest['local'].signal,
  ]).toEqual([10, 'local.failed', 7, null]);
  expect(seven.result['message']).toContain('exit code 7');
  expectClosed(seven.root, { code: 'local.failed', stage: 'launch', attempt: 1, starts: 1 }, 'exit 7');
  expect([shell.result['code'], shell.manifest['local'].exit_code, shell.manifest['local'].signal]).toEqual([
    'local.failed',
    143,
    null,
  ]);
  expect(shell.manifest['local'].evidence.join('\n')).toContain('signal 15');
  expect([
    signal.status,
    signal.result['code'],
    signal.manifest['local'].exit_code,
    signal.manifest['local'].signal,
  ]).toEqual([10, 'local.signal', null, 'SIGSEGV']);
  // What a failed run left is kept and digested, and marked as partial.
  expect([seven.manifest['artifacts'].partial, seven.manifest['artifact_sync_to_local'].status]).toEqual([
    true,
    'failed',
  ]);
});

test('the time limit: TERM first, KILL for a child that ignores it, and advice with a number', async () => {
  const polite = {
    compute: { time: '"00:00:05"' },
    entrypoint: `${MARK}trap 'echo saved > "$AUTOLAB_RUN_DIR/saved"; exit 0' TERM\nwhile :; do sleep 0.05; done\n`,
  };
  // The entrypoint itself dies of the TERM; its children have the whole grace all the same.
  const deaf = `(trap '' TERM; echo $BASHPID > "$AUTOLAB_RUN_DIR/child"; while :; do sleep 0.5; done) &`;
  const slow = `(trap 'sleep 4; echo saved > "$AUTOLAB_RUN_DIR/saved"; exit' TERM; while :; do sleep 0.1; done) &`;
  const stubborn = { compute: { time: '"00:00:05"' }, entrypoint: `${MARK}${deaf}\n${slow}\nwait\n` };
  const [soft, hard] = await Promise.all([launch(polite), launch(stubborn)]);
  for (const { root, status, result, manifest } of [soft, hard]) {
    expect([status, result['code'], manifest['local'].ended_by]).toEqual([10, 'local.timeout', 'time_limit']);
    expect(result['recommendations']).toEqual([
      expect.objectContaining({
        file: 'experiments/iter1/design.yaml',
        pointer: '/compute/time',
        current: '00:00:05',
        suggested: '00:01:00',
      }),
    ]);
    expect(manifest['usage'].requested.time_seconds).toBe(5);
    expectClosed(root, { code: 'local.timeout', stage: 'launch', attempt: 1, starts: 1 }, 'timeout');
  }
  for (const { root, runId } of [soft, hard]) expect(existsSync(inRun(root, 'iter1', runId, 'saved'))).toBe(true);
  const child = await pidIn(hard.root, hard.runId, 'child');
  expect(lives(child)).toBe(false);
  expect(hard.manifest['local'].leftovers_ended.join('\n')).toContain(`(${child})`);
});

test('what outlives the entrypoint is ended: setsid, nohup, a double fork, and a child without our environment', async () => {
  const write = (name: string): string => `echo $$ > "$AUTOLAB_RUN_DIR/${name}"; exec sleep 300`;
  const { root, runId, status, manifest } = await launch({
    entrypoint: [
      MARK,
      `setsid bash -c '${write('setsid')}' &`,
      `nohup bash -c '${write('nohup')}' > /dev/null 2>&1 &`,
      `(setsid bash -c '${write('forked')}' & ) &`,
      `bash -c 'echo $$ > "$AUTOLAB_RUN_DIR/bare"; exec env -i sleep 300' &`,
      'for name in setsid nohup forked bare; do until [ -s "$AUTOLAB_RUN_DIR/$name" ]; do sleep 0.02; done; done',
      DONE,
    ].join('\n'),
  });
  expect(status).toBe(0);
  const pids = await Promise.all(['setsid', 'nohup', 'forked', 'bare'].map((name) => pidIn(root, runId, name)));
  expect(pids.filter(lives)).toEqual([]);
  for (const pid of pids) expect(manifest['local'].leftovers_ended.join('\n')).toContain(`(${pid})`);
});

test('a process whose first thread has ended is no zombie, and is ended as well', async () => {
  // The system call `exit` ends the thread that calls it.
  const python = [
    'import ctypes, os, threading, time',
    'threading.Thread(target=lambda: time.sleep(300)).start()',
    'open(os.environ["AUTOLAB_RUN_DIR"] + "/headless", "w").write("%d\\n" % os.getpid())',
    'ctypes.CDLL(None).syscall(60 if os.uname().machine == "x86_64" else 93, 0)',
  ].join('\n');
  const { root, runId, status } = await launch({
    entrypoint: `${MARK}(setsid python3 -c '${python}' &)\nuntil grep -q "^State:.Z" "/proc/$(cat "$AUTOLAB_RUN_DIR/headless")/status"; do sleep 0.05; done 2> /dev/null\n${DONE}`,
  });
  expect(status).toBe(0);
  const pid = await pidIn(root, runId, 'headless');
  expect(existsSync(`/proc/${pid}/task`) && readdirSync(`/proc/${pid}/task`).length > 1).toBe(false);
});

test('usage: CPU time, memory of the whole tree, wall time, beside what was asked for', async () => {
  // By the processor's time as well: on a machine that has other work, the clock goes on without it.
  const hold = `const kept = Buffer.alloc(60 * 1024 * 1024, 1); const end = Date.now() + 1500; while (Date.now() < end || process.cpuUsage().user < 500_000); process.exit(kept[0] - 1);`;
  const { manifest } = await launch({
    entrypoint: `${MARK}node -e '${hold}' & node -e '${hold}' &\nwait\n${DONE}`,
    compute: { memory: '2G', cpus: 2 },
  });
  const { requested, used } = manifest['usage'];
  expect(requested).toEqual({ time_seconds: 300, memory_mb: 2048, cpus: 2 });
  // Two at once: more than either has alone.
  expect(used.max_rss_bytes).toBeGreaterThan(2 * 60 * 1024 * 1024);
  expect(used.cpu_seconds).toBeGreaterThan(0.5);
  expect(used.wall_seconds).toBeGreaterThan(1.4);
  expect(used.samples).toBeGreaterThan(3);
});

test('usage: memory that forked workers share counts once', async () => {
  const workers = [
    'import os, time',
    'kept = bytearray(b"1") * (150 * 1024 * 1024)',
    'for _ in range(8):',
    '    if os.fork() == 0: break',
    'time.sleep(1.5)',
  ].join('\n');
  // bash waits for the first of them; the others end at the same time, or are ended.
  const { status, manifest } = await launch({ entrypoint: `${MARK}python3 -c '${workers}'\n${DONE}` });
  expect(status).toBe(0);
  const { used } = manifest['usage'];
  expect(used.source).toBe('pss');
  expect(used.max_rss_bytes).toBeGreaterThan(150 * 1024 * 1024);
  expect(used.max_rss_bytes).toBeLessThan(300 * 1024 * 1024);
});

test('streams go straight to files, and the entrypoint knows its run', async () => {
  const root = makeProject({ entrypoint: `env | grep ^AUTOLAB_ | sort\npwd\n${WAITING}` });
  const driver = startAutolab(root, ['launch', '--json']);
  const runId = await begun(root);
  const folder = inRun(root, 'iter1', runId);
  const pid = await pidIn(root, runId);
  expect([1, 2].map((handle) => readlinkSync(`/proc/${pid}/fd/${handle}`))).toEqual([
    join(folder, 'logs/stdout.log'),
    join(folder, 'logs/stderr.log'),
  ]);
  expect(readlinkSync(`/proc/${pid}/fd/0`)).toBe('/dev/null');
  // In a session of its own: no terminal's signal reaches it.
  const session = (of: number): string => readFileSync(`/proc/${of}/stat`, 'utf8').split(') ')[1]?.split(' ')[3] ?? '';
  expect(new Set([session(pid), session(driver.child.pid ?? 0), session(await supervisorOf(root, runId))]).size).toBe(
    3,
  );
  letEnd(root, runId);
  expect((await driver.ended).status).toBe(0);
  const lines = readFileSync(join(folder, 'logs/stdout.log'), 'utf8').trimEnd().split('\n');
  const scratch = lines.find((line) => line.startsWith('AUTOLAB_SCRATCH=')) ?? '';
  expect(lines).toEqual([
    'AUTOLAB_ITERATION_ID=iter1',
    `AUTOLAB_REPO_ROOT=${root}`,
    `AUTOLAB_RUN_DIR=${folder}`,
    `AUTOLAB_RUN_ID=${runId}`,
    scratch,
    root,
  ]);
  expect(scratch).toContain(runId);
});

test('artifacts with `from:` are collected into the run folder; a required one that is missing fails the sync', async () => {
  const outside = temporaryFolder();
  write(outside, 'model/weights.bin', 'w');
  const artifacts = [
    'metrics.json',
    `{path: "ckpt/**", from: "{{scratch}}/ckpt"}`,
    `{path: model, from: "${outside}/model"}`,
  ];
  const entrypoint = `${MARK}${DONE}mkdir -p "$AUTOLAB_SCRATCH/ckpt/a"\necho 1 > "$AUTOLAB_SCRATCH/ckpt/a/1.pt"\n`;
  const [there, missing] = await Promise.all([
    launch({ artifacts, entrypoint }),
    launch({ artifacts: ['metrics.json', `{path: "x.bin", from: "${outside}/none"}`], entrypoint: MARK + DONE }),
  ]);
  expect(there.status).toBe(0);
  const sums = read(there.root, `experiments/iter1/runs/${there.runId}/artifacts.sha256`);
  for (const path of ['ckpt/a/1.pt', 'model/weights.bin', 'metrics.json', 'logs/stdout.log'])
    expect(sums).toContain(`  ${path}\n`);
  expect([missing.status, missing.result['code'], missing.result['artifact_sync_status']]).toEqual([
    10,
    'sync.failed',
    'failed',
  ]);
  expect(missing.result['message']).toContain('none');
});

test('with the driver dead, the supervisor keeps the time limit and goes on measuring', async () => {
  const spin = 'trap \'times > "$AUTOLAB_RUN_DIR/times"; exit\' TERM\nwhile [ ! -e "$AUTOLAB_RUN_DIR/go" ]; do :; done';
  const root = makeProject({ compute: { time: '"00:00:06"' }, entrypoint: `${MARK}${spin}\n` });
  const driver = startAutolab(root, ['launch']);
  const runId = await begun(root);
  driver.child.kill('SIGKILL');
  await driver.ended;
  await until('the receipt is written', () => existsSync(inRun(root, 'iter1', runId, 'receipt/exit.json')));
  expect(processesOf(runId, root)).toEqual([]);
  const again = await autolabJson(root, ['resume']);
  expect([again.status, again.json['code']]).toEqual([10, 'local.timeout']);
  const { used } = manifestOf(root, runId)['usage'];
  expect(used.wall_seconds).toBeGreaterThan(5.9);
  // bash(1), times: minutes and seconds of the shell itself come first. The last sample may be a little older.
  const [, minutes, seconds] = /^(\d+)m([\d.]+)s/.exec(read(root, `experiments/iter1/runs/${runId}/times`)) ?? [];
  const own = Number(minutes) * 60 + Number(seconds);
  expect(own).toBeGreaterThan(0);
  expect(used.cpu_seconds).toBeGreaterThan(own / 3);
  expectClosed(root, { code: 'local.timeout', stage: 'launch', attempt: 1, starts: 1 }, 'timeout without a driver');
});

test('a supervisor that is told to stop ends the run, and the record says so', async () => {
  const root = makeProject({ entrypoint: WAITING });
  const driver = startAutolab(root, ['launch', '--json']);
  const runId = await begun(root);
  kill(await supervisorOf(root, runId), 'SIGTERM');
  const ended = await driver.ended;
  expect([ended.status, parseJson(ended)['code']]).toEqual([10, 'local.terminated']);
  expectClosed(root, { code: 'local.terminated', stage: 'launch', attempt: 0, starts: 1 }, 'terminated');
  expect(readdirSync(inRun(root, 'iter1', runId, 'receipt')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});
