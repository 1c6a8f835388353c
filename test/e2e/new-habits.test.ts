import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { autolab, autolabJson } from '../support/autolab.ts';
import { call, callWithoutTrace, problemsOf } from '../support/contract.ts';
import { read, temporaryFolder, write } from '../support/project.ts';
import { SLOW_MS, stateOf } from '../support/runs.ts';

/** `autolab new`: what it says to a call that is wrong leads to one that works. */

vi.setConfig({ testTimeout: SLOW_MS });

const TIME = ['--time', '5'];
const RUN = ['--', 'python3', 'train.py'];

function repository(root = temporaryFolder()): string {
  execFileSync('git', ['init', '--quiet'], { cwd: root });
  for (const [key, value] of [
    ['user.name', 'Test'],
    ['user.email', 'test@example.org'],
  ] as const)
    execFileSync('git', ['config', key, value], { cwd: root });
  write(root, 'train.py', 'print("trained")\n');
  return root;
}

async function project(): Promise<string> {
  const root = repository();
  expect((await autolab(root, ['init'])).status).toBe(0);
  write(root, '.autolab/launch.yaml', 'host_mode: local\n');
  return root;
}

describe('autolab new', () => {
  it.each([
    [['--mem', '8G'], '--mem; autolab calls it --memory'],
    [['--mem=8G'], '; autolab calls it --memory'],
    [['-t', '10'], '-t; autolab calls it --time'],
    [['-c', '4'], '-c; autolab calls it --cpus'],
    [['--cpus-per-task', '4'], '; autolab calls it --cpus'],
    [['--gres', 'gpu:1'], '; autolab calls it --gpus'],
    [['-p', 'gpu'], '; autolab calls it --partition'],
    [['-N', '2'], '; autolab calls it --nodes'],
    [['-J', 'x'], '; autolab calls it the id: autolab new ID'],
    [['--exclude', 'n1'], '; autolab calls it --compute exclude=VALUE'],
  ])('knows what %j of sbatch is here', async (words, message) => {
    const wrong = await callWithoutTrace(temporaryFolder(), ['new', 'a', ...words, ...RUN]);

    expect(wrong).toMatchObject({ status: 2, json: { code: 'usage' } });
    expect(wrong.json['message']).toContain(message);
  });

  it('takes a word that looks like an id for one, and lists the ids', async () => {
    const root = await project();
    write(root, '.autolab/backlog.yaml', 'hypotheses: [{id: h7, title: x}]\nexperiments: []\n');

    const wrong = await callWithoutTrace(root, ['new', 'a', ...TIME, '--hypothesis', 'h1', ...RUN]);

    expect(wrong).toMatchObject({ status: 2, json: { code: 'usage' } });
    expect(wrong.json['message']).toContain('`h1` is no hypothesis of the backlog (it has: `h7`)');
  });

  it.each([['a\nb'], ['a: [']])('says of the id %j only what is wrong with it', async (id) => {
    const root = await project();

    const wrong = await callWithoutTrace(root, ['new', `/${id}`, ...TIME, ...RUN]);

    expect(wrong).toMatchObject({ status: 12, json: { code: 'path.unsafe_id' } });
    expect(problemsOf(wrong.json)).toHaveLength(1);
  });

  it('of an experiment without a command, says where the command goes', async () => {
    const root = await project();
    await call(root, ['new', 'a', ...TIME]);

    const refused = await callWithoutTrace(root, ['new', 'a', ...TIME, ...RUN]);

    expect(refused).toMatchObject({ status: 12, json: { code: 'experiment.exists' } });
    expect(refused.json['hint']).toContain('Write `entrypoint` into experiments/a/design.yaml');
  });

  it('never tells the slower of two calls to remove what the other made', async () => {
    const root = await project();
    const words = [
      ['--cpus', '1'],
      ['--cpus', '2'],
    ];

    const ends = await Promise.all(words.map((own) => call(root, ['new', 'same', ...TIME, ...own, ...RUN])));

    expect(ends.filter(({ status }) => status === 0)).toHaveLength(1);
    const lost = ends.find(({ status }) => status !== 0);
    expect([12, 13]).toContain(lost?.status);
    expect(lost?.json['hint']).not.toContain('rm ');
    expect(lost?.json['hint']).not.toContain('logs -f');
  });

  it('names the project that it used from a folder below', async () => {
    const root = await project();
    mkdirSync(join(root, 'sub'));

    const made = await autolab(join(root, 'sub'), ['new', 'a', ...TIME, ...RUN]);

    expect(made.status).toBe(0);
    expect(made.stdout + made.stderr).toContain(`The project: ${root}.`);
  });

  it('asks which project is meant by --init in a repository inside of one', async () => {
    const root = await project();
    const inner = join(root, 'vendor/inner');
    mkdirSync(inner, { recursive: true });
    repository(inner);

    const asked = await autolabJson(inner, ['new', 'a', '--init', ...TIME, ...RUN]);
    const there = await autolab(inner, ['init']);
    const made = await autolabJson(inner, ['new', 'a', '--on', 'local', ...TIME, ...RUN]);

    expect(asked.status).toBe(2);
    expect(asked.json['message']).toContain(`${inner} is a git repository of its own`);
    expect([there.status, made.status], there.stderr).toEqual([0, 0]);
    expect(existsSync(join(root, 'experiments/a'))).toBe(false);
  });

  it('says what it made if the approval is refused, and how to continue', async () => {
    const root = await project();
    write(root, '.autolab/launch.yaml', 'host_mode: local\nreview: {four_eyes: true}\n');
    execFileSync('git', ['add', '-A'], { cwd: root });
    execFileSync('git', ['commit', '--quiet', '-m', 'All'], { cwd: root });

    const ended = await autolabJson(root, ['new', 'a', ...TIME, '--by', 'test', '--launch', ...RUN]);

    expect([ended.status, ended.json['code']], ended.stdout).toEqual([10, 'review.four_eyes']);
    expect(ended.json['message']).toContain('The experiment a was made, and waits for its approval.');
    expect(ended.json['hint']).toContain('autolab approve --by WHO');
    expect(ended.json['created']).toContain('experiments/a/design.yaml');
    expect(stateOf(root)['stage']).toBe('implementation_review');
    expect(read(root, 'experiments/a/design.yaml')).toContain('train.py');
  });
});
