import { describe, expect, it } from 'vitest';
import { call, callWithoutTrace, problemsOf } from '../support/contract.ts';
import { edit, makeProject, read, readJson, treeDigest, write } from '../support/project.ts';
import { stateOf } from '../support/runs.ts';
import { projectAt } from '../support/stages.ts';
import { filledIn, typeLine } from '../support/typed.ts';

/** `autolab focus`: another experiment becomes the current one, and each is found where it was left. */

const BACKLOG = '.autolab/backlog.yaml';
const POSITIONS = '.autolab/positions.json';
const DESIGN = 'experiments/iter1/design.yaml';

function addEntries(root: string, entries: string): void {
  edit(root, BACKLOG, (text) => `${text}${entries}`);
}

/** A second experiment `e2` of `iter2`, which nobody has begun. */
function withSecond(root: string): string {
  addEntries(root, '  - id: e2\n    hypothesis_id: h1\n    status: open\n    iteration_id: iter2\n');
  return root;
}

describe('focus', () => {
  it('keeps where an experiment stands, and brings it back', async () => {
    const root = withSecond(projectAt('update_docs', { stage_attempt: 2, of_another_program: 'kept' }));

    const there = await call(root, ['focus', 'e2', '--by', 'ada']);

    expect(there).toMatchObject({
      status: 0,
      json: { code: 'ok', experiment_id: 'e2', iteration_id: 'iter2', run_id: null },
    });
    expect(there.json).toMatchObject({ stage_before: 'update_docs', stage_after: 'design', stage_attempt: 0 });
    expect(stateOf(root)).toMatchObject({
      iteration_id: 'iter2',
      experiment_id: 'e2',
      stage: 'design',
      stage_attempt: 0,
    });
    expect(stateOf(root)).toMatchObject({ last_run_id: '', sync_status: '', of_another_program: 'kept' });
    expect(stateOf(root)['history']).toMatchObject([{ by: 'ada', command: 'focus', iteration_id: 'iter2' }]);
    expect((await call(root, ['next'])).json['stage']).toBe('design');

    const back = await call(root, ['focus', 'e1']);

    expect(back.json).toMatchObject({
      stage_before: 'design',
      stage_after: 'update_docs',
      stage_attempt: 2,
      run_id: 'r1',
    });
    expect(stateOf(root)).toMatchObject({ iteration_id: 'iter1', experiment_id: 'e1', stage: 'update_docs' });
    expect(stateOf(root)).toMatchObject({ stage_attempt: 2, last_run_id: 'r1', sync_status: 'ok' });
    expect(readJson(root, POSITIONS)['positions']).toHaveLength(2);
  });

  it('takes an iteration, too, and changes nothing for the current one', async () => {
    const root = withSecond(projectAt('design'));

    expect((await callWithoutTrace(root, ['focus', 'iter1'])).json).toMatchObject({
      code: 'ok',
      stage_after: 'design',
    });
    expect((await call(root, ['focus', 'iter2'])).json).toMatchObject({ code: 'ok', experiment_id: 'e2' });
  });

  it.each([
    ['nothing at all', (): void => undefined, 'design'],
    [
      'a design of code that is not there',
      (root: string): void => {
        write(root, 'experiments/iter2/design.yaml', read(root, DESIGN).replaceAll('iter1', 'iter2'));
      },
      'implementation',
    ],
    [
      'a design and its code',
      (root: string): void => {
        write(root, 'experiments/iter2/design.yaml', read(root, DESIGN).replaceAll('iter1', 'iter2'));
        write(root, 'experiments/iter2/main.sh', 'true\n');
        write(root, 'experiments/iter2/review_result.json', read(root, 'experiments/iter1/review_result.json'));
      },
      'implementation_review',
    ],
  ])('begins an experiment with %s at the first stage that lacks something', async (_what, make, stage) => {
    const root = withSecond(makeProject());
    make(root);

    expect((await call(root, ['focus', 'e2'])).json).toMatchObject({ code: 'ok', stage_after: stage });
  });
});

describe('focus refuses', () => {
  it('an experiment that the backlog does not have, and says what it has', async () => {
    const { status, json: result } = await callWithoutTrace(withSecond(makeProject()), ['focus', 'e7']);

    expect([status, result['code']]).toEqual([12, 'backlog.no_match']);
    expect(result['message']).toContain('e1, e2');
    expect(result['hint']).toContain('autolab new ID');
  });

  it('an iteration that several experiments share, but not each of them', async () => {
    const root = withSecond(makeProject());
    addEntries(root, '  - id: e3\n    status: open\n    iteration_id: iter2\n');

    const { status, json: result } = await callWithoutTrace(root, ['focus', 'iter2']);

    expect([status, result['code']]).toEqual([12, 'backlog.several_matches']);
    expect((await call(root, ['focus', 'e3'])).json).toMatchObject({ code: 'ok', experiment_id: 'e3' });
  });

  it('a closed experiment; the command that it names opens it', async () => {
    const root = withSecond(makeProject());
    edit(root, BACKLOG, (text) => text.replace(/(id: e2[^]*?status: )open/, '$1done'));

    const { status, json: result } = await callWithoutTrace(root, ['focus', 'e2']);

    expect([status, result['code']]).toEqual([12, 'backlog.closed']);
    const [, command = ''] = /: (autolab .*)$/.exec(result['hint'] as string) ?? [];
    expect((await typeLine(root, filledIn(command))).status).toBe(0);
    expect((await call(root, ['focus', 'e2'])).status).toBe(0);
  });

  it.each([
    ['../..', '../..', 'path.unsafe_id'],
    ['none', '', 'value.missing'],
  ])('an entry whose iteration is %s, with its place', async (_what, iteration, code) => {
    const root = makeProject();
    addEntries(root, `  - id: e2\n    status: open\n${iteration === '' ? '' : `    iteration_id: ${iteration}\n`}`);

    const { status, json: result } = await callWithoutTrace(root, ['focus', 'e2']);

    expect([status, result['code']]).toEqual([12, 'backlog.invalid']);
    expect(problemsOf(result)).toMatchObject([{ file: BACKLOG, pointer: '/experiments/1/iteration_id', code }]);
  });

  it.each(['-x', '../up'])('an entry whose id %s is not safe in a path, with its place', async (id) => {
    const root = makeProject();
    addEntries(root, `  - id: ${JSON.stringify(id)}\n    status: open\n    iteration_id: iter2\n`);

    const { status, json: result } = await callWithoutTrace(root, ['focus', '--', id]);

    expect([status, result['code']]).toEqual([12, 'backlog.invalid']);
    expect(problemsOf(result)).toMatchObject([{ file: BACKLOG, pointer: '/experiments/1/id', code: 'path.unsafe_id' }]);
  });

  it('while a run is active, whose state stays as it is', async () => {
    const root = withSecond(makeProject({ entrypoint: 'sleep 60\n' }));
    await call(root, ['launch', '--detach', '--run-id', 'r1']);

    const { status, json: result } = await call(root, ['focus', 'e2']);

    expect([status, result['code']]).toEqual([13, 'run.other_active']);
    expect(stateOf(root)).toMatchObject({ experiment_id: 'e1', pending_run_id: 'r1' });
    await call(root, ['cancel']);
    expect((await call(root, ['focus', 'e2'])).status).toBe(0);
  });

  it.each([
    ['marks of a merge conflict', (text: string) => `<<<<<<< HEAD\n${text}=======\n>>>>>>> other\n`, null],
    ['a half', () => '{', null],
    [
      'an entry without a stage',
      (text: string) => text.replace(/"stage": "\w+"/, '"stage": null'),
      '/positions/0/stage',
    ],
  ])('with %s in the kept positions: nothing is lost', async (_what, damage, pointer) => {
    const root = withSecond(projectAt('update_docs'));
    await call(root, ['focus', 'e2']);
    const whole = read(root, POSITIONS);
    write(root, POSITIONS, damage(whole));
    const before = treeDigest(root);

    for (const words of [
      ['focus', 'e1'],
      ['new', 'e3', '--', 'true'],
    ]) {
      const { status, json: result } = await callWithoutTrace(root, words);
      expect([status, result['code']]).toEqual([12, 'positions.invalid']);
      expect(problemsOf(result)).toMatchObject([{ file: POSITIONS, ...(pointer === null ? {} : { pointer }) }]);
    }

    expect(treeDigest(root)).toBe(before);
    const doctor = await call(root, ['doctor']);
    expect((doctor.json['checks'] as { found: string }[]).some(({ found }) => found.includes(POSITIONS))).toBe(true);
    write(root, POSITIONS, whole);
    expect((await call(root, ['focus', 'e1'])).json['stage_after']).toBe('update_docs');
  });
});
