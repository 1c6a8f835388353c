import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { autolab } from '../support/autolab.ts';
import { call, callWithoutTrace, problemsOf } from '../support/contract.ts';
import { makeProject, read, readJson, temporaryFolder, write } from '../support/project.ts';
import { SLOW_MS, stateOf } from '../support/runs.ts';

/** `autolab new`: an experiment from the words of one command. */

vi.setConfig({ testTimeout: SLOW_MS });

const TIME = ['--time', '5'];
const RUN = ['--', 'python3', 'train.py'];

/** An empty git repository with the user's script. */
function repository(): string {
  const root = temporaryFolder();
  execFileSync('git', ['init', '--quiet'], { cwd: root });
  write(root, 'train.py', 'print("trained")\n');
  return root;
}

async function project(): Promise<string> {
  const root = repository();
  expect((await autolab(root, ['init'])).status).toBe(0);
  write(root, '.autolab/launch.yaml', 'host_mode: local\n');
  return root;
}

const design = (root: string, id: string): string => read(root, `experiments/${id}/design.yaml`);
const backlog = (root: string): string => read(root, '.autolab/backlog.yaml');

describe('autolab new', () => {
  it('writes the backlog entry and the design, points the state at them, and names the next command', async () => {
    const root = await project();

    const made = await call(root, [
      ...['new', 'lr-sweep', ...TIME, '--memory', '1G', '--metric', 'accuracy:max', '--metric', 'loss'],
      ...['--baseline', 'majority=0.44', '--artifact', 'metrics.json', '--hypothesis', 'A lower rate: better'],
      ...['--target-delta', '0.1', '--by', 'ada', '--note', 'first try', '--', 'python3', 'train.py', '--lr', '0.1'],
    ]);

    expect(made).toMatchObject({
      status: 0,
      json: {
        outcome: 'ok',
        iteration_id: 'lr-sweep',
        experiment_id: 'lr-sweep',
        stage_before: 'hypothesis',
        stage_after: 'implementation_review',
        hint: 'Look at the design, then: autolab approve --by WHO',
        location: 'local',
        design: 'experiments/lr-sweep/design.yaml',
        created: ['experiments/lr-sweep/design.yaml', '.autolab/backlog.yaml', '.autolab/state.json'],
        problems: [],
      },
    });
    expect(design(root, 'lr-sweep')).toContain('command: ["python3", "train.py", "--lr", "0.1"]');
    expect(design(root, 'lr-sweep')).toContain('metrics: {primary: {name: accuracy, mode: maximize}, others: [loss]}');
    expect(design(root, 'lr-sweep')).toContain('baselines: [{name: majority, value: 0.44}]');
    expect(backlog(root)).toContain(
      [
        'hypotheses:',
        '  - id: h-lr-sweep',
        '    status: open',
        '    title: "A lower rate: better"',
        '    success_metric: accuracy',
        '    target_delta: 0.1',
        'experiments:',
        '  - id: lr-sweep',
        '    hypothesis_id: h-lr-sweep',
        '    iteration_id: lr-sweep',
        '    status: open',
      ].join('\n'),
    );
    expect(stateOf(root)).toMatchObject({ iteration_id: 'lr-sweep', experiment_id: 'lr-sweep', stage_attempt: 0 });
    expect(stateOf(root)['history'].at(-1)).toMatchObject({ command: 'new', by: 'ada', note: 'first try' });
    expect((await autolab(root, ['doctor'])).stdout).toContain('documents');
  });

  it('is the same once more, and changes nothing', async () => {
    const root = await project();
    await call(root, ['new', 'a', ...TIME, ...RUN]);

    const again = await callWithoutTrace(root, ['new', 'a', ...TIME, ...RUN]);

    expect(again).toMatchObject({ status: 0, json: { created: [], stage_after: 'implementation_review' } });
    expect(again.json['message']).toContain('is there already');
  });

  it('passes every word after -- to the program, byte for byte', async () => {
    const root = await project();
    const words = ['--json', '--', '-C', 'x', '', ' a', 'b\nc', "it's", '"', '{', '#', '--help', '--version', '漢'];

    const made = await call(root, ['new', 'a', ...TIME, '--', 'python3', 'train.py', ...words]);

    expect(made.status).toBe(0);
    const [, line = ''] = /^ {2}command: (.*)$/m.exec(design(root, 'a')) ?? [];
    expect(JSON.parse(line)).toEqual(['python3', 'train.py', ...words]);
  });

  it('refuses a metric with two directions', async () => {
    const root = await project();
    const wrong = await callWithoutTrace(root, ['new', 'a', ...TIME, '--metric', 'acc:max:min', ...RUN]);
    expect(wrong.status).toBe(2);
    expect(problemsOf(wrong.json)[0]?.message).toContain('`--metric` takes NAME:max or NAME:min');
  });

  it('says everything that is wrong with a call at once, and makes nothing', async () => {
    const root = await project();

    const wrong = await callWithoutTrace(root, [
      ...['new', 'a', '--on', 'slurm', '--gpus', 'x', '--metric', 'accuracy', '--baseline', 'b', '--target-delta', 'y'],
      ...['--artifact', '../out', '--compute', 'gres=gpu:1', '--', 'python3', 'train.py', '{{rundir}}'],
    ]);

    expect(wrong).toMatchObject({ status: 2, json: { outcome: 'usage', hint: 'See: autolab new --help' } });
    const said = problemsOf(wrong.json)
      .map(({ message }) => message)
      .join('\n');
    for (const words of [
      '`--time` is missing, and Slurm runs need one',
      '`--memory` is missing, and Slurm runs need it',
      '`--gpus` must be a whole number',
      '`--metric` says no direction',
      '`--baseline` takes NAME=VALUE',
      '`--target-delta` takes a number',
      '`--target-delta` need `--hypothesis TEXT`',
      '`--artifact` must not leave the run folder',
      'the key `gres` is not known',
      'word 3 of the command contains the unknown placeholder `{{rundir}}`',
    ])
      expect(said).toContain(words);
  });

  it.each([
    ['../x', 'must not begin with a dot'],
    ['a/b', 'must not contain a slash'],
    ['{{id}}', 'is a placeholder that was never filled in'],
    ['', 'must not be empty'],
    ['a|b', 'must not contain `|`'],
  ])('refuses the id %j', async (id, why) => {
    const root = await project();

    const refused = await callWithoutTrace(root, ['new', id, ...TIME, ...RUN]);

    expect(refused).toMatchObject({ status: 12, json: { code: 'path.unsafe_id' } });
    expect(refused.json['message']).toContain(why);
  });

  it.each([['it is "mine"'], ['1'], ['null'], ['é # x'], ["o'brien: y"]])('takes the id %j as it is', async (id) => {
    const root = await project();

    const made = await call(root, ['new', id, ...TIME, ...RUN]);
    const doctor = await call(root, ['doctor']);

    expect(made.status).toBe(0);
    expect(stateOf(root)).toMatchObject({ iteration_id: id, experiment_id: id });
    expect(JSON.stringify(doctor.json['checks'])).not.toContain('backlog.no_match');
    expect(existsSync(join(root, 'experiments', id, 'design.yaml'))).toBe(true);
  });

  it.each([
    ['without --', ['new', 'a', 'python3', 'train.py'], "Too many arguments for 'new'"],
    ['with an option of the program before --', ['new', 'a', '--lr', '0.1'], 'Unknown option --lr'],
    ['without an id', ['new', '--', 'python3', 'train.py'], "Missing required argument 'id'"],
    ['with another key of compute', ['new', 'a', '--compute', 'x', ...RUN], '--compute takes KEY=VALUE'],
  ])('explains a call %s', async (_what, words, message) => {
    const root = await project();

    const wrong = await callWithoutTrace(root, words);

    expect(wrong).toMatchObject({ status: 2, json: { code: 'usage' } });
    expect(wrong.json['message']).toContain(message);
  });

  describe('begins with the first stage that lacks something:', () => {
    it('design, without a command', async () => {
      const root = await project();

      const made = await call(root, ['new', 'a', ...TIME]);

      expect(made.json).toMatchObject({ outcome: 'ok', stage_after: 'design' });
      expect(made.json['hint']).toBe('Write the entrypoint into experiments/a/design.yaml, then: autolab advance');
      expect(problemsOf(made.json)).toMatchObject([{ severity: 'warning', pointer: '/entrypoint' }]);
    });

    it('implementation, without the script', async () => {
      const root = await project();

      const made = await call(root, ['new', 'a', ...TIME, '--', 'python3', 'src/later.py']);

      expect(made.json).toMatchObject({
        stage_after: 'implementation',
        hint: 'Write src/later.py, then: autolab advance',
      });
      expect(problemsOf(made.json)[0]?.message).toContain('the command names src/later.py, and there is no such file');
    });

    it('implementation, without an activation', async () => {
      const root = await project();
      write(root, 'docs/environment.md', '# Environment\n');

      const made = await call(root, ['new', 'a', ...TIME, ...RUN]);

      expect(made.json).toMatchObject({ outcome: 'ok', stage_after: 'implementation' });
      expect(made.json['hint']).toBe('Write the activation into docs/environment.md, then: autolab advance');
    });
  });

  it('knows a script beside the user, and says how the run finds it', async () => {
    const root = await project();
    write(root, 'src/deep/other.py', '');

    const wrong = await autolab(join(root, 'src'), ['new', 'a', ...TIME, '--', 'python3', 'deep/other.py']);
    const right = await autolab(join(root, 'src'), ['new', 'a', ...TIME, '--', 'python3', 'src/deep/other.py']);

    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toContain(`the command names deep/other.py, and runs in ${root}; write src/deep/other.py`);
    expect(right.status).toBe(0);
  });

  describe('overwrites nothing:', () => {
    it('a design that says something else', async () => {
      const root = await project();
      write(root, 'experiments/a/design.yaml', 'id: mine\n');

      const refused = await callWithoutTrace(root, ['new', 'a', ...TIME, ...RUN]);

      expect(refused).toMatchObject({ status: 12, json: { code: 'experiment.exists' } });
      expect(refused.json['hint']).toContain('rm experiments/a/design.yaml');
    });

    it.each([
      ['an entry with the id', '{id: a, status: open, iteration_id: other}', 'autolab focus a'],
      [
        'an entry with the folder',
        '{id: other, status: open, iteration_id: a}',
        'has the experiment other with this iteration',
      ],
      ['a closed entry', '{id: a, status: done}', 'autolab backlog reopen a --by WHO --note TEXT'],
    ])('%s', async (_what, entry, words) => {
      const root = await project();
      write(root, '.autolab/backlog.yaml', `experiments:\n  - ${entry}\n`);

      const refused = await callWithoutTrace(root, ['new', 'a', ...TIME, ...RUN]);

      expect(refused).toMatchObject({ status: 12, json: { code: 'experiment.exists' } });
      expect(`${String(refused.json['message'])} ${String(refused.json['hint'])}`).toContain(words);
    });

    it('an experiment that has run', async () => {
      const root = await project();
      mkdirSync(join(root, 'experiments/a/runs/r1'), { recursive: true });

      const refused = await callWithoutTrace(root, ['new', 'a', ...TIME, ...RUN]);

      expect(refused.json['code']).toBe('experiment.exists');
      expect(refused.json['hint']).toContain('autolab rerun --by WHO');
    });

    it('a link that leads out of the project', async () => {
      const root = await project();
      const outside = temporaryFolder();
      rmSync(join(root, 'experiments'), { recursive: true });
      symlinkSync(outside, join(root, 'experiments'));

      const refused = await call(root, ['new', 'a', ...TIME, ...RUN]);

      expect(refused).toMatchObject({ status: 12, json: { code: 'path.escapes' } });
      expect(existsSync(join(outside, 'a'))).toBe(false);
    });
  });

  it('takes an entry of the backlog that waits for its design', async () => {
    const root = await project();
    write(root, '.autolab/backlog.yaml', 'experiments:\n  - {id: a, status: planned} # soon\n');

    const made = await call(root, ['new', 'a', ...TIME, ...RUN]);

    expect(made.json['outcome']).toBe('ok');
    expect(backlog(root)).toBe('experiments:\n  - {id: a, status: planned} # soon\n');
  });

  it('names a hypothesis of the backlog by its id', async () => {
    const root = await project();
    write(root, '.autolab/backlog.yaml', 'hypotheses: [{id: h7, title: x}]\nexperiments: []\n');

    const made = await call(root, ['new', 'a', ...TIME, '--hypothesis', 'h7', ...RUN]);

    expect(made.json['outcome']).toBe('ok');
    expect(design(root, 'a')).toContain('hypothesis_id: h7\n');
    expect(backlog(root)).toContain('hypotheses: [{id: h7, title: x}]\n');
  });

  it('takes the design of another experiment, with the options over it', async () => {
    const root = await project();
    await call(root, ['new', 'a', ...TIME, '--metric', 'accuracy:max', '--artifact', 'metrics.json', ...RUN]);

    const made = await call(root, ['new', 'b', '--from', 'a', '--time', '10', '--cpus', '2']);

    expect(made.json).toMatchObject({ outcome: 'ok', location: 'local', stage_after: 'implementation_review' });
    expect(design(root, 'b')).toBe(
      design(root, 'a')
        .replace('time: "5"', 'time: "10"\n  cpus: 2')
        .replaceAll(/\ba$/gm, 'b')
        .replace('experiment a.', 'experiment b.'),
    );
  });

  it.each([
    ['an unknown experiment', 'nobody', 'backlog.no_match'],
    ['a design with errors', 'e1', 'design.invalid'],
  ])('refuses --from %s', async (_what, from, code) => {
    const root = makeProject({ compute: { time: 'soon' } });

    const refused = await callWithoutTrace(root, ['new', 'b', '--from', from]);

    expect(refused).toMatchObject({ status: 12, json: { code } });
  });

  it('keeps where the other experiment stands', async () => {
    const root = makeProject({
      state: { stage: 'decide_repeat', stage_attempt: 1, last_run_id: 'r1', sync_status: 'ok' },
    });

    await call(root, ['new', 'b', ...TIME, '--', 'bash', 'experiments/iter1/main.sh']);

    expect(stateOf(root)).toMatchObject({
      iteration_id: 'b',
      stage: 'implementation_review',
      stage_attempt: 0,
      last_run_id: '',
    });
    expect(readJson(root, '.autolab/positions.json')['positions']).toEqual([
      {
        iteration_id: 'iter1',
        experiment_id: 'e1',
        stage: 'decide_repeat',
        stage_attempt: 1,
        last_run_id: 'r1',
        sync_status: 'ok',
      },
    ]);
  });

  it('loses nothing if several are made at once', async () => {
    const root = await project();

    const ends = await Promise.all(['a', 'b', 'c'].map((id) => call(root, ['new', id, ...TIME, ...RUN])));

    const made = ends.filter(({ status }) => status === 0).map(({ json }) => String(json['experiment_id']));
    expect(made.length).toBeGreaterThan(0);
    expect(ends.every(({ status }) => [0, 13].includes(status ?? -1))).toBe(true);
    expect([...backlog(root).matchAll(/^ {2}- id: (.)$/gm)].map(([, id]) => id).sort()).toEqual(
      expect.arrayContaining(made),
    );
    expect(made).toContain(stateOf(root)['experiment_id']);
  });

  it('is refused while a run is active', async () => {
    const root = makeProject({ entrypoint: 'sleep 600\n' });
    const launched = await call(root, ['launch', '--detach']);

    const refused = await call(root, ['new', 'b', ...TIME, '--', 'true']);

    expect(refused).toMatchObject({ status: 13, json: { code: 'run.other_active' } });
    expect(refused.json['message']).toContain(String(launched.json['run_id']));
    expect(existsSync(join(root, 'experiments/b'))).toBe(false);
    await call(root, ['cancel']);
  });
});
