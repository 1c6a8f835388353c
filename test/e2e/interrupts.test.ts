import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { autolabJson, inRun, parseJson, PROGRAM, type Running, startAutolab } from '../support/autolab.ts';
import { fakeCommands, makeProject, read, runIds, temporaryFolder, treeDigest, until } from '../support/project.ts';
import { begun, eventsOf, expectClosed, letEnd, lives, pidIn, SLOW_MS, stateOf, WAITING } from '../support/runs.ts';

vi.setConfig({ testTimeout: SLOW_MS });

const CANCELLED = { code: 'run.cancelled', stage: 'launch', attempt: 0, starts: 1 };

async function launched(
  words: readonly string[] = [],
  entrypoint = WAITING,
): Promise<{ root: string; runId: string; driver: Running }> {
  const root = makeProject({ entrypoint });
  const driver = startAutolab(root, ['launch', '--json', ...words]);
  const runId = await begun(root);
  await until('the driver waits for the run', () => eventsOf(root, runId).includes('run.started'));
  return { root, runId, driver };
}

test('Ctrl-C cancels the run, records it, and costs no attempt', async () => {
  const { root, runId, driver } = await launched();
  const entrypoint = await pidIn(root, runId);
  driver.child.kill('SIGINT');
  const ended = await driver.ended;
  const result = parseJson(ended);
  expect([ended.status, result['outcome'], result['code'], result['status']]).toEqual([
    130,
    'interrupted',
    'run.cancelled',
    'failed',
  ]);
  expect(lives(entrypoint)).toBe(false);
  expectClosed(root, CANCELLED, 'Ctrl-C');
  expect(eventsOf(root, runId)).toContain('cancel.requested');
});

test('a second Ctrl-C leaves at once, with one object all the same; the run is cancelled by the next command', async () => {
  const { root, runId, driver } = await launched([], `trap 'echo told > "$AUTOLAB_RUN_DIR/told"' TERM\n${WAITING}`);
  const entrypoint = await pidIn(root, runId);
  driver.child.kill('SIGINT');
  await until('the wish is written down', () => eventsOf(root, runId).includes('cancel.requested'));
  driver.child.kill('SIGINT');
  const ended = await driver.ended;
  expect([ended.status, parseJson(ended)['outcome']]).toEqual([130, 'interrupted']);
  expect(ended.stderr).toMatch(/autolab resume.*autolab cancel/s);
  expect(lives(entrypoint), 'it is in its grace').toBe(true);
  letEnd(root, runId);
  const again = await autolabJson(root, ['cancel']);
  expect([again.status, again.json['code']]).toEqual([0, 'run.cancelled']);
  expectClosed(root, CANCELLED, 'Ctrl-C twice');
});

test('with --on-interrupt detach, and on SIGTERM, the driver leaves and the run goes on', async () => {
  const cases = [
    ['SIGINT', ['--on-interrupt', 'detach']],
    ['SIGTERM', []],
  ] as const;
  await Promise.all(
    cases.map(async ([signal, words]) => {
      const { root, runId, driver } = await launched(words);
      driver.child.kill(signal);
      const ended = await driver.ended;
      const result = parseJson(ended);
      expect([ended.status, result['code'], result['status']], signal).toEqual([130, 'interrupted', 'running']);
      expect(result['message'], signal).toContain('the run continues in the background');
      expect(result['hint'], signal).toMatch(/autolab resume.*autolab cancel/);
      expect(lives(await pidIn(root, runId)), signal).toBe(true);
      letEnd(root, runId);
      const again = await autolabJson(root, ['resume']);
      expect([again.status, again.json['code']], signal).toEqual([0, 'run.completed']);
      expectClosed(root, { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 }, signal);
    }),
  );
});

test('Ctrl-C while `autolab cancel` waits for another driver leaves the wish standing', async () => {
  const { root, runId, driver } = await launched([], `trap 'echo told > "$AUTOLAB_RUN_DIR/told"' TERM\n${WAITING}`);
  const cancel = startAutolab(root, ['cancel', '--json']);
  await until('the driver heard it', () => eventsOf(root, runId).includes('cancel.requested'));
  cancel.child.kill('SIGINT');
  const ended = await cancel.ended;
  expect([ended.status, parseJson(ended)['code']]).toEqual([130, 'interrupted']);
  letEnd(root, runId);
  const launch = await driver.ended;
  expect([launch.status, parseJson(launch)['code']]).toEqual([10, 'run.cancelled']);
});

interface Terminal {
  readonly child: ChildProcess;
  readonly text: () => string;
  readonly status: Promise<number | null>;
}

/** `autolab launch` on a terminal of its own, by script(1) of util-linux. */
function onTerminal(root: string, env: Readonly<Record<string, string | undefined>>): Terminal {
  const command = `stty rows 40 cols 90; exec '${process.execPath}' '${PROGRAM}' launch`;
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    cwd: root,
    // Node takes a terminal under CI for one without colours.
    env: { ...process.env, TERM: 'xterm', CI: undefined, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const status = new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  return { child, text: () => text, status };
}

/** Colours: select graphic rendition. */
const COLOUR = /\u001b\[\d+(;\d+)*m/;

test('on a terminal: a live list of steps with the elapsed time and the last line of the log; colours unless NO_COLOR', async () => {
  await Promise.all(
    [true, false].map(async (colour) => {
      const root = makeProject({ entrypoint: `echo epoch 1\necho $'\\e[31mepoch 2\\e[0m'\n${WAITING}` });
      const terminal = onTerminal(root, { NO_COLOR: colour ? undefined : '1' });
      const runId = await begun(root);
      await until('the screen shows the last line', () => terminal.text().includes('│ epoch 2'));
      await until('the time passes', () =>
        /… .*execute.* [1-9]\d*s/.test(terminal.text().replaceAll(/\u001b\[\d+m/g, '')),
      );
      letEnd(root, runId);
      expect(await terminal.status).toBe(0);
      const text = terminal.text();
      expect(text).toMatch(/✔.* execute/);
      expect(text).toMatch(/✔.* verify_local_artifacts/);
      // Lines are drawn again in their place: the cursor goes up.
      expect(text).toMatch(/\u001b\[\d*A/);
      expect(COLOUR.test(text)).toBe(colour);
      expect(text).toContain('completed');
    }),
  );
});

test('Ctrl-C typed at the terminal reaches the driver and not the entrypoint, which the supervisor ends', async () => {
  const root = makeProject({ entrypoint: `trap 'echo interrupted > "$AUTOLAB_RUN_DIR/interrupted"' INT\n${WAITING}` });
  const terminal = onTerminal(root, {});
  const runId = await begun(root);
  await until('the driver waits for the run', () => eventsOf(root, runId).includes('run.started'));
  terminal.child.stdin?.write('\u0003');
  expect(await terminal.status).toBe(130);
  expectClosed(root, CANCELLED, 'typed Ctrl-C');
  expect(existsSync(inRun(root, 'iter1', runId, 'interrupted'))).toBe(false);
});

test('without a terminal: one plain line an event on stderr, and only the result on stdout', async () => {
  const root = makeProject();
  const ended = await startAutolab(root, ['launch']).ended;
  expect(ended.stderr).not.toMatch(/\u001b/);
  const lines = ended.stderr.trimEnd().split('\n');
  const [runId = ''] = runIds(root);
  expect(lines[0]).toContain(`run ${runId} (local)`);
  expect(lines).toContain('execute ...');
  expect(lines.filter((line) => line.startsWith('execute: done'))).toHaveLength(1);
  expect(ended.stdout.split('\n')[0]).toMatch(/^completed: /);
  expect(ended.stdout).not.toContain('execute');
  expect(stateOf(root)['stage']).toBe('extract_results');
});

test('an interrupt before the run has begun: one object, nothing written, and the probe is ended with its children', async () => {
  await Promise.all(
    (['SIGINT', 'SIGTERM'] as const).map(async (signal) => {
      const root = makeProject();
      const seen = temporaryFolder();
      // `hostname` stands still, so that the launch is caught while it looks around.
      const running = startAutolab(root, ['launch', '--json'], {
        env: fakeCommands({
          hostname: `sleep 300 &\necho $! > '${seen}/child.part'\nmv '${seen}/child.part' '${seen}/child'\nwait`,
        }),
      });
      await until('the probe runs', () => existsSync(join(seen, 'child')));
      const before = treeDigest(root);
      const child = Number(read(seen, 'child'));
      running.child.kill(signal);
      const ended = await running.ended;
      const result = parseJson(ended);
      expect([ended.status, result['command'], result['outcome'], result['code']], signal).toEqual([
        130,
        'launch',
        'interrupted',
        'interrupted',
      ]);
      expect(result['message'], signal).toContain('this call started no run');
      // It was killed; how soon a killed process is gone is the machine's affair.
      await until(`${signal}: the child of the probe is gone`, () => !lives(child));
      expect(treeDigest(root), signal).toBe(before);
    }),
  );
});
