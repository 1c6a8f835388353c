import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { autolab, autolabJson } from '../support/autolab.ts';
import { call } from '../support/contract.ts';
import { json, makeProject, read, readJson, runIds, treeDigest, write } from '../support/project.ts';
import { manifestOf, stateOf } from '../support/runs.ts';

/** R7: tasks mapped to `launch` come first. */

const FILE = '.autolab/todo_focus.json';
const OPEN = { task_id: 't1', stage: 'launch', source: 'docs/todo.md', text: 'raise the time limit' };

function withTasks(...tasks: readonly object[]): string {
  const root = makeProject();
  write(
    root,
    FILE,
    json({ generated_at: 'today', stage: 'review', open_task_count: tasks.length, focus_tasks: tasks, their_own: 1 }),
  );
  return root;
}

describe('an open task mapped to launch', () => {
  it('is listed before anything else, and nothing is launched and no script touched', async () => {
    const root = withTasks(OPEN, { task_id: 't2', stage: 'Launch', text: 'second' });

    const ended = await autolab(root, ['launch']);

    expect(ended.status).toBe(10);
    const [head, first, second] = ended.stderr.split('\n');
    expect(head).toMatch(/^2 open task/);
    expect(first).toContain('t1: raise the time limit');
    expect(second).toContain('t2: second');
    expect(ended.stdout).toContain('[todo.open]');
    expect(runIds(root)).toEqual([]);
    expect(existsSync(join(root, 'experiments/iter1/launch'))).toBe(false);
    expect(stateOf(root)).toMatchObject({ stage: 'launch', stage_attempt: 1 });
    expect(readJson(root, '.autolab/agent_result.json')).toMatchObject({
      code: 'todo.open',
      open_todo: [{ task_id: 't1' }, { task_id: 't2' }],
    });
  });

  it('is passed over with --allow-open-todo, and the manifest says so', async () => {
    const root = withTasks(OPEN);

    const ended = await call(root, ['launch', '--run-id', 'r1', '--allow-open-todo']);

    expect(ended).toMatchObject({ status: 0, json: { code: 'run.completed' } });
    expect(manifestOf(root, 'r1')['todo']).toEqual({ allowed_open: true, open: [OPEN] });
  });

  it('may take its stage from the document', async () => {
    const root = makeProject();
    write(root, FILE, json({ stage: 'launch', focus_tasks: [{ task_id: 't1', text: 'no stage of its own' }] }));

    expect((await call(root, ['launch', '--dry-run'])).json).toMatchObject({ code: 'todo.open' });
  });
});

describe('a task that is no concern of the launch', () => {
  it('does not stop it: of another stage, or done', async () => {
    const root = withTasks(
      { task_id: 't1', stage: 'design', text: 'later' },
      { ...OPEN, task_id: 't2', status: 'Done' },
      { ...OPEN, task_id: 't3', done: true },
    );

    const ended = await call(root, ['launch', '--run-id', 'r1']);

    expect(ended.status).toBe(0);
    expect(manifestOf(root, 'r1')).not.toHaveProperty('todo');
  });
});

describe('autolab todo', () => {
  it('lists the open tasks of every stage', async () => {
    const root = withTasks(
      OPEN,
      { task_id: 't2', stage: 'design', text: 'later' },
      { ...OPEN, task_id: 't3', status: 'done' },
    );

    const [forPeople, forPrograms] = await Promise.all([
      autolab(root, ['todo', 'list']),
      autolabJson(root, ['todo', 'list']),
    ]);

    expect(forPeople.stdout).toBe('t1\tlaunch\traise the time limit\nt2\tdesign\tlater\n');
    expect(forPrograms).toMatchObject({ status: 0, json: { command: 'todo list', tasks: [OPEN, { task_id: 't2' }] } });
    expect(forPrograms.json['tasks']).toHaveLength(2);
  });

  it('marks one as done, leaves the rest as it is, and the launch may go on', async () => {
    const other = { task_id: 't2', stage: 'design', text: 'later', mine: [1.5, null] };
    const root = withTasks(OPEN, other);

    const done = await autolabJson(root, ['todo', 'done', 't1']);

    expect(done.status).toBe(0);
    expect(readJson(root, FILE)).toEqual({
      generated_at: 'today',
      stage: 'review',
      open_task_count: 1,
      focus_tasks: [other],
      their_own: 1,
    });
    expect((await call(root, ['launch', '--dry-run'])).status).toBe(0);
  });

  it('knows no task that is not there, and changes nothing then', async () => {
    const root = withTasks(OPEN);
    const before = treeDigest(root);

    const unknown = await autolabJson(root, ['todo', 'done', 't']);

    expect(unknown).toMatchObject({ status: 12, json: { outcome: 'refused', code: 'todo.unknown' } });
    expect(treeDigest(root)).toBe(before);
  });

  it('tells a file that cannot be read, with its place', async () => {
    const root = makeProject();
    write(root, FILE, '{"focus_tasks": [{"text": 1}]}\n');
    const before = read(root, FILE);

    for (const words of [
      ['todo', 'list'],
      ['todo', 'done', 't1'],
    ]) {
      const ended = await autolabJson(root, words);
      expect(ended).toMatchObject({ status: 10, json: { code: 'config.invalid' } });
      expect(ended.json['problems'][0]).toMatchObject({ file: FILE, line: 1 });
    }
    expect(read(root, FILE)).toBe(before);
  });

  it('has nothing to list where there is no file', async () => {
    const root = makeProject();

    expect(await autolab(root, ['todo', 'list'])).toMatchObject({ status: 0, stdout: 'No task is open.\n' });
    expect((await autolabJson(root, ['todo', 'done', 't1'])).json).toMatchObject({ code: 'todo.unknown' });
  });
});
