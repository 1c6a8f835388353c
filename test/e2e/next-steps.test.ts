import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { autolab } from '../support/autolab.ts';
import { call, callWithoutTrace } from '../support/contract.ts';
import { commitAll, json, makeProject, temporaryFolder, write } from '../support/project.ts';
import { SLOW_MS, stateOf } from '../support/runs.ts';

/** What is said after a run, and that it works. */

vi.setConfig({ testTimeout: SLOW_MS });

describe('a launch after a run that completed', () => {
  it.each([
    ['extract_results', 'Read the metrics: autolab extract'],
    ['update_docs', 'Update the table of results: autolab document'],
    ['stop', null],
  ])('at %s says which command is next, and how to run again', async (stage, command) => {
    const root = makeProject();
    await call(root, ['launch', '--run-id', 'r1']);
    write(root, '.autolab/state.json', json({ ...stateOf(root), stage }));

    const { status, json: result } = await callWithoutTrace(root, ['launch']);

    expect([status, result['code']]).toEqual([12, 'state.wrong_stage']);
    if (command !== null) expect(result['hint']).toContain(`The launch is done. ${command}. `);
    expect(result['hint']).toContain('To run again: autolab rerun --by WHO');
    expect((await call(root, ['rerun', '--by', 'ada'])).json['stage_after']).toBe('launch');
    expect((await call(root, ['launch', '--run-id', 'r2'])).json['code']).toBe('run.completed');
  });
});

describe('the advice after a time limit', () => {
  it.each(['stdout', 'stderr'])('reads how far the run got from %s', async (stream) => {
    const to = stream === 'stderr' ? ' >&2' : '';
    const root = makeProject({
      entrypoint: `for n in 1 12 24; do echo "epoch $n/100"${to}; done\nsleep 60\n`,
      compute: { time: '"00:00:02"' },
    });

    const { json: result } = await call(root, ['launch']);

    expect(result['code']).toBe('local.timeout');
    expect(result['recommendations']).toMatchObject([{ pointer: '/compute/time', suggested: '00:01:00' }]);
    expect(result['recommendations'][0].why).toContain('"epoch 24/100"');
  });
});

describe('a run folder that was copied to another project', () => {
  it('passes its verification there, without git and without the backlog entry', async () => {
    const root = makeProject();
    commitAll(root);
    await call(root, ['launch', '--run-id', 'r1']);
    const other = join(temporaryFolder(), 'colleague');
    await autolab('/', ['init', other]);
    mkdirSync(join(other, 'experiments/iter1/runs'), { recursive: true });
    cpSync(join(root, 'experiments/iter1/runs/r1'), join(other, 'experiments/iter1/runs/r1'), {
      recursive: true,
      preserveTimestamps: true,
    });
    rmSync(root, { recursive: true });

    const verified = await call(other, ['verify', 'r1']);
    const checked = await call(other, ['manifest', 'r1', '--check']);

    expect([verified.status, checked.status], JSON.stringify(verified.json['verifiers'])).toEqual([0, 0]);
  });
});
