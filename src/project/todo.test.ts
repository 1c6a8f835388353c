import { describe, expect, it } from 'vitest';
import { markDone, openLaunchTasks, parseTodo } from './todo.ts';

const TEXT = JSON.stringify({
  generated_at: '2026-01-01T00:00:00.000Z',
  stage: 'launch',
  open_task_count: 4,
  mine: 1,
  focus_tasks: [
    { task_id: 't1', stage: 'Launch', source: 'docs/todo.md', text: 'raise the limit' },
    { task_id: 't10', stage: 'design', text: 'no' },
    { task_id: 't3', text: 'of the stage of the file', extra: [1] },
    { task_id: 't4', stage: 'launch', status: 'Done', text: 'closed' },
    { task_id: 't5', stage: 'launch', done: true, text: 'closed' },
    { task_id: 't6', stage: ' LAUNCH ', status: 'open', text: 'open' },
  ],
});

describe('todo focus (R7)', () => {
  it('lists the open tasks of launch', () => {
    const { value, problems } = parseTodo(TEXT, 't');
    expect(problems).toEqual([]);
    expect(value && openLaunchTasks(value).map(({ task_id }) => task_id)).toEqual(['t1', 't3', 't6']);
    expect(value && openLaunchTasks(value)[0]).toEqual({
      task_id: 't1',
      stage: 'Launch',
      source: 'docs/todo.md',
      text: 'raise the limit',
    });
  });

  it('takes a task off the list, counts, and keeps the rest', () => {
    const result = markDone(TEXT, 't1');
    const after = JSON.parse('text' in result ? result.text : '{}') as { focus_tasks: { task_id: string }[] };
    expect(after).toMatchObject({ open_task_count: 3, mine: 1, stage: 'launch' });
    expect(after.focus_tasks.map(({ task_id }) => task_id)).toEqual(['t10', 't3', 't4', 't5', 't6']);
    expect(after.focus_tasks[1]).toEqual({ task_id: 't3', text: 'of the stage of the file', extra: [1] });
  });

  it('does not count a closed task twice, nor invent a count', () => {
    expect(markDone(TEXT, 't4')).toHaveProperty('text', expect.stringContaining('"open_task_count":4'));
    expect(markDone('{"focus_tasks": [{"task_id": "a"}]}', 'a')).not.toHaveProperty(
      'text',
      expect.stringContaining('open_task_count'),
    );
  });

  it('says what it cannot do', () => {
    expect(markDone(TEXT, 't')).toMatchObject({ code: 'todo.unknown', message: 'there is no task `t`' });
    expect(markDone('{', 't')).toMatchObject({ code: 'file.syntax' });
    expect(parseTodo('{"focus_tasks": [{"task_id": 3}]}', 't').problems[0]).toMatchObject({
      code: 'value.type',
      pointer: '/focus_tasks/0/task_id',
    });
  });
});
