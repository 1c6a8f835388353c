import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { autolab, autolabJson, inRun, startAutolab } from '../support/autolab.ts';
import { cgroupsIn, fakeCgroup, hasRealCgroup, realCgroup } from '../support/cgroups.ts';
import { makeProject, read, runIds, temporaryFolder, until, write } from '../support/project.ts';
import {
  begun,
  expectClosed,
  kill,
  letEnd,
  lives,
  manifestOf,
  pidIn,
  SLOW_MS,
  stateOf,
  supervisorOf,
  WAITING,
} from '../support/runs.ts';
import { endsOfTasks, makeTaskProject, MARK_TASK, startsOfTasks } from '../support/tasks/task-project.ts';

vi.setConfig({ testTimeout: SLOW_MS });

const SCRIPT = fileURLToPath(new URL('../fixtures/daemons/daemons.py', import.meta.url));
const COMPLETED = { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 };
const LOST = { code: 'local.lost', stage: 'launch', attempt: 0, starts: 1 };
const BEGIN = 'echo started >> "$AUTOLAB_RUN_DIR/marker"\necho \'{"accuracy": 1}\' > "$AUTOLAB_RUN_DIR/metrics.json"\n';
/** A process that neither session nor parents nor environment tell, which writes its pid and stays. */
const HIDDEN = `(setsid env -i bash -c 'echo $$ > "$1"; exec sleep 300' bash "$AUTOLAB_RUN_DIR/hidden" & ) &\nuntil [ -s "$AUTOLAB_RUN_DIR/hidden" ]; do sleep 0.02; done\n`;

const inCgroup = test.runIf(hasRealCgroup());

function projectWith(entrypoint: string, settings = ''): string {
  const root = makeProject({ entrypoint });
  write(root, '.autolab/launch.yaml', `host_mode: local\n${settings}`);
  return root;
}

inCgroup('in a cgroup, not even daemons without our environment outlive the run', async () => {
  const cgroup = realCgroup() ?? '';
  const root = projectWith(`${BEGIN}python3 ${SCRIPT} sfc 100\n${HIDDEN}`);

  const end = await autolabJson(root, ['launch'], { env: { AUTOLAB_TEST_CGROUP: cgroup } });

  const [runId = ''] = runIds(root);
  expect(end.json['code'], end.stderr).toBe('run.completed');
  expect(lives(await pidIn(root, runId, 'hidden'))).toBe(false);
  expectClosed(root, COMPLETED, 'in a cgroup');
  expect(manifestOf(root, runId)['local'].contained_by).toBe('cgroup');
  expect(cgroupsIn(cgroup)).toEqual([]);
});

inCgroup('the entrypoint has a cgroup to itself, and the supervisor is not in it', async () => {
  const cgroup = realCgroup() ?? '';
  const root = projectWith(WAITING);
  const driver = startAutolab(root, ['launch'], { env: { AUTOLAB_TEST_CGROUP: cgroup } });
  const runId = await begun(root);
  const where = (pid: number): string =>
    /^0::(.*)$/m
      .exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))?.[1]
      ?.split('/')
      .at(-1) ?? '';
  const [entrypoint, supervisor] = [await pidIn(root, runId), await supervisorOf(root, runId)];
  expect(where(entrypoint)).toMatch(new RegExp(`^autolab-${runId}-[0-9a-f]+$`));
  // It starts the entrypoint from within, and goes back at once: the entrypoint may be the first to do something.
  await until('the supervisor is back', () => where(supervisor) !== where(entrypoint));
  letEnd(root, runId);
  expect((await driver.ended).status).toBe(0);
});

inCgroup.each(['supervisor.contained', 'supervisor.started', 'supervisor.before_receipt'])(
  'a supervisor killed at %s leaves no cgroup: the driver finds it, and ends what is in it',
  async (place) => {
    const cgroup = realCgroup() ?? '';
    const root = projectWith(`${BEGIN}${HIDDEN}`);
    const end = await autolabJson(root, ['launch'], {
      env: { AUTOLAB_TEST_CGROUP: cgroup, AUTOLAB_CRASH_AT: place },
    });
    expect(end.json['code']).toBe('local.lost');
    expect(cgroupsIn(cgroup)).toEqual([]);
  },
);

inCgroup('a supervisor killed while the run goes on: what only the cgroup tells is ended, too', async () => {
  const cgroup = realCgroup() ?? '';
  const root = projectWith(`${HIDDEN}${WAITING}`);
  const env = { AUTOLAB_TEST_CGROUP: cgroup };
  await autolab(root, ['launch', '--detach'], { env });
  const runId = await begun(root);
  const [hidden, supervisor] = [await pidIn(root, runId, 'hidden'), await supervisorOf(root, runId)];
  kill(supervisor);
  await until('the supervisor is dead', () => !lives(supervisor));
  const again = await autolabJson(root, ['launch'], { env });
  expect(again.json['code']).toBe('local.lost');
  expect(lives(hidden)).toBe(false);
  expect(manifestOf(root, runId)['local'].leftovers_ended.join('\n')).toContain(`(${hidden})`);
  expect(cgroupsIn(cgroup)).toEqual([]);
  expectClosed(root, LOST, 'lost in a cgroup');
});

inCgroup('a run that is abandoned because its journal is damaged leaves no cgroup either', async () => {
  const cgroup = realCgroup() ?? '';
  const root = projectWith(`${HIDDEN}${WAITING}`);
  const env = { AUTOLAB_TEST_CGROUP: cgroup };
  await autolab(root, ['launch', '--detach'], { env });
  const runId = await begun(root);
  const [hidden, supervisor] = [await pidIn(root, runId, 'hidden'), await supervisorOf(root, runId)];
  kill(supervisor);
  await until('the supervisor is dead', () => !lives(supervisor));
  write(root, `experiments/iter1/runs/${runId}/journal.jsonl`, 'damaged\n');
  const end = await autolabJson(root, ['cancel', '--force', '--by', 'ada', '--note', 'damaged'], { env });
  expect(end.json['code'], end.stderr).toBe('run.abandoned');
  expect(lives(hidden)).toBe(false);
  expect(cgroupsIn(cgroup)).toEqual([]);
});

test('without a cgroup the manifest says how processes were found', async () => {
  const root = projectWith(BEGIN);
  await autolab(root, ['launch'], { env: { XDG_RUNTIME_DIR: '' } });
  expect(manifestOf(root, runIds(root)[0] ?? '')['local'].contained_by).toBe('session and environment');
});

const ENFORCE = 'local: {enforce_memory: true}\n';
/** Plays the kernel: test/fakes/cgroup/SPEC.md. */
const kernelSays = (file: string, text: string): string =>
  `printf '%s\\n' '${text}' > "$(echo "$FAKE_CGROUP"/autolab-[0-9]*)/${file}"\n`;

test('the limit is the kernel’s, and a kill for memory is no completed run, whatever the exit code', async () => {
  const cgroup = fakeCgroup();
  // The use comes last: without it nothing is read, and the others belong to it.
  const figures = [
    kernelSays('memory.stat', 'anon 300000000\nactive_file 60000000\ninactive_file 40000000'),
    kernelSays('memory.peak', '450000000'),
    kernelSays('memory.events', 'oom 1\noom_kill 1'),
    kernelSays('memory.current', '400000000'),
  ].join('');
  const root = projectWith(`${BEGIN}${figures}`, ENFORCE);

  const end = await autolabJson(root, ['launch'], { env: { AUTOLAB_TEST_CGROUP: cgroup, FAKE_CGROUP: cgroup } });

  const { local, usage } = manifestOf(root, runIds(root)[0] ?? '');
  expect([end.status, end.json['code']], end.stderr).toEqual([10, 'local.out_of_memory']);
  expect(end.json['message']).toContain('exit code 0');
  expect(end.json['message']).toContain('a limit of 1024 MB');
  expect(local).toMatchObject({ contained_by: 'cgroup', exit_code: 0, memory_limit_bytes: 1024 ** 3 });
  const [name = ''] = cgroupsIn(cgroup).filter((one) => one !== 'autolab-supervisor');
  const written = ['memory.max', 'memory.swap.max', 'memory.oom.group'].map((file) => read(cgroup, `${name}/${file}`));
  expect(written).toEqual([String(1024 ** 3), '0', '1']);
  // The peak without the pages of files.
  expect([usage.used.source, usage.used.max_rss_bytes]).toEqual(['cgroup', 350_000_000]);
  expect(end.json['recommendations']).toEqual([
    expect.objectContaining({ pointer: '/compute/memory', current: '1G', suggested: '2G' }),
  ]);
});

test('a limit that cannot be enforced is an objection before anything is claimed, and costs no attempt', async () => {
  const root = projectWith(BEGIN, ENFORCE);
  const env = { XDG_RUNTIME_DIR: '' };
  for (const words of [['launch', '--dry-run'], ['launch']]) {
    const end = await autolabJson(root, words, { env });
    expect([end.status, end.json['code']], words.join(' ')).toEqual([10, 'host.memory_not_enforceable']);
    expect(end.json['hint']).toContain('loginctl enable-linger');
  }
  expect([runIds(root), stateOf(root)['stage'], stateOf(root)['stage_attempt']]).toEqual([[], 'launch', 0]);
});

/** A user whose systemd stays after the last logout: its systemd-run writes down its words, and becomes the command. */
function lingering(script: string): Readonly<Record<string, string>> {
  const folder = temporaryFolder();
  write(folder, 'bin/systemd-run', `#!/bin/sh\necho "$*" >> ${folder}/words\n${script}\n`);
  chmodSync(join(folder, 'bin/systemd-run'), 0o755);
  write(folder, 'run/bus', '');
  write(folder, `linger/${userInfo().username}`, '');
  return {
    PATH: `${folder}/bin:${process.env['PATH'] ?? ''}`,
    XDG_RUNTIME_DIR: join(folder, 'run'),
    AUTOLAB_TEST_LINGER: join(folder, 'linger'),
    SCOPES: join(folder, 'words'),
  };
}

const BECOME = 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"';

test('with lingering on, the supervisor is started in a scope of its own, which is delegated to it', async () => {
  // The scope has a cgroup; its supervisor alone is told.
  const cgroup = fakeCgroup();
  const env = lingering(`AUTOLAB_TEST_CGROUP=${cgroup}; export AUTOLAB_TEST_CGROUP; ${BECOME}`);
  const root = projectWith(BEGIN, ENFORCE);
  const end = await autolabJson(root, ['launch'], { env });
  const [runId = ''] = runIds(root);
  expect(end.json['code'], end.stderr).toBe('run.completed');
  const words = readFileSync(env['SCOPES'] ?? '', 'utf8');
  expect(words).toMatch(
    new RegExp(`^--user --scope --quiet --collect --unit=autolab-${runId}-[0-9a-f]{12} --property=Delegate=yes -- `),
  );
  expect(manifestOf(root, runId)['local']).toMatchObject({
    contained_by: 'systemd scope',
    memory_limit_bytes: 1024 ** 3,
  });
});

test('a scope that cannot be made is done without, but not if memory was to be enforced', async () => {
  const env = lingering('echo "Failed to connect to bus" >&2; exit 1');
  const [plain, enforced] = [projectWith(BEGIN), projectWith(BEGIN, ENFORCE)];
  expect((await autolabJson(plain, ['launch'], { env })).json['code']).toBe('run.completed');
  expect(manifestOf(plain, runIds(plain)[0] ?? '')['local'].contained_by).toBe('session and environment');
  const end = await autolabJson(enforced, ['launch'], { env });
  expect([end.json['code'], stateOf(enforced)['stage_attempt']]).toEqual(['local.start_failed', 0]);
  expect(end.json['message']).toContain('no cgroup with a memory controller');
  expect(existsSync(inRun(enforced, 'iter1', runIds(enforced)[0] ?? '', 'marker'))).toBe(false);
});

test('each task has the limit to itself, and a kill for memory is the end of that task alone', async () => {
  const cgroup = fakeCgroup();
  const root = makeTaskProject({
    tasks: '{grid: {how: [good, killed, left]}, max_parallel: 1}',
    command: ['bash', 'experiments/iter1/main.sh', '{{task.how}}'],
    entrypoint: `${MARK_TASK}case "$1" in
killed) for n in 1 2; do echo "oom_kill $n"; done > "$(echo "$FAKE_CGROUP"/autolab-[0-9]*/worker-0)/memory.events"; sleep 300 ;;
esac
`,
  });
  write(root, '.autolab/launch.yaml', `host_mode: local\n${ENFORCE}`);
  const end = await autolabJson(root, ['launch'], { env: { AUTOLAB_TEST_CGROUP: cgroup, FAKE_CGROUP: cgroup } });
  expect(end.json['code'], end.stderr).toBe('tasks.failed');
  expect(endsOfTasks(root).map(({ code }) => code)).toEqual([null, 'local.out_of_memory', null]);
  expect(startsOfTasks(root)).toEqual({ 0: 1, 1: 1, 2: 1 });
  const [name = ''] = cgroupsIn(cgroup).filter((one) => one !== 'autolab-supervisor');
  expect(read(cgroup, `${name}/worker-0/memory.max`)).toBe(String(1024 ** 3));
  expect(end.json['recommendations']).toEqual([
    expect.objectContaining({ pointer: '/compute/memory', current: '1G', suggested: '2G' }),
  ]);
});

inCgroup('what a task leaves without our environment is ended with it, before the next one begins', async () => {
  const cgroup = realCgroup() ?? '';
  const root = makeTaskProject({
    tasks: '{grid: {i: [0, 1]}, max_parallel: 1}',
    command: ['bash', 'experiments/iter1/main.sh', '{{task.i}}'],
    entrypoint: `${MARK_TASK}if [ "$1" = 0 ]; then\n${HIDDEN}else [ -z "$(tr -d '\\0' < "/proc/$(cat "$AUTOLAB_RUN_DIR/hidden")/cmdline")" ]; fi\n`,
  });
  const end = await autolabJson(root, ['launch'], { env: { AUTOLAB_TEST_CGROUP: cgroup } });
  expect(end.json['code'], end.stderr).toBe('run.completed');
  expect(manifestOf(root, runIds(root)[0] ?? '')['local'].contained_by).toBe('cgroup');
  expect(cgroupsIn(cgroup)).toEqual([]);
});
