import { describe, expect, it, vi } from 'vitest';
import { call, callWithoutTrace, problemsOf } from '../support/contract.ts';
import { commitAll, edit, makeProject, type ProjectOptions, read, readJson, runIds } from '../support/project.ts';
import { SLOW_MS, stateOf } from '../support/runs.ts';

/** `autolab rerun`: nobody edits state.json to run something again. */

vi.setConfig({ testTimeout: SLOW_MS });

const BY = ['--by', 'ada'];

/** A project whose experiment has run as r1. */
async function ran(options: ProjectOptions = {}): Promise<string> {
  const root = makeProject(options);
  await call(root, ['launch', '--run-id', 'r1']);
  return root;
}

const WITH_ARGUMENTS: ProjectOptions = {
  command: ['bash', 'experiments/iter1/main.sh', '--lr', '0.1', '--out', '{{run_dir}}'],
  entrypoint: 'echo started >> "$AUTOLAB_RUN_DIR/marker"\necho "{\\"accuracy\\": $2}" > "$4/metrics.json"\n',
};

describe('autolab rerun', () => {
  it('is what a second launch names, and lets it run once more', async () => {
    const root = await ran();

    const second = await callWithoutTrace(root, ['launch']);
    expect(second.json).toMatchObject({ code: 'state.wrong_stage' });
    const [, command = ''] = /To run again: autolab (rerun --by )WHO$/.exec(String(second.json['hint'])) ?? [];
    const again = await call(root, [...command.trim().split(' '), 'ada', '--note', 'another seed']);

    expect(again).toMatchObject({
      status: 0,
      json: {
        stage_before: 'extract_results',
        stage_after: 'launch',
        from_run: 'r1',
        hint: 'Launch it: autolab launch',
      },
    });
    expect(stateOf(root)['history'].at(-1)).toMatchObject({
      command: 'rerun',
      by: 'ada',
      note: 'another seed',
      stage_before: 'extract_results',
      stage_after: 'launch',
    });
    expect((await call(root, ['launch', '--run-id', 'r2'])).json['code']).toBe('run.completed');
    expect(runIds(root)).toEqual(['r1', 'r2']);
  });

  it('launches at once with --launch', async () => {
    const root = await ran();

    const again = await call(root, ['rerun', ...BY, '--launch']);

    expect(again).toMatchObject({
      status: 0,
      json: { command: 'rerun', code: 'run.completed', stage_after: 'extract_results' },
    });
    expect(runIds(root)).toHaveLength(2);
  });

  it('starts and returns with --launch --detach', async () => {
    const root = await ran();

    const again = await call(root, ['rerun', ...BY, '--launch', '--detach']);

    expect(again.json['outcome']).toMatch(/^(submitted|completed)$/);
    expect((await call(root, ['resume'])).json['code']).toMatch(/^run\.(completed|none_active)$/);
  });

  it.each([
    ['the design', 'experiments/iter1/design.yaml', (text: string) => text.replace('1G', '2G')],
    ['the environment', 'docs/environment.md', (text: string) => text.replace('# nothing', '# really nothing')],
  ])('asks for another review if %s changed since', async (_what, file, change) => {
    const root = await ran();
    edit(root, file, change);

    const again = await call(root, ['rerun', ...BY]);

    expect(again).toMatchObject({ status: 0, json: { stage_after: 'implementation_review' } });
    expect(again.json['message']).toContain(`${file} changed since the run`);
    expect(again.json['hint']).toContain('autolab approve --by WHO');
    expect(problemsOf(again.json)).toMatchObject([{ file, code: 'review.stale' }]);
    expect((await call(root, ['launch'])).json['code']).toBe('state.wrong_stage');
  });

  it('launches nothing that nobody approved', async () => {
    const root = await ran();
    edit(root, 'experiments/iter1/design.yaml', (text) => text.replace('1G', '2G'));

    const again = await call(root, ['rerun', ...BY, '--launch']);

    expect(again).toMatchObject({ status: 10, json: { code: 'review.stale', stage_after: 'implementation_review' } });
    expect(runIds(root)).toEqual(['r1']);
  });

  it('keeps the attempts that failures have used', async () => {
    const root = await ran({ entrypoint: 'exit 3\n', state: { max_stage_attempts: 2 } });
    expect(stateOf(root)).toMatchObject({ stage: 'launch', stage_attempt: 1 });

    await call(root, ['rerun', ...BY]);
    expect(stateOf(root)).toMatchObject({ stage: 'launch', stage_attempt: 1 });
    await call(root, ['launch', '--run-id', 'r2']);
    const refused = await callWithoutTrace(root, ['rerun', ...BY]);

    expect(refused).toMatchObject({ status: 11, json: { code: 'state.human_review' } });
    expect(refused.json['hint']).toContain('autolab review pass|retry|stop');
  });

  it('refuses a closed experiment, with the command that opens it', async () => {
    const root = await ran();
    edit(root, '.autolab/backlog.yaml', (text) => text.replace('    status: open', '    status: done'));

    const refused = await callWithoutTrace(root, ['rerun', ...BY]);

    expect(refused).toMatchObject({ status: 12, json: { code: 'backlog.closed' } });
    expect(refused.json['hint']).toContain('autolab backlog reopen e1 --by WHO --note TEXT');
  });

  it('is refused while a run is active', async () => {
    const root = makeProject({ entrypoint: 'sleep 600\n' });
    await call(root, ['launch', '--detach']);

    const refused = await call(root, ['rerun', ...BY]);

    expect(refused).toMatchObject({ status: 13, json: { code: 'run.other_active' } });
    await call(root, ['cancel']);
  });

  it.each([
    ['no run', [], 'run.not_found', 12],
    ['an unknown run', ['r9'], 'run.not_found', 12],
  ])('says that there is %s', async (_what, words, code, status) => {
    const refused = await callWithoutTrace(makeProject(), ['rerun', ...words, ...BY]);

    expect(refused).toMatchObject({ status, json: { code } });
  });

  it('needs to know who decides', async () => {
    expect(await callWithoutTrace(await ran(), ['rerun'])).toMatchObject({ status: 2, json: { code: 'usage' } });
  });
});

describe('autolab rerun --set', () => {
  it('makes a new experiment from the design of the run', async () => {
    const root = await ran(WITH_ARGUMENTS);
    const before = read(root, 'experiments/iter1/design.yaml');

    const made = await call(root, ['rerun', '--set', 'lr=0.2', '--set', 'compute.time=00:06:00', ...BY]);

    expect(made).toMatchObject({
      status: 0,
      json: { iteration_id: 'iter1-2', experiment_id: 'iter1-2', from_run: 'r1', stage_after: 'implementation_review' },
    });
    expect(made.json['message']).toContain('Created the experiment iter1-2: the design of r1, with lr=0.2');
    const design = read(root, 'experiments/iter1-2/design.yaml');
    expect(design).toContain('command: ["bash", "experiments/iter1/main.sh", "--lr", "0.2", "--out", "{{run_dir}}"]');
    expect(design).toContain('time: "00:06:00"');
    expect(design).toContain('hypothesis_id: h1');
    expect(read(root, 'experiments/iter1/design.yaml')).toBe(before);
    expect(read(root, '.autolab/backlog.yaml')).toContain(
      '- id: iter1-2\n    hypothesis_id: h1\n    iteration_id: iter1-2',
    );
    expect(readJson(root, '.autolab/positions.json')['positions']).toMatchObject([
      { iteration_id: 'iter1', last_run_id: 'r1' },
    ]);
  });

  it('counts on, and repeats itself only for what it has not made', async () => {
    const root = await ran(WITH_ARGUMENTS);
    const words = ['rerun', 'iter1/r1', ...BY];
    await call(root, [...words, '--set', 'lr=0.2']);

    const same = await call(root, [...words, '--set', 'lr=0.2']);
    const other = await call(root, [...words, '--set', 'lr=0.3']);
    const named = await call(root, [...words, '--set', 'lr=0.4', '--id', 'higher']);
    const taken = await call(root, [...words, '--set', 'lr=0.5', '--id', 'higher']);

    expect(same.json).toMatchObject({ iteration_id: 'iter1-2', created: [] });
    expect(other.json['iteration_id']).toBe('iter1-3');
    expect(named.json['iteration_id']).toBe('higher');
    expect(taken).toMatchObject({ status: 12, json: { code: 'experiment.exists' } });
  });

  it('says everything that is wrong at once, and makes nothing', async () => {
    const root = await ran(WITH_ARGUMENTS);

    const wrong = await callWithoutTrace(root, [
      ...['rerun', '--set', 'rate=1', '--set', 'x', '--set', 'compute.time=soon', '--set', 'compute.gres=gpu:1'],
      ...['--id', '../up', ...BY],
    ]);

    expect(wrong.status).toBe(12);
    const said = problemsOf(wrong.json)
      .map(({ message }) => message)
      .join('\n');
    for (const words of [
      'the command has no argument `rate`: it has `lr` and `out`',
      '`--set` takes KEY=VALUE, not `x`',
      '`compute.time`',
      'the key `gres` is not known',
      '`--id` must not begin with a dot',
    ])
      expect(said).toContain(words);
  });

  it.each([
    ['as the patch of the record has it', false],
    ['as the commit of the record has it', true],
  ])('takes a design that has changed since %s', async (_what, committed) => {
    const root = makeProject({ ...WITH_ARGUMENTS, git: true });
    if (!committed) edit(root, 'experiments/iter1/design.yaml', (text) => text.replace('cpus: 1', 'cpus: 2'));
    await call(root, ['launch', '--run-id', 'r1']);
    const before = read(root, 'experiments/iter1/design.yaml');
    edit(root, 'experiments/iter1/design.yaml', (text) => text.replace(/cpus: ./, 'cpus: 3').replace('0.1', '0.9'));
    commitAll(root);

    const made = await call(root, ['rerun', 'r1', '--set', 'lr=0.2', ...BY]);

    expect(made.status, made.stderr).toBe(0);
    const design = read(root, 'experiments/iter1-2/design.yaml');
    expect(design).toContain('"--lr", "0.2"');
    expect(design).toContain(before.includes('cpus: 2') ? 'cpus: 2' : 'cpus: 1');
  });

  it('says so if the record does not have the design any more', async () => {
    const root = await ran(WITH_ARGUMENTS);
    edit(root, 'experiments/iter1/design.yaml', (text) => text.replace('cpus: 1', 'cpus: 3'));

    const refused = await callWithoutTrace(root, ['rerun', '--set', 'lr=0.2', ...BY]);

    expect(refused).toMatchObject({ status: 12, json: { code: 'code.not_recorded' } });
    expect(refused.json['hint']).toContain('autolab new ID --from iter1');
  });

  it('goes back to an experiment that is not the current one', async () => {
    const root = await ran(WITH_ARGUMENTS);
    await call(root, ['rerun', '--set', 'lr=0.2', ...BY]);

    const again = await call(root, ['rerun', 'iter1/r1', ...BY]);

    expect(again.json).toMatchObject({ iteration_id: 'iter1', stage_after: 'launch' });
    expect(stateOf(root)).toMatchObject({
      iteration_id: 'iter1',
      experiment_id: 'e1',
      stage: 'launch',
      last_run_id: 'r1',
    });
    expect(readJson(root, '.autolab/positions.json')['positions']).toMatchObject([
      { iteration_id: 'iter1', stage: 'extract_results' },
      { iteration_id: 'iter1-2', stage: 'implementation_review' },
    ]);
  });

  it('varies a run of a closed experiment, too', async () => {
    const root = await ran(WITH_ARGUMENTS);
    edit(root, '.autolab/backlog.yaml', (text) => text.replace('    status: open', '    status: done'));

    expect((await call(root, ['rerun', '--set', 'lr=0.2', ...BY])).json).toMatchObject({
      outcome: 'ok',
      iteration_id: 'iter1-2',
    });
  });
});
