import { describe, expect, it, vi } from 'vitest';
import { call } from '../support/contract.ts';
import { COMMAND, repositoryWithScript, threeCommands } from '../support/first-user.ts';
import { fakeCommands, read, readJson } from '../support/project.ts';
import { SLOW_MS, stateOf } from '../support/runs.ts';

/** From an idea to a record in three commands, or in one, with one file written by hand: the script. */

vi.setConfig({ testTimeout: SLOW_MS });

describe('an empty git repository with a Python script', () => {
  it('has a record after three commands', async () => {
    const root = repositoryWithScript();

    await threeCommands(root, 'local', { env: withoutSlurm() });

    expect(stateOf(root)).toMatchObject({ iteration_id: 'lr-sweep', stage: 'extract_results' });
  });

  it('has one after one command, and the record says who approved it', async () => {
    const root = repositoryWithScript();
    const words = [
      'new',
      'quick',
      '--init',
      '--on',
      'local',
      '--time',
      '5',
      '--by',
      'ada',
      '--note',
      'mine',
      '--launch',
    ];

    const launched = await call(root, [...words, ...COMMAND], { env: withoutSlurm() });
    const again = await call(root, [...words, ...COMMAND], { env: withoutSlurm() });

    expect(launched, launched.stderr).toMatchObject({ status: 0, json: { command: 'new', code: 'run.completed' } });
    expect(readJson(root, 'experiments/quick/review_result.json')).toMatchObject({
      status: 'pass',
      reviewed_by: 'ada',
    });
    expect(again).toMatchObject({ status: 12, json: { code: 'experiment.exists' } });
    expect(again.json['hint']).toContain('autolab rerun --by WHO');
  });

  it('launches a variation with one command, too', async () => {
    const root = repositoryWithScript();
    await threeCommands(root, 'local', { env: withoutSlurm() });

    const varied = await call(root, ['rerun', '--set', 'lr=0.25', '--by', 'ada', '--launch'], { env: withoutSlurm() });

    expect(varied, varied.stderr).toMatchObject({
      status: 0,
      json: { command: 'rerun', code: 'run.completed', iteration_id: 'lr-sweep-2' },
    });
    expect(read(root, `${String(varied.json['run_dir'])}/metrics.json`)).toBe('{"accuracy": 0.75}');
    expect(readJson(root, 'experiments/lr-sweep-2/review_result.json')).toMatchObject({ reviewed_by: 'ada' });
  });

  it('launches nothing that is not whole, and makes nothing then', async () => {
    const root = repositoryWithScript();
    const words = ['new', 'quick', '--init', '--on', 'local', '--time', '5', '--launch'];

    const unsigned = await call(root, [...words, ...COMMAND]);
    const missing = await call(root, [...words, '--by', 'ada', '--', 'python3', 'other.py']);
    const nothing = await call(root, [...words, '--by', 'ada']);

    expect(unsigned).toMatchObject({ status: 2, json: { code: 'usage' } });
    expect(unsigned.json['message']).toContain('`--launch` needs `--by WHO`');
    expect(missing).toMatchObject({ status: 12, json: { code: 'experiment.incomplete' } });
    expect(missing.json['message']).toContain('the command names other.py, and there is no such file');
    expect(nothing).toMatchObject({ status: 12, json: { code: 'experiment.incomplete' } });
    expect((await call(root, ['status'])).json['code']).toBe('project.not_found');
  });
});

/** Slurm's commands are there and do not answer, as on a machine that is no login node. */
function withoutSlurm(): Readonly<Record<string, string>> {
  return fakeCommands({ sinfo: 'exit 1', squeue: 'exit 1' });
}
