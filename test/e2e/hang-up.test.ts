import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { autolab, inRun, PROGRAM, type RunOptions, startProgram } from '../support/autolab.ts';
import { fakeCommands, makeProject, temporaryFolder, until, write } from '../support/project.ts';
import {
  begun,
  eventsOf,
  expectClosed,
  hasClaim,
  letEnd,
  lives,
  manifestOf,
  SLOW_MS,
  WAITING,
} from '../support/runs.ts';

/** Terminals go away: an ssh session is lost, a window is closed, tmux is killed. Whoever launched has a record of the end. */

vi.setConfig({ testTimeout: SLOW_MS });

const TERMINAL = fileURLToPath(new URL('../fixtures/terminal.py', import.meta.url));
const COMPLETED = { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 };

interface OnTerminal {
  readonly hangUp: () => Promise<number>;
}

/** A call on a terminal; `hangUp` closes it, and returns the pid of the call. */
function onTerminal(root: string, words: readonly string[], env: RunOptions['env'] = {}): OnTerminal {
  const sign = join(temporaryFolder(), 'close');
  const running = startProgram(['python3', TERMINAL, sign, process.execPath, PROGRAM, ...words], root, { env });
  return {
    hangUp: async () => {
      write('/', sign, '');
      return Number((await running.ended).stdout);
    },
  };
}

test('a launcher whose terminal is closed continues to the end', async () => {
  const root = makeProject({ entrypoint: WAITING });
  const call = onTerminal(root, ['launch']);
  const runId = await begun(root);
  await until('the driver waits', () => eventsOf(root, runId).includes('run.started'));
  const driver = await call.hangUp();
  expect(lives(driver)).toBe(true);
  letEnd(root, runId);
  await until('it has finished the run', () => !hasClaim(root) && !lives(driver));
  expectClosed(root, COMPLETED, 'hung up');
});

test('so does one that was hung up before its run began', async () => {
  const root = makeProject({ entrypoint: WAITING });
  const seen = temporaryFolder();
  // The probe stands still, so that the launch is caught while it looks around.
  const hostname = `echo > '${seen}/probe'\nuntil [ -e '${seen}/go' ]; do sleep 0.05; done\necho here`;
  const call = onTerminal(root, ['launch', '--verbose'], fakeCommands({ hostname }));
  await until('it looks around', () => existsSync(join(seen, 'probe')));
  const driver = await call.hangUp();
  write(seen, 'go', '');
  letEnd(root, await begun(root));
  await until('it has finished the run', () => !hasClaim(root) && !lives(driver));
  expectClosed(root, COMPLETED, 'hung up early');
});

test('and one under nohup, and a resume, that get SIGHUP', async () => {
  const root = makeProject({ entrypoint: WAITING });
  const launcher = startProgram(['nohup', process.execPath, PROGRAM, 'launch', '--json'], root);
  const runId = await begun(root);
  launcher.child.kill('SIGHUP');
  launcher.child.kill('SIGTERM');
  expect((await launcher.ended).status, 'a shutdown is another matter').toBe(130);
  const resumed = startProgram([process.execPath, PROGRAM, 'resume', '--json'], root);
  await until('it drives', () => eventsOf(root, runId).includes('run.resumed'));
  resumed.child.kill('SIGHUP');
  letEnd(root, runId);
  expect((await resumed.ended).status).toBe(0);
  expectClosed(root, COMPLETED, 'SIGHUP');
});

test('and one that is hung up when its run is over has the exit status of its run', async () => {
  const root = makeProject();
  // A stderr that nobody reads holds it at its end for a few seconds.
  const script = `mkfifo full && exec 8<>full && head -c 65536 /dev/zero >&8
exec '${process.execPath}' '${PROGRAM}' launch 2>&8 8>&-`;
  const running = startProgram(['bash', '-c', script], root);
  let printed = '';
  running.child.stdout?.on('data', (chunk: string) => {
    printed += chunk;
  });
  await until('its result is printed', () => printed.startsWith('completed: '));
  running.child.kill('SIGHUP');
  expect(await running.ended).toMatchObject({ status: 0, signal: null });
});

test('a cancel whose terminal is closed ends the run all the same', async () => {
  const told = 'trap \'echo told > "$AUTOLAB_RUN_DIR/told"\' TERM\n';
  const root = makeProject({ entrypoint: `${told}${WAITING}` });
  await autolab(root, ['launch', '--detach']);
  const runId = await begun(root);
  const call = onTerminal(root, ['cancel']);
  await until('the entrypoint is told', () => existsSync(inRun(root, 'iter1', runId, 'told')));
  const canceller = await call.hangUp();
  await until('it has finished the run', () => !hasClaim(root) && !lives(canceller));
  expect(manifestOf(root, runId)['code']).toBe('run.cancelled');
});
