import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeNode, ranJobs, slurmDesign } from '../../test/support/slurm-scripts.ts';
import { ACTIVATION_FILE, ACTIVATION_LINE_FILE, activationFile, needsFile } from './activation.ts';
import { renderSlurmScript } from './slurm-script.ts';

describe('needsFile', () => {
  it.each([
    ['export A=1\nreturn 0\nexport A=5\n', true],
    ['[ -n "$A" ] && return\n', true],
    ['f() { return 1; }\nf\n', true],
    ['# no return\nexport returned=1\n', false],
    ['export A=1\n'.repeat(20), false],
    ['export A=1\n'.repeat(21), true],
  ])('%j: %s', (activation, needs) => {
    expect(needsFile(activation)).toBe(needs);
  });
});

describe('an activation that a Slurm script reads from a file', () => {
  /** The end of a job with it, whether its entrypoint began, and the line of the activation that was kept. */
  async function endOf(activation: string): Promise<readonly [number | null, number, string | null]> {
    const node = makeNode();
    const design = slurmDesign(['bash', '-c', 'echo ran >> "$AUTOLAB_RUN_DIR/ran"']);
    writeFileSync(join(node.receipt, ACTIVATION_FILE), activationFile(activation));
    const script = renderSlurmScript({ design, activation, sourced: true, python: 'python3', runId: 'r1' });

    const { status } = await node.run(script);

    const file = join(node.receipt, ACTIVATION_LINE_FILE);
    return [status, ranJobs(node).length, existsSync(file) ? readFileSync(file, 'utf8').trim() || null : null];
  }

  it.each([
    ['export A=1\nreturn 0\nfalse\n', 0, 1],
    ['[ -n "$HOME" ] && return\nfalse\n', 0, 1],
    ['[ -d /nowhere ] && export A=1\n', 0, 1],
    ['export A=1\nreturn 3\n', 3, 0],
  ])('may return, and end with a test that is false: %j', async (activation, status, starts) => {
    expect((await endOf(activation)).slice(0, 2)).toEqual([status, starts]);
  });

  it.each([
    ['true\nfalse\n', 1, '4'],
    ['true\nfail() {\n  return 4\n}\nfail\n', 4, '7'],
    ['echo false > "$HOME/x"\n. "$HOME/x"\n', 1, '4'],
    ['true\nif ; then\n', 2, '4'],
    ['true\nexit 3\n', 3, null],
    ['true\nreturn 3\n', 3, null],
  ])('keeps the line that ended it, if bash tells it: %j', async (activation, status, line) => {
    expect(await endOf(activation)).toEqual([status, 0, line]);
  });
});
