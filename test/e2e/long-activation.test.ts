import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { autolab } from '../support/autolab.ts';
import { call } from '../support/contract.ts';
import { commitAll, edit, json, makeProject, read, readJson, runIds, startsOf, write } from '../support/project.ts';
import { manifestOf, SLOW_MS, stateOf } from '../support/runs.ts';

/** An activation of many lines goes into a file beside the script, and the script reads it in its place. */

vi.setConfig({ testTimeout: SLOW_MS });

const SCRIPT = 'experiments/iter1/launch/run_local.sh';
const FILE = 'experiments/iter1/launch/activation.sh';
const ENTRYPOINT =
  'echo started >> "$AUTOLAB_RUN_DIR/marker"\necho "{\\"last\\": \\"$LAST\\"}" > "$AUTOLAB_RUN_DIR/metrics.json"\n';

function lines(count: number, last = 'export LAST="x$NOT_SET_ANYWHERE"\n'): string {
  return Array.from({ length: count - 1 }, (_, index) => `export A${index}=${index}\n`).join('') + last;
}

function again(root: string): void {
  write(root, '.autolab/state.json', json({ ...stateOf(root), stage: 'launch', stage_attempt: 0 }));
}

describe('an activation of many lines', () => {
  it.each([40, 400])('of %i lines is read from a file of its own, with -u lifted', async (count) => {
    const root = makeProject({ activation: lines(count), entrypoint: ENTRYPOINT });

    const { status, json: result } = await call(root, ['launch', '--run-id', 'r1']);

    expect([status, result['code']], JSON.stringify(result['problems'])).toEqual([0, 'run.completed']);
    expect(readJson(root, 'experiments/iter1/runs/r1/metrics.json')).toEqual({ last: 'x' });
    expect(read(root, SCRIPT).split('\n').length).toBeLessThan(100);
    expect(read(root, FILE)).toContain(lines(count));
    expect(read(root, 'experiments/iter1/runs/r1/receipt/activation.sh')).toBe(read(root, FILE));
    expect(readJson(root, '.autolab/agent_result.json')['changed_files']).toContain(FILE);
    expect((await call(root, ['verify', 'r1'])).json['code']).toBe('ok');
    for (const file of [SCRIPT, FILE])
      expect(await call(root, ['lint-script', file]), file).toMatchObject({ status: 0, json: { problems: [] } });
  });

  it('is the same for every run, and a short one stays in the script', async () => {
    const root = makeProject({ activation: lines(40), entrypoint: ENTRYPOINT });
    await call(root, ['launch', '--run-id', 'r1']);
    const script = read(root, SCRIPT);
    again(root);
    await call(root, ['launch', '--run-id', 'r2']);

    expect(read(root, SCRIPT)).toBe(script);
    expect(manifestOf(root, 'r2')['fingerprint']).toBe(manifestOf(root, 'r1')['fingerprint']);

    const short = makeProject({ activation: lines(20) });
    expect((await autolab(short, ['launch'])).status).toBe(0);
    expect(existsSync(join(short, FILE))).toBe(false);
    expect(read(short, SCRIPT)).toContain(lines(20));
  });

  it('goes into a file as soon as a limit of the project asks for it', async () => {
    const root = makeProject({ activation: lines(20), entrypoint: ENTRYPOINT });
    write(
      root,
      '.autolab/experiment_file_line_limits.yaml',
      'version: 1\nline_limits: {fixed_max_lines: {launch/run_local.sh: 80}}\n',
    );

    expect((await call(root, ['launch', '--run-id', 'r1'])).json['code']).toBe('run.completed');
    expect(read(root, SCRIPT).split('\n').length).toBeLessThan(82);
  });

  it('is shown by the dry run', async () => {
    const root = makeProject({ activation: lines(40) });

    const { json: result } = await call(root, ['launch', '--dry-run']);

    expect(result['plan'].activation).toContain(lines(40));
    expect(result['plan'].script).toContain('receipt/activation.sh');
  });

  it('works for a run from a snapshot', async () => {
    const root = makeProject({ activation: lines(40), entrypoint: ENTRYPOINT });
    write(root, '.autolab/launch.yaml', 'host_mode: local\ncode: {run_from: snapshot}\n');
    commitAll(root);

    expect((await call(root, ['launch', '--run-id', 'r1'])).json['code']).toBe('run.completed');
  });

  it('that fails is named with its line in docs/environment.md', async () => {
    const root = makeProject({ activation: lines(40, 'test -d /nowhere/env\n'), artifacts: [] });

    const { json: result } = await call(root, ['launch', '--run-id', 'r1']);

    expect(result).toMatchObject({
      code: 'local.not_started',
      message:
        'The activation ended with status 1 at docs/environment.md, line 45: "test -d /nowhere/env"; the entrypoint was not started.',
    });
    expect(startsOf(root, 'r1')).toBe(0);
  });

  it.each([
    ['exit 0', 'status 0'],
    ['exit 3', 'status 3'],
    ['return 3', 'status 3'],
    ['f() { exit 3; }; f', 'status 3'],
    ['if ; then', 'status 2 at docs/environment.md, line 45: "if ; then"'],
    ['if true; then', 'status 2'],
    ['. ./further.sh', 'status 1 at docs/environment.md, line 45: ". ./further.sh"'],
  ])('that ends by `%s` is named with its line only if that is known', async (last, how) => {
    const root = makeProject({ activation: lines(40, `${last}\n`), artifacts: [] });
    write(root, 'further.sh', 'export FURTHER=1\nfalse\n');
    commitAll(root);

    const { json: result } = await call(root, ['launch', '--run-id', 'r1']);

    expect(result).toMatchObject({
      code: 'local.not_started',
      message: `The activation ended with ${how}; the entrypoint was not started.`,
    });
  });

  it.each([3, 50])('of %i lines has the same meaning: it may return, and its last test may be false', async (count) => {
    const returning = `export LAST=early\n[ -n "$LAST" ] && return\nexport LAST=late\n`;
    for (const [last, value] of [
      [returning, 'early'],
      ['export LAST=test\n[ -d /nowhere/env ] && export LAST=none\n', 'test'],
    ] as const) {
      const root = makeProject({ activation: lines(count, last), entrypoint: ENTRYPOINT });

      const { json: result } = await call(root, ['launch', '--run-id', 'r1']);

      expect(result['code'], result['message']).toBe('run.completed');
      expect(readJson(root, 'experiments/iter1/runs/r1/metrics.json')).toEqual({ last: value });
      expect((await call(root, ['verify', 'r1'])).json['code']).toBe('ok');
    }
  });

  it('whose file is edited by hand stops the launch, and is left alone', async () => {
    const root = makeProject({ activation: lines(40), entrypoint: ENTRYPOINT });
    await call(root, ['launch', '--run-id', 'r1']);
    again(root);
    edit(root, FILE, (text) => `${text}export MINE=1\n`);
    const edited = read(root, FILE);

    const { json: result } = await call(root, ['launch', '--run-id', 'r2']);
    const linted = await call(root, ['lint-script', FILE]);

    expect(result).toMatchObject({ code: 'script.invalid', problems: [{ file: FILE, line: 2, column: 1 }] });
    expect(result['problems'][0].message).toContain('docs/environment.md');
    expect(read(root, FILE)).toBe(edited);
    expect(linted.json['problems']).toMatchObject([{ file: FILE, code: 'script.invalid' }]);
  });

  it('that is not what was approved when the run begins is not read', async () => {
    const root = makeProject({ activation: lines(40), entrypoint: ENTRYPOINT });
    await autolab(root, ['launch', '--run-id', 'r1'], { env: { AUTOLAB_CRASH_AT: 'execute.ordered' } });
    const [run = ''] = runIds(root);
    edit(root, `experiments/iter1/runs/${run}/receipt/activation.sh`, (text) => text.replace('A3=3', 'A3=4'));

    const { json: result } = await call(root, ['launch']);

    expect(result['code']).toBe('local.code_changed');
    expect(startsOf(root, run)).toBe(0);
  });

  it('in a script written by hand is named as what makes it too long', async () => {
    const root = makeProject({ activation: lines(140), entrypoint: ENTRYPOINT });
    const prologue = (await autolab(root, ['lint-script', '--prologue'])).stdout;
    write(
      root,
      SCRIPT,
      `#!/bin/bash\nset -euo pipefail\n${prologue}${lines(140)}autolab_run bash experiments/iter1/main.sh\n`,
    );

    const { json: result } = await call(root, ['launch', '--dry-run']);

    expect(result['code']).toBe('script.too_long');
    expect(result['message']).toContain('docs/environment.md');
  });
});
