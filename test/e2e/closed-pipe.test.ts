import { expect, test, vi } from 'vitest';
import { autolab, PROGRAM, startProgram } from '../support/autolab.ts';
import { call, expectNoStackTrace } from '../support/contract.ts';
import { makeProject, runIds } from '../support/project.ts';
import { eachOf, SLOW_MS, stateOf } from '../support/runs.ts';

vi.setConfig({ testTimeout: SLOW_MS });

/** A pipe whose reader goes after the first line, as `head -1` does; the program's own status is printed last. */
function intoHead(words: string): readonly string[] {
  return ['bash', '-c', `{ '${process.execPath}' '${PROGRAM}' ${words}; echo "status $?" >&3; } 3>&2 2>&1 | head -1`];
}

test('a reader that goes away ends the printing, not the launch', async () => {
  const root = makeProject({ entrypoint: 'sleep 1\necho 1 > "$AUTOLAB_RUN_DIR/metrics.json"\n' });

  const ended = await startProgram(intoHead('launch'), root).ended;

  expect(ended.stdout).toMatch(/^run /);
  expect(ended.stderr).toBe('status 0\n');
  expect(runIds(root)).toHaveLength(1);
  expect(stateOf(root)['stage']).toBe('extract_results');
});

test('help and logs into a reader that goes away end without a stack', async () => {
  const root = makeProject({
    entrypoint: 'for i in {1..50000}; do echo "line $i"; done\necho 1 > "$AUTOLAB_RUN_DIR/metrics.json"\n',
  });
  await startProgram([process.execPath, PROGRAM, 'launch'], root).ended;

  for (const words of ['--help', 'logs', 'logs -f', 'launch --help']) {
    const ended = await startProgram(intoHead(words), root).ended;
    expect(ended.stderr, words).toBe('status 0\n');
  }
});

/** As a shell redirects it; the program's own status is printed by the shell, last. */
function redirected(words: string, redirections: string): readonly string[] {
  return ['bash', '-c', `{ '${process.execPath}' '${PROGRAM}' ${words} ${redirections}; } ; echo "status $?" >&9`];
}

async function endOf(root: string, words: string, redirections: string): Promise<string> {
  const [shell = '', ...argv] = redirected(words, `${redirections} 9>&-`);
  const ended = await startProgram([shell, '-c', `exec 9>&1; ${argv[1] ?? ''}`], root).ended;
  expectNoStackTrace(ended);
  const [status = ''] = ended.stdout.split('\n').slice(-2);
  return redirections.startsWith('>') ? `${status}, ${linesOf(ended.stderr)} on stderr` : status;
}

function linesOf(text: string): number {
  return text.split('\n').filter((line) => line !== '').length;
}

const NOWHERE = ['>/dev/full', '2>/dev/full', '>/dev/full 2>&1', '>&-', '2>&-', '<&- >&- 2>&-'];

test('a run completes, with its record, whatever stdout and stderr are', async () => {
  await eachOf(NOWHERE, async (redirections) => {
    const root = makeProject({ artifacts: ['metrics.json'] });

    expect(await endOf(root, 'launch --quiet', redirections), redirections).toMatch(/^status 0(, [01] on stderr)?$/);

    expect(stateOf(root)['stage'], redirections).toBe('extract_results');
    expect(await call(root, ['manifest', '--check']), redirections).toMatchObject({ status: 0 });
  });
});

test('a run that fails has its own status, and one line says that nothing could be printed', async () => {
  const root = makeProject({ entrypoint: 'exit 3\n' });

  expect(await endOf(root, 'launch --json', '>/dev/full')).toBe('status 10, 1 on stderr');
});

test('every command ends as it would, without a stack, if it cannot print', async () => {
  const root = makeProject();
  await call(root, ['launch']);
  const all = ['--help', '--version', 'help launch', 'completion bash', 'runs', 'status --json', 'logs', 'logs --json'];
  const more = ['manifest', 'doctor', 'launch --dry-run', 'verify', 'todo list', 'nonsense', 'nonsense --json'];
  await eachOf([...all, ...more], async (words) => {
    const { status } = await autolab(root, words.split(' '));
    for (const redirections of ['>/dev/full', '2>/dev/full', '<&- >&- 2>&-'])
      expect(await endOf(root, words, redirections), `${words} ${redirections}`).toMatch(
        new RegExp(`^status ${String(status)}(, [012] on stderr)?$`),
      );
  });
});

test('a pipe that nobody reads does not keep a launch', async () => {
  const root = makeProject({ git: true });
  const script = `mkfifo full && exec 8<>full && head -c 65536 /dev/zero >&8
'${process.execPath}' '${PROGRAM}' launch 2>&8 8>&-; echo "status $?"`;

  const ended = await startProgram(['bash', '-c', script], root).ended;

  expect(ended.stdout).toMatch(/^completed: .*status 0\n$/s);
  expect(stateOf(root)['stage']).toBe('extract_results');
});
