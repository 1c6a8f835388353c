import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { autolab } from '../support/autolab.ts';
import { call, callWithoutTrace, problemsOf } from '../support/contract.ts';
import { read, temporaryFolder, write } from '../support/project.ts';
import { SLOW_MS } from '../support/runs.ts';

/** `autolab new` for those who come from sbatch: what they type out of habit runs what they mean, or says what to type. */

vi.setConfig({ testTimeout: SLOW_MS });

const TIME = ['--time', '5'];

async function project(): Promise<string> {
  const root = temporaryFolder();
  execFileSync('git', ['init', '--quiet'], { cwd: root });
  write(root, 'train.py', 'print("of the root")\n');
  expect((await autolab(root, ['init'])).status).toBe(0);
  write(root, '.autolab/launch.yaml', 'host_mode: local\n');
  return root;
}

describe('autolab new, the command', () => {
  it.each([['sbatch'], ['/usr/bin/salloc']])('refuses %s: autolab itself submits', async (program) => {
    const root = await project();

    const refused = await callWithoutTrace(root, ['new', 'j', ...TIME, '--', program, 'job.sh']);

    expect(refused).toMatchObject({ status: 2, json: { code: 'usage' } });
    expect(refused.json['message']).toContain('autolab itself submits the job');
    expect(refused.json['message']).toContain('-- bash job.sh');
    expect(existsSync(join(root, 'experiments/j'))).toBe(false);
  });

  it('says which #SBATCH lines of the script nobody reads, and the options that say the same', async () => {
    const root = await project();
    const lines = [
      ...['--job-name=x', '--time=4:00:00', '--mem 16G', '-c 8', '--gres=gpu:a100:2', '-p gpu', '--qos=high', '-A lab'],
      ...['--nice=5', '--switches=1', '--array=1-4'],
    ];
    write(root, 'job.sh', ['#!/bin/bash', ...lines.map((line) => `#SBATCH ${line}`), 'python train.py', ''].join('\n'));

    const made = await call(root, ['new', 'j', '--time', '5', '--', 'bash', 'job.sh']);

    expect(made.status).toBe(0);
    const said = problemsOf(made.json).filter(({ code }) => code === 'value.not_used');
    expect(said.map(({ line, message }) => [line, message.replace(/^.*; /, '')])).toEqual([
      [4, 'write: --memory 16G'],
      [5, 'write: --cpus 8'],
      [6, 'write: --gpus 2 --gpu-type a100'],
      [7, 'write: --partition gpu'],
      [8, 'write: --qos high'],
      [9, 'write: --account lab'],
      [10, 'write: --compute nice=5'],
      [11, 'write: --compute sbatch_options=--switches=1'],
      [12, 'the script gets the number as its last argument, instead of $SLURM_ARRAY_TASK_ID'],
    ]);
    expect(said.every(({ file, severity }) => file === 'job.sh' && severity === 'warning')).toBe(true);
  });

  it.each([
    ['alone', ['--compute', 'location=local'], 'local'],
    ['with the same --on', ['--on', 'local', '--compute', 'location=local'], 'local'],
    ['on Slurm', ['--compute', 'location=slurm', '--memory', '1G'], 'slurm'],
  ])('takes --compute location %s', async (_what, words, location) => {
    const root = await project();

    const made = await call(root, ['new', 'a', ...TIME, ...words, '--', 'python3', 'train.py']);

    expect(made).toMatchObject({ status: 0, json: { location } });
    expect(read(root, 'experiments/a/design.yaml')).toContain(`location: ${location}\n`);
  });

  it.each([
    ['another --on', ['--on', 'local', '--compute', 'location=slurm'], 'contradict each other; keep `--on`'],
    ['no location', ['--compute', 'location=cloud'], '`--compute location` takes local or slurm'],
  ])('refuses --compute location with %s', async (_what, words, message) => {
    const root = await project();

    const wrong = await callWithoutTrace(root, ['new', 'a', ...TIME, ...words, '--', 'python3', 'train.py']);

    expect(wrong).toMatchObject({ status: 2, json: { code: 'usage' } });
    expect(wrong.json['message']).toContain(message);
  });

  it('asks which file is meant if the folder and the root have one each', async () => {
    const root = await project();
    write(root, 'sub/train.py', 'print("of the folder")\n');
    const words = ['new', 'q', ...TIME, '--', 'python3'];

    const wrong = await autolab(join(root, 'sub'), [...words, 'train.py']);
    const here = await autolab(join(root, 'sub'), [...words, 'sub/train.py']);
    const there = await autolab(root, ['new', 'r', ...TIME, '--', 'python3', 'train.py']);

    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toContain('write sub/train.py for the one here');
    expect(wrong.stderr).toContain(`for ${join(root, 'train.py')} repeat the command in the root`);
    expect([here.status, there.status]).toEqual([0, 0]);
    expect(read(root, 'experiments/q/design.yaml')).toContain('command: ["python3", "sub/train.py"]');
  });

  it.each([
    [['python3 train.py'], '-- python3 train.py'],
    [['python3 "a b.py"', '--lr', '1'], "-- python3 'a b.py' --lr 1"],
    [['python3 train.py | tee log'], "-- bash -c 'python3 train.py | tee log'"],
  ])('splits the one word %j', async (words, split) => {
    const root = await project();

    const wrong = await callWithoutTrace(root, ['new', 'a', ...TIME, '--', ...words]);

    expect(wrong).toMatchObject({ status: 2, json: { code: 'usage' } });
    expect(wrong.json['message']).toContain(`write: ${split}`);
  });

  it('runs a program whose name has a blank', async () => {
    const root = await project();
    write(root, 'my tool.sh', '#!/bin/sh\n');

    expect((await call(root, ['new', 'a', ...TIME, '--', './my tool.sh'])).status).toBe(0);
  });
});
