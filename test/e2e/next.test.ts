import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VERBS } from '../../src/cli/verbs.ts';
import { STAGES } from '../../src/project/state.ts';
import { reviewable } from '../support/approval.ts';
import { autolab, type JsonEnded } from '../support/autolab.ts';
import { call, callWithoutTrace, problemsOf } from '../support/contract.ts';
import { edit, json, makeProject, read, readJson, temporaryFolder, until, write } from '../support/project.ts';
import { ranProject } from '../support/results.ts';
import { hasClaim, stateOf } from '../support/runs.ts';
import { projectAt } from '../support/stages.ts';
import { filledIn, typeLine } from '../support/typed.ts';

/** `autolab next`: whose turn it is, and a line that works when it is typed. */

const DESIGN = 'experiments/iter1/design.yaml';
const REVIEW = 'experiments/iter1/review_result.json';
const BACKLOG = '.autolab/backlog.yaml';
const METRICS = 'experiments/iter1/runs/r1/metrics.json';

interface Line {
  readonly command: string;
}

async function nextOf(root: string): Promise<JsonEnded['json']> {
  const { status, json: result } = await callWithoutTrace(root, ['next']);
  expect([status, result['code']]).toEqual([0, 'ok']);
  return result;
}

function linesOf(result: JsonEnded['json']): readonly string[] {
  const alternatives = result['alternatives'] as readonly Line[];
  const first = result['next_command'] as string | null;
  return [...(first === null ? [] : [first]), ...alternatives.map(({ command }) => command)];
}

/** Without a terminal nobody can be asked. */
function typed(line: string): string {
  return `${filledIn(line)}${line.startsWith('autolab approve') ? ' --yes' : ''}`;
}

describe('next', () => {
  it.each([
    ['hypothesis', 'author', 'autolab advance'],
    ['design', 'author', 'autolab advance'],
    ['implementation', 'author', 'autolab advance'],
    ['implementation_review', 'reviewer', 'autolab approve --by WHO'],
    ['launch', 'autolab', 'autolab launch'],
    ['extract_results', 'autolab', 'autolab extract'],
    ['update_docs', 'autolab', 'autolab document'],
    ['decide_repeat', 'reviewer', 'autolab decide stop --by WHO --note TEXT'],
    ['human_review', 'reviewer', 'autolab review retry --by WHO --note TEXT'],
    ['stop', 'author', 'autolab new ID'],
    ['slurm_monitor', null, null],
  ])('at %s says that it is the turn of %s, with the command', async (stage, who, command) => {
    const root = projectAt(stage);

    const result = await nextOf(root);

    expect(result).toMatchObject({ stage, who, next_command: command, problems: [], stage_after: stage });
    expect(result).toMatchObject({ iteration_id: 'iter1', experiment_id: 'e1' });
    const { status, stdout } = await autolab(root, ['next']);
    expect(status).toBe(0);
    expect(stdout).toContain(stage === 'stop' ? 'has ended' : stage);
    for (const line of linesOf(result)) expect(stdout).toContain(line);
    expect((await call(root, ['status'])).json['next_command']).toBe(command);
  });

  it.each(['hypothesis', 'design', 'implementation', 'implementation_review', 'launch', 'human_review', 'stop'])(
    'gives lines at %s each of which works when it is typed',
    async (stage) => {
      // What a run can be repeated from is a record, which these projects do not have.
      const state = stage === 'stop' ? { last_run_id: '' } : {};
      for (const line of linesOf(await nextOf(projectAt(stage, state)))) {
        const { status, stderr } = await typeLine(projectAt(stage, state), typed(line));
        expect([line, status, stderr.includes('Usage')]).toEqual([line, 0, false]);
      }
    },
  );

  it('leads from the hypothesis to the end, if each line that it gives is typed', async () => {
    const root = projectAt('hypothesis');
    const stages: string[] = [];
    for (let step = 0; step < STAGES.length && stages.at(-1) !== 'stop'; step += 1) {
      const { stage, next_command: line } = await nextOf(root);
      stages.push(stage as string);
      if (!VERBS.some(({ name }) => name === (line as string).split(' ')[1])) break;
      const { status, stderr } = await typeLine(root, typed(line as string));
      expect([line, status, stderr.includes('Usage')]).toEqual([line, 0, false]);
    }
    expect(stages).toEqual(STAGES.filter((stage) => stage !== 'human_review').slice(0, stages.length));
    expect(stages.length).toBeGreaterThan(6);
  });

  it.each(['hypothesis', 'design', 'implementation'])(
    'at %s lists what is missing, and leads to the page that says what to do',
    async (stage) => {
      const root = projectAt(stage);
      write(root, BACKLOG, read(root, BACKLOG).replace('hypothesis_id: h1', 'hypothesis_id: h7'));
      rmSync(join(root, DESIGN));

      const result = await nextOf(root);

      expect(result).toMatchObject({ who: 'author', next_command: `autolab render --stage ${stage} --stdout` });
      expect(problemsOf(result).length).toBeGreaterThan(0);
      expect(linesOf(result)).toContain('autolab advance');
    },
  );
});

describe('next after a failure', () => {
  it('tells the author what the reviewer found, until the author goes on', async () => {
    const root = reviewable();
    await call(root, ['reject', '--by', 'ada', '--note', 'seed is not fixed']);

    const result = await nextOf(root);

    expect(result).toMatchObject({ who: 'author', next_command: 'autolab render --stage implementation --stdout' });
    expect(linesOf(result)).toContain('autolab advance');
    const found = [{ file: REVIEW, pointer: '/blocking_findings/0', code: 'review.blocking_findings' }];
    expect(problemsOf(result)).toMatchObject(found);
    expect((await autolab(root, ['next'])).stderr).toContain('seed is not fixed');
    const doctor = await call(root, ['doctor']);
    expect(problemsOf(doctor.json)).toMatchObject(found);
    expect(doctor.json['next_command']).toBe('autolab render --stage implementation --stdout');
    expect((await call(root, ['advance'])).json['stage_after']).toBe('implementation_review');
    expect(problemsOf(await nextOf(root))).toEqual([]);
  });

  it('tells what a check of the approval found', async () => {
    const root = reviewable();
    write(root, '.autolab/launch.yaml', 'checks: {tests: ["false"]}\n');
    await call(root, ['approve', '--by', 'ada', '--yes']);

    const { stderr } = await autolab(root, ['next']);

    expect(stderr).toContain('tests: ');
    expect(stderr).toContain(`${REVIEW}:`);
  });

  it.each([
    ['metrics.missing', DESIGN, (text: string) => text.replace('name: accuracy', 'name: accurracy')],
    ['metrics.changed', METRICS, (text: string) => text.replace('0.75', '0.99')],
    ['design.invalid', DESIGN, () => 'schema_version: [\n'],
  ])('says why the results cannot be read (%s), and the ways out', async (code, file, change) => {
    const root = await ranProject();
    edit(root, file, change);
    expect((await call(root, ['extract'])).json['code']).toBe(code);

    const result = await nextOf(root);

    expect(result).toMatchObject({ stage: 'extract_results', who: 'author', next_command: 'autolab extract' });
    expect(result['message']).toContain('the results cannot be read');
    expect(problemsOf(result)[0]).toMatchObject({
      file: file === DESIGN && code !== 'design.invalid' ? METRICS : file,
    });
    expect(linesOf(result)).toContain('autolab decide repeat --at implementation --by WHO --note TEXT');
    expect(problemsOf((await call(root, ['doctor'])).json).length).toBeGreaterThan(0);
  });
});

describe('next with an agent', () => {
  const AGENT = '.autolab/agent.yaml';

  it('lets it do the stages that are its own, and no others', async () => {
    const root = projectAt('design');
    write(root, AGENT, 'command: [my-agent]\nstages: [design]\n');
    rmSync(join(root, DESIGN));

    const result = await nextOf(root);

    expect(result).toMatchObject({ stage: 'design', who: 'agent', next_command: 'autolab run' });
    expect(linesOf(result)).toContain('autolab advance');
    write(root, '.autolab/state.json', json({ ...stateOf(root), stage: 'implementation' }));
    expect(await nextOf(root)).toMatchObject({ who: 'author' });
    write(root, '.autolab/state.json', json({ ...stateOf(root), stage: 'implementation_review' }));
    expect(await nextOf(root)).toMatchObject({ who: 'reviewer', next_command: 'autolab approve --by WHO' });
  });
});

describe('next where there is nothing yet', () => {
  it('leads from no project to a project, and from there to an experiment', async () => {
    const folder = temporaryFolder();

    const { status, json: none } = await call(folder, ['next']);
    expect([status, none['code'], none['next_command']]).toEqual([12, 'project.not_found', 'autolab init']);

    expect((await typeLine(folder, none['next_command'] as string)).status).toBe(0);
    expect(await nextOf(folder)).toMatchObject({
      ...{ stage: 'hypothesis', who: 'author', next_command: 'autolab new ID', problems: [] },
      message: 'There is no experiment yet: autolab new ID -- COMMAND',
    });
  });

  it('reports a state that cannot be read as every command does', async () => {
    const root = makeProject();
    write(root, '.autolab/state.json', '{"iteration_id": ');

    const { status, json: result } = await callWithoutTrace(root, ['next']);

    expect([status, result['code']]).toEqual([12, 'state.invalid']);
    expect(problemsOf(result)).toMatchObject([{ file: '.autolab/state.json', line: 1 }]);
  });
});

describe('next before a launch', () => {
  it('does not send anybody into a launch that the review would refuse', async () => {
    const root = makeProject();
    write(root, REVIEW, json({ ...readJson(root, REVIEW), blocking_findings: ['the seed is not set'] }));

    const result = await nextOf(root);

    expect(result).toMatchObject({ who: 'reviewer', next_command: 'autolab approve --by WHO' });
    expect(problemsOf(result)).toMatchObject([{ file: REVIEW, line: 4, pointer: '/blocking_findings/0' }]);
  });

  it('nor into one whose approval is of another design', async () => {
    const root = makeProject();
    write(root, REVIEW, json({ ...readJson(root, REVIEW), approved: { design: 'a'.repeat(64) } }));

    const result = await nextOf(root);

    expect(result).toMatchObject({ who: 'reviewer', next_command: 'autolab approve --by WHO' });
    expect(problemsOf(result)).toMatchObject([{ file: DESIGN, code: 'review.stale' }]);
    expect(result['approved_digest']).toMatch(/^[0-9a-f]{64}$/);
    expect((await call(root, ['status'])).json['approved_digest']).toBe(result['approved_digest']);
  });

  it('nor into one of a design with errors, each of which has its place', async () => {
    const root = makeProject({ compute: { cpus: 'few' } });

    const result = await nextOf(root);

    expect(result).toMatchObject({ who: 'author', next_command: 'autolab launch --dry-run' });
    expect(problemsOf(result)).toMatchObject([{ file: DESIGN, pointer: '/compute/cpus' }]);
  });

  it('names the tasks that come first', async () => {
    const root = makeProject();
    write(root, '.autolab/todo_focus.json', json({ focus_tasks: [{ task_id: 't1', stage: 'launch', text: 'look' }] }));

    const result = await nextOf(root);

    expect(linesOf(result)).toEqual(['autolab todo list', 'autolab launch', 'autolab launch --allow-open-todo']);
    expect(problemsOf(result)).toMatchObject([{ file: '.autolab/todo_focus.json', code: 'todo.open' }]);
  });
});

describe('next of a closed experiment', () => {
  it.each([
    ['launch', 'autolab backlog reopen e1 --by WHO --note TEXT'],
    ['stop', 'autolab focus e2'],
  ])('at %s leads to %s', async (stage, command) => {
    const root = projectAt(stage);
    edit(
      root,
      BACKLOG,
      (text) =>
        `${text.replace('status: open\n', 'status: done\n')}  - id: e2\n    status: open\n    iteration_id: iter2\n`,
    );

    const result = await nextOf(root);

    expect(result['next_command']).toBe(command);
    expect(linesOf(result)).toContain('autolab backlog reopen e1 --by WHO --note TEXT');
    expect(linesOf(result)).toContain('autolab focus e2');
  });
});

it('quotes the names of experiments for a shell', async () => {
  const root = projectAt('stop');
  const ids = ['it\'s "odd" $(id)', 'two words', 'naïve'];
  // The state cannot name these.
  for (const [index, id] of [...ids, '-x', '../up'].entries())
    edit(
      root,
      BACKLOG,
      (text) => `${text}  - id: ${JSON.stringify(id)}\n    status: open\n    iteration_id: odd${index}\n`,
    );

  const lines = linesOf(await nextOf(root)).filter((line) => line.startsWith('autolab focus'));

  expect(lines).toHaveLength(ids.length);
  for (const [index, line] of lines.entries()) {
    expect((await typeLine(root, line)).status, line).toBe(0);
    expect(stateOf(root)).toMatchObject({ experiment_id: ids[index], iteration_id: `odd${index}` });
  }
});

describe('next while a run is open', () => {
  const waiting = {
    entrypoint: 'until test -e "$AUTOLAB_RUN_DIR/go"; do sleep 0.1; done\necho {} > "$AUTOLAB_RUN_DIR/metrics.json"\n',
  };

  it('continues it, and stops it, whatever the stage is', async () => {
    const root = makeProject(waiting);
    await call(root, ['launch', '--detach', '--run-id', 'r1']);

    const { json: open } = await call(root, ['next']);
    expect(open).toMatchObject({ stage: 'launch', who: 'autolab', run_id: 'r1', next_command: 'autolab resume' });
    expect(linesOf(open)).toContain('autolab cancel');

    write(root, 'experiments/iter1/runs/r1/go', '');
    expect((await typeLine(root, open['next_command'] as string)).status).toBe(0);
    expect(await nextOf(root)).toMatchObject({
      stage: 'extract_results',
      next_command: 'autolab extract',
      run_id: 'r1',
    });
  });

  it('follows one that a process drives already', async () => {
    const root = makeProject(waiting);
    const driver = autolab(root, ['launch', '--run-id', 'r1']);
    await until('the run is open', () => hasClaim(root));

    const { json: driven } = await call(root, ['next']);

    expect(driven).toMatchObject({ who: 'autolab', next_command: 'autolab logs -f' });
    write(root, 'experiments/iter1/runs/r1/go', '');
    await driver;
  });

  it('asks the operator if its attempts are used up', async () => {
    const root = makeProject({ artifacts: ['never.json'], state: { max_stage_attempts: 1 } });
    await call(root, ['launch', '--run-id', 'r1']);
    expect([stateOf(root)['stage'], hasClaim(root)]).toEqual(['human_review', true]);

    const result = await nextOf(root);

    expect(result).toMatchObject({ who: 'reviewer', next_command: 'autolab review retry --by WHO --note TEXT' });
    expect((await typeLine(root, filledIn(result['next_command'] as string))).status).toBe(0);
  });

  it('abandons one whose journal is damaged', async () => {
    const root = makeProject(waiting);
    await call(root, ['launch', '--detach', '--run-id', 'r1']);
    const journal = 'experiments/iter1/runs/r1/journal.jsonl';
    rmSync(join(root, journal));
    mkdirSync(join(root, journal));

    const { json: result } = await call(root, ['next']);

    expect(result['next_command']).toBe('autolab cancel --force --by WHO --note TEXT');
    const { stdout } = await typeLine(root, filledIn(result['next_command'] as string));
    expect(stdout).toContain('[run.abandoned]');
    expect((await call(root, ['next'])).json).toMatchObject({ stage: 'launch', next_command: 'autolab launch' });
  });
});
