import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { call, callWithoutTrace, codesOf, gitStatus } from '../support/contract.ts';
import {
  commitAll,
  edit,
  json as jsonText,
  makeProject,
  read,
  readJson,
  runIds,
  treeDigest,
  write,
} from '../support/project.ts';
import { eachOf } from '../support/runs.ts';

/** R2, R10: what the guards refuse leaves no trace, neither in the tree nor in what git sees of it. */

const BACKLOG = '.autolab/backlog.yaml';
const STATE = '.autolab/state.json';

function setStatus(root: string, status: string): void {
  edit(root, BACKLOG, (text) => text.replace('    status: open', `    status: ${status}`));
}

function setState(root: string, patch: Readonly<Record<string, unknown>>): void {
  write(root, STATE, jsonText({ ...readJson(root, STATE), ...patch }));
}

describe('a stage that only the workflow around autolab knows', () => {
  it.each([
    ['slurm_monitor', 'a stage of the workflow around autolab'],
    ['lunch', 'did you mean `launch`?'],
  ])('%s is a stage all the same, and not `launch`', async (stage, hint) => {
    const root = makeProject();
    setState(root, { stage, assistant_mode: 'on', current_task_id: 't1' });

    const refused = await callWithoutTrace(root, ['launch']);

    expect(refused).toMatchObject({ status: 12, json: { code: 'state.wrong_stage', problems: [] } });
    expect(refused.json['hint']).toContain(hint);
    expect(await callWithoutTrace(root, ['status'])).toMatchObject({ status: 0, json: { stage_before: stage } });
  });
});

describe('an iteration in a folder of its type', () => {
  it('is named, with the link that makes it found, and launched through it', async () => {
    const root = makeProject();
    mkdirSync(join(root, 'experiments/plan'));
    renameSync(join(root, 'experiments/iter1'), join(root, 'experiments/plan/iter1'));

    for (const words of [['launch'], ['launch', '--dry-run'], ['render']]) {
      const refused = await callWithoutTrace(root, words);
      expect(refused, words.join(' ')).toMatchObject({ status: 12, json: { code: 'iteration.elsewhere' } });
      expect(refused.json['message']).toContain('experiments/plan/iter1');
      expect(refused.json['hint']).toContain('ln -sfn plan/iter1 experiments/iter1');
    }
    symlinkSync('plan/iter1', join(root, 'experiments/iter1'));
    expect(await call(root, ['launch'])).toMatchObject({ status: 0, json: { code: 'run.completed' } });
  });

  it('is named whatever the folder is called, if it is the only one with a design', async () => {
    const root = makeProject();
    mkdirSync(join(root, 'experiments/ablation'));
    renameSync(join(root, 'experiments/iter1'), join(root, 'experiments/ablation/iter1'));

    const refused = await callWithoutTrace(root, ['launch']);

    expect(refused.json['code']).toBe('iteration.elsewhere');
    expect(refused.json['hint']).toContain('ln -sfn ablation/iter1 experiments/iter1');
  });
});

describe('a closed experiment', () => {
  it.each(['done', 'Completed', 'CLOSED', 'resolved', '" Done "'])('%s is not launched', async (status) => {
    const root = makeProject();
    setStatus(root, status);

    const refused = await callWithoutTrace(root, ['launch', '--run-id', 'r1']);

    expect(refused).toMatchObject({ status: 12, json: { outcome: 'refused', code: 'backlog.closed' } });
    expect(refused.json['message']).toContain('e1');
    expect(refused.json['hint']).toContain('autolab backlog reopen e1');
  });

  it('stays closed, however often and in whatever way it is asked, until a person opens the file', async () => {
    const root = makeProject({ git: true });
    setStatus(root, 'done');
    commitAll(root);

    for (const words of [
      ['launch', '--dry-run'],
      ['launch', '--allow-open-todo', '--detach'],
      ['render'],
      ['launch'],
    ]) {
      const refused = await callWithoutTrace(root, words);
      expect(refused, words.join(' ')).toMatchObject({ status: 12, json: { code: 'backlog.closed' } });
    }
    edit(root, BACKLOG, (text) => text.replace('status: done', 'status: open'));
    const launched = await call(root, ['launch']);

    expect(launched).toMatchObject({ status: 0, json: { code: 'run.completed' } });
  });

  it('whose status only resembles a closed one is launched with a warning', async () => {
    const root = makeProject();
    setStatus(root, 'complted');

    const launched = await call(root, ['launch', '--dry-run']);

    expect(launched.status).toBe(0);
    expect(launched.json['problems']).toMatchObject([{ file: BACKLOG, severity: 'warning' }]);
  });
});

describe('the backlog entry', () => {
  it.each([
    ['an id that matches none', { experiment_id: 'e9' }, 'backlog.no_match', 'e9'],
    ['an iteration that is of no entry', { experiment_id: '', iteration_id: 'iter9' }, 'backlog.no_match', 'iter9'],
    ['an id that belongs to another iteration', { iteration_id: 'iter9' }, 'backlog.no_match', 'iter1'],
  ])('%s is reported by name', async (_, patch, code, name) => {
    const root = makeProject();
    setState(root, patch);

    const refused = await callWithoutTrace(root, ['launch']);

    expect(refused).toMatchObject({ status: 12, json: { outcome: 'refused', code } });
    expect(refused.json['message']).toContain(name);
  });

  it.each([
    ['ids', '  - {id: e1, status: open, iteration_id: iter1}\n', {}, ['e1']],
    ['iterations', '  - {id: e2, status: done, iteration_id: iter1}\n', { experiment_id: '' }, ['e1', 'e2']],
  ] as const)('several with the same %s are reported by name', async (_, entry, patch, names) => {
    const root = makeProject();
    edit(root, BACKLOG, (text) => text + entry);
    setState(root, patch);

    const refused = await callWithoutTrace(root, ['launch']);

    expect(refused).toMatchObject({ status: 12, json: { code: 'backlog.several_matches' } });
    for (const name of names) expect(refused.json['message']).toContain(name);
  });

  it('of a neighbour is no concern of ours', async () => {
    const root = makeProject();
    edit(root, BACKLOG, (text) => `${text}  - {id: e2, status: done, iteration_id: iter2}\n`);

    expect((await call(root, ['launch', '--dry-run'])).status).toBe(0);
  });
});

describe('ids that would not stay where they belong', () => {
  it('iteration ids, whatever is wrong with them', async () => {
    const ids = [
      '../iter1',
      'a/b',
      'a\\b',
      '..',
      '.hidden',
      '-rf',
      'a\u0007b',
      'a\nb',
      'a\u202Eb',
      'x'.repeat(129),
      '<ITERATION_ID>',
      '{{iteration_id}}',
      '',
    ];

    await eachOf(ids, async (id) => {
      const root = makeProject({ state: { iteration_id: id } });
      edit(root, BACKLOG, (text) => text.replace('iteration_id: iter1', () => `iteration_id: ${JSON.stringify(id)}`));

      const refused = await callWithoutTrace(root, ['launch']);

      expect(refused, JSON.stringify(id)).toMatchObject({ status: 12, json: { outcome: 'refused' } });
      expect(codesOf(refused.json), JSON.stringify(id)).toContain('path.unsafe_id');
    });
  });

  it('experiment id', async () => {
    const root = makeProject();
    setState(root, { experiment_id: '../e1' });

    const refused = await callWithoutTrace(root, ['launch']);

    expect(refused.status).toBe(12);
    expect(codesOf(refused.json)).toContain('path.unsafe_id');
  });

  it('run ids, whatever is wrong with them', async () => {
    const root = makeProject({ git: true });
    const before = treeDigest(root) + gitStatus(root);

    await eachOf(
      ['../r1', 'a/b', '-r', '.r', 'a b', 'r\n1', 'ü', 'r'.repeat(65), '<RUN_ID>', '{{run_id}}', ''],
      async (id) => {
        const refused = await call(root, ['launch', `--run-id=${id}`]);
        expect(refused, JSON.stringify(id)).toMatchObject({
          status: 12,
          json: { outcome: 'refused', code: 'path.unsafe_id' },
        });
      },
    );

    expect(treeDigest(root) + gitStatus(root)).toBe(before);
  });

  it('run id that a caller left in the state', async () => {
    const root = makeProject();
    setState(root, { pending_run_id: '../../elsewhere' });

    const refused = await callWithoutTrace(root, ['launch']);

    expect(refused.status).toBe(12);
    expect(codesOf(refused.json)).toContain('path.unsafe_id');
  });

  it('the longest run id that is allowed is allowed; that of a run that exists is not', async () => {
    const root = makeProject();
    const id = `R${'0._-'.repeat(16).slice(0, 63)}`;

    const launched = await call(root, ['launch', '--run-id', id]);
    setState(root, { stage: 'launch' });
    const again = await callWithoutTrace(root, ['launch', '--run-id', id]);

    expect(launched).toMatchObject({ status: 0, json: { run_id: id } });
    expect(again).toMatchObject({ status: 12, json: { code: 'run.exists' } });
    expect(runIds(root)).toEqual([id]);
  });

  it('the run id that a caller left in the state is taken', async () => {
    const root = makeProject({ state: { pending_run_id: 'asked-for' } });

    const launched = await call(root, ['launch']);

    expect(launched).toMatchObject({
      status: 0,
      json: { run_id: 'asked-for', run_dir: 'experiments/iter1/runs/asked-for' },
    });
  });
});

describe('where the workflow stands', () => {
  it.each(['hypothesis', 'implementation_review', 'extract_results', 'stop'])(
    'nothing is launched at the stage %s',
    async (stage) => {
      const root = makeProject({ state: { stage } });

      const refused = await callWithoutTrace(root, ['launch']);

      expect(refused).toMatchObject({ status: 12, json: { code: 'state.wrong_stage' } });
      expect(refused.json['message']).toContain(stage);
    },
  );

  it('at human_review a person is asked for', async () => {
    const root = makeProject({ state: { stage: 'human_review', stage_attempt: 3 } });

    const refused = await callWithoutTrace(root, ['launch']);

    expect(refused).toMatchObject({ status: 11, json: { outcome: 'human_review', code: 'state.human_review' } });
    expect(refused.json['hint']).toContain('autolab review');
  });

  it.each([
    ['state.missing', STATE],
    ['backlog.missing', BACKLOG],
  ])('%s', async (code, file) => {
    const root = makeProject();
    rmSync(join(root, file));

    const refused = await callWithoutTrace(root, ['launch']);

    expect(refused).toMatchObject({ status: 12, json: { code, problems: [{ file, code: 'file.missing' }] } });
  });

  it('a backlog that lists nothing matches nothing', async () => {
    const root = makeProject();
    write(root, BACKLOG, 'hypotheses: []\nexperiments: []\n');

    const refused = await callWithoutTrace(root, ['launch']);

    expect(refused).toMatchObject({ status: 12, json: { code: 'backlog.no_match' } });
    expect(read(root, STATE)).toContain('"stage": "launch"');
  });
});
