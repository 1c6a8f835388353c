import { expect, test, vi } from 'vitest';
import { PROGRAM, startProgram } from '../support/autolab.ts';
import { makeProject, runIds } from '../support/project.ts';
import { SLOW_MS, stateOf } from '../support/runs.ts';

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
