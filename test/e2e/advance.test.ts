import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inRun, startAutolab } from '../support/autolab.ts';
import { call, callWithoutTrace, problemsOf } from '../support/contract.ts';
import { edit, json, makeProject, readJson, until, write } from '../support/project.ts';
import { stateOf } from '../support/runs.ts';
import { leaveOutputs, projectAt } from '../support/stages.ts';

/** `autolab advance`: moves on if the stage has left what it must, and otherwise says what is missing, and where. */

const DESIGN = 'experiments/iter1/design.yaml';

describe('a stage that left what it must', () => {
  it.each([
    ['hypothesis', 'design'],
    ['design', 'implementation'],
    ['implementation', 'implementation_review'],
    ['extract_results', 'update_docs'],
    ['update_docs', 'decide_repeat'],
  ])('%s leads to %s, with a clean counter and an entry in the history', async (stage, next) => {
    const root = projectAt(stage, { stage_attempt: 2, of_another_program: 'kept' });
    leaveOutputs(root, stage);

    const { status, json: result } = await call(root, ['advance', '--by', 'ada']);

    expect([status, result['code']]).toEqual([0, 'ok']);
    expect(result).toMatchObject({ stage_before: stage, stage_after: next, stage_attempt: 0, problems: [] });
    expect(stateOf(root)).toMatchObject({ stage: next, stage_attempt: 0, of_another_program: 'kept' });
    expect(stateOf(root)['history']).toMatchObject([
      { by: 'ada', command: 'advance', stage_before: stage, stage_after: next },
    ]);
    expect(readJson(root, '.autolab/agent_result.json')).toMatchObject({ stage, next_stage: next, status: 'complete' });
  });

  it('leads on from there to the review, which a command of its own passes', async () => {
    const root = projectAt('hypothesis');
    for (let step = 0; step < 3; step += 1) await call(root, ['advance']);

    const { status, json: result } = await callWithoutTrace(root, ['advance']);

    expect([status, result['code']]).toEqual([12, 'stage.other_command']);
    expect(result['hint']).toContain('autolab approve --by WHO');
  });
});

interface Lack {
  readonly stage: string;
  readonly what: string;
  readonly take: (root: string) => void;
  readonly problem: Readonly<Record<string, unknown>>;
}

const BACKLOG = '.autolab/backlog.yaml';
const LACKS: readonly Lack[] = [
  {
    stage: 'hypothesis',
    what: 'no entry of the experiment',
    take: (root) => {
      edit(root, BACKLOG, (text) => text.replace('- id: e1', '- id: e2'));
    },
    problem: { file: BACKLOG, line: 5, pointer: '/experiments', code: 'backlog.no_match' },
  },
  {
    stage: 'hypothesis',
    what: 'no hypothesis for it',
    take: (root) => {
      edit(root, BACKLOG, (text) => text.replace('    hypothesis_id: h1\n', ''));
    },
    problem: { file: BACKLOG, line: 5, pointer: '/experiments/0/hypothesis_id', code: 'value.missing' },
  },
  {
    stage: 'hypothesis',
    what: 'a hypothesis that is not listed',
    take: (root) => {
      edit(root, BACKLOG, (text) => text.replace('{id: h1', '{id: h2'));
    },
    problem: { file: BACKLOG, line: 6, column: 20, pointer: '/experiments/0/hypothesis_id', code: 'value.invalid' },
  },
  {
    stage: 'hypothesis',
    what: 'a hypothesis that says nothing',
    take: (root) => {
      edit(root, BACKLOG, (text) => text.replace('title: It learns, ', ''));
    },
    problem: { file: BACKLOG, line: 3, pointer: '/hypotheses/0/title', code: 'value.missing' },
  },
  {
    stage: 'design',
    what: 'no design',
    take: (root) => {
      rmSync(join(root, DESIGN));
    },
    problem: { file: DESIGN, line: null, code: 'file.missing' },
  },
  {
    stage: 'design',
    what: 'a wrong value in the design',
    take: (root) => {
      edit(root, DESIGN, (text) => text.replace('location: local', 'location: moon'));
    },
    problem: { file: DESIGN, pointer: '/compute/location', code: 'value.invalid' },
  },
  {
    stage: 'implementation',
    what: 'no script',
    take: (root) => {
      rmSync(join(root, 'experiments/iter1/main.sh'));
    },
    problem: { file: DESIGN, line: 5, pointer: '/entrypoint/command/1', code: 'file.missing' },
  },
  {
    stage: 'implementation',
    what: 'no activation',
    take: (root) => {
      rmSync(join(root, 'docs/environment.md'));
    },
    problem: { file: 'docs/environment.md', code: 'file.missing' },
  },
  {
    stage: 'implementation',
    what: 'an activation for another mode only',
    take: (root) => {
      edit(root, 'docs/environment.md', (text) => text.replace('## Activation', '## Activation on Slurm'));
    },
    problem: { file: 'docs/environment.md', code: 'environment.invalid' },
  },
  {
    stage: 'extract_results',
    what: 'no analysis',
    take: (root) => {
      rmSync(join(root, 'experiments/iter1/analysis/r1.json'));
    },
    problem: { file: 'experiments/iter1/analysis/r1.json', code: 'file.missing' },
  },
  {
    stage: 'extract_results',
    what: 'an analysis that is none',
    take: (root) => {
      edit(root, 'experiments/iter1/analysis/r1.json', (text) => text.replace('"no_metrics"', '"good"'));
    },
    problem: { file: 'experiments/iter1/analysis/r1.json', pointer: '/verdict', code: 'value.invalid' },
  },
  {
    stage: 'update_docs',
    what: 'a page without the table',
    take: (root) => {
      write(root, 'docs/results.md', '# Results\n');
    },
    problem: { file: 'docs/results.md', code: 'value.missing' },
  },
  {
    stage: 'extract_results',
    what: 'no run',
    take: (root) => {
      edit(root, '.autolab/state.json', (text) => text.replace('"last_run_id": "r1"', '"last_run_id": ""'));
    },
    problem: { file: '.autolab/state.json', pointer: '/last_run_id', code: 'value.missing' },
  },
  {
    stage: 'update_docs',
    what: 'no table of results',
    take: (root) => {
      rmSync(join(root, 'docs/results.md'));
    },
    problem: { file: 'docs/results.md', code: 'file.missing' },
  },
];

describe('a stage that lacks something', () => {
  it.each(LACKS.map((lack) => [lack.stage, lack.what, lack] as const))(
    '%s with %s stays, and costs no attempt',
    async (stage, _what, { take, problem }) => {
      const root = projectAt(stage, { stage_attempt: 1 });
      leaveOutputs(root, stage);
      take(root);

      const { status, json: result } = await callWithoutTrace(root, ['advance']);

      expect([status, result['code']]).toEqual([10, 'stage.incomplete']);
      expect(result).toMatchObject({ stage_after: stage, stage_attempt: 1, attempt_counted: false });
      expect(problemsOf(result)).toMatchObject([problem]);
    },
  );

  it('hears of everything at once', async () => {
    const root = projectAt('implementation');
    rmSync(join(root, 'experiments/iter1/main.sh'));
    rmSync(join(root, 'docs/environment.md'));
    edit(root, DESIGN, (text) => text.replace('cpus: 1', 'cpus: few'));

    const { json: result } = await callWithoutTrace(root, ['advance']);

    expect(problemsOf(result).map(({ file }) => file)).toEqual([DESIGN, 'docs/environment.md', DESIGN]);
    expect(result['hint']).toContain('autolab render --stage implementation --stdout');
  });
});

describe('the program that an entrypoint runs', () => {
  it.each([
    [['python', '-u', 'src/train.py', '--out', '{{run_dir}}/model.py'], ['src/train.py']],
    [['./run', '--config', 'a.yaml'], ['./run']],
    [['torchrun', '--nproc-per-node=2', 'train.py'], []],
    [['torchrun', 'train.py'], ['train.py']],
    [['python', '-m', 'package.train'], []],
    [['bash', '-c', 'echo a.sh'], []],
    [['{{repo_root}}/tools/go.sh'], ['tools/go.sh']],
    [['bash', 'experiments/{{iteration_id}}/other.sh'], ['experiments/iter1/other.sh']],
    [['/usr/bin/env', 'python3', '{{scratch}}/x.py'], []],
  ])('%j', async (command, missing) => {
    const root = makeProject({ command, state: { stage: 'implementation' } });

    const { json: result } = await call(root, ['advance']);

    expect(
      problemsOf(result).map(({ message }) => /`([^`]*)`|"([^"]*)"/.exec(message)?.slice(1).find(Boolean)),
    ).toEqual(missing);
  });
});

describe('what advance does not do', () => {
  it.each([
    ['launch', 12, 'stage.other_command', 'autolab launch'],
    ['implementation_review', 12, 'stage.other_command', 'autolab approve --by WHO'],
    ['decide_repeat', 12, 'stage.other_command', 'autolab decide'],
    ['human_review', 11, 'state.human_review', 'autolab review'],
    ['stop', 12, 'stage.other_command', 'autolab new ID'],
    ['slurm_monitor', 12, 'state.wrong_stage', 'the workflow around autolab'],
    ['desgin', 12, 'state.wrong_stage', 'design'],
  ])('at %s it refuses, and says which command does it', async (stage, exit, code, hint) => {
    const root = projectAt(stage);
    leaveOutputs(root, stage);

    const { status, json: result } = await callWithoutTrace(root, ['advance']);

    expect([status, result['code']]).toEqual([exit, code]);
    expect(result['hint']).toContain(hint);
  });

  it('does not touch a closed experiment', async () => {
    const root = projectAt('design');
    edit(root, BACKLOG, (text) => text.replace('    status: open', '    status: done'));

    const { status, json: result } = await callWithoutTrace(root, ['advance']);

    expect([status, result['code']]).toEqual([12, 'backlog.closed']);
    expect(result['hint']).toContain('autolab backlog reopen e1 --by WHO --note TEXT');
  });

  it('does not move a workflow whose run is active, whatever the state says', async () => {
    const root = makeProject({
      entrypoint: 'until test -e "$AUTOLAB_RUN_DIR/go"; do sleep 0.1; done\n',
      artifacts: [],
    });
    const running = startAutolab(root, ['launch', '--run-id', 'r1']);
    await until('the entrypoint runs', () => existsSync(inRun(root, 'iter1', 'r1', 'receipt', 'entrypoint.json')));
    write(root, '.autolab/state.json', json({ ...stateOf(root), stage: 'design' }));

    const { status, json: result } = await call(root, ['advance']);

    expect([status, result['code']]).toEqual([13, 'run.other_active']);
    expect(stateOf(root)['stage']).toBe('design');
    await call(root, ['cancel']);
    await running.ended;
  });
});
