import { describe, expect, it } from 'vitest';
import { fc } from '../../test/support/properties.ts';
import { parseTodo } from './todo.ts';
import { parseTodoList, tickTask } from './todo-list.ts';
import { syncFocus } from './todo-sync.ts';

const NEWS = { generated_at: '2026-11-24T03:15:00.000Z', stage: 'launch' };

const LIST = `# To do

- [ ] raise the time limit (stage: launch)
  * [X] done before [stage: design] (id: old)
  1. [ ] nested, with an id (id: t3) (stage: Launch)
- [ ] no stage: not for autolab
- [x](stage: launch) no space: no box
\`\`\`
- [ ] in a fence (stage: launch)
\`\`\`
<!--
- [ ] in a comment (stage: launch)
-->
+ [ ] raise the time limit (stage: design)
`;

describe('docs/todo.md', () => {
  it('has the tasks with a stage, done ones too', () => {
    const { tasks, problems } = parseTodoList(LIST);

    expect(problems).toEqual([]);
    expect(tasks.map(({ task_id, stage, text, done, line }) => [task_id, stage, text, done, line])).toEqual([
      [expect.stringMatching(/^t-[0-9a-f]{8}$/), 'launch', 'raise the time limit', false, 3],
      ['old', 'design', 'done before', true, 4],
      ['t3', 'launch', 'nested, with an id', false, 5],
      [`${tasks[0]?.task_id ?? ''}-2`, 'design', 'raise the time limit', false, 14],
    ]);
  });

  it.each([
    ['- [ ] a (stage: lanuch)\n', 1, 'value.invalid'],
    ['- [ ] (stage: launch)\n', 1, 'value.missing'],
    ['- [ ] a (stage: launch) (id: t)\n\n- [ ] b (stage: design) (id: t)\n', 3, 'value.conflict'],
  ])('says what is wrong with %j', (text, line, code) => {
    expect(parseTodoList(text).problems).toMatchObject([{ file: 'docs/todo.md', line, code }]);
  });

  it('changes by one character when a task is ticked, whatever the text is', () => {
    const piece = fc.constantFrom(
      '- [ ] a (stage: launch)',
      '* [x] b (stage: design)',
      'text',
      '\n',
      '\r\n',
      '```',
      '<!--',
      '-->',
      '😀',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (parts) => {
        const text = parts.join('');
        for (const task of parseTodoList(text).tasks.filter(({ done }) => !done)) {
          const ticked = tickTask(text, task);
          expect(ticked).toHaveLength(text.length);
          expect(ticked.slice(0, task.box) + ticked.slice(task.box + 1)).toBe(
            text.slice(0, task.box) + text.slice(task.box + 1),
          );
          const again = parseTodoList(ticked).tasks.find(({ line }) => line === task.line);
          expect(again).toMatchObject({ task_id: task.task_id, done: true });
        }
      }),
    );
  });
});

describe('syncFocus', () => {
  const { tasks } = parseTodoList(LIST);
  const sync = (text: string | null, listed = tasks): string => {
    const synced = syncFocus(text, listed, NEWS);
    if (!('text' in synced)) throw new Error(JSON.stringify(synced));
    return synced.text;
  };

  it('makes the file in its usual form, and leaves it the second time', () => {
    const text = sync(null);

    const value = JSON.parse(text) as { focus_tasks: object[] };
    expect(Object.keys(value)).toEqual(['focus_tasks', 'generated_at', 'open_task_count', 'stage']);
    expect(value).toMatchObject({ open_task_count: 3, stage: 'launch' });
    expect(value.focus_tasks[1]).toEqual({
      task_id: 't3',
      stage: 'launch',
      source: 'docs/todo.md',
      text: 'nested, with an id',
    });
    expect(syncFocus(text, tasks, { ...NEWS, generated_at: 'later' })).toMatchObject({ text, added: [], removed: [] });
  });

  it('keeps what others wrote, byte for byte', () => {
    const others = `{"theirs":1.0,\r\n "focus_tasks": [ {"task_id":"x","source":"agent",  "text":"mine", "weight": 1.50}\r\n ]}\r\n`;

    const text = sync(others);

    expect(text).toContain('{"task_id":"x","source":"agent",  "text":"mine", "weight": 1.50}');
    expect(text).toContain('{"theirs":1.0,\r\n');
    expect(parseTodo(text, 'f').value).toMatchObject({ open_task_count: 4 });
    expect(sync(text, [])).toContain('"weight": 1.50');
    expect(parseTodo(sync(text, []), 'f').value?.focus_tasks).toHaveLength(1);
  });

  it('brings back no task that is done, here or there, and takes a change over', () => {
    const before = sync(null);
    const done = before.replace('"task_id": "t3"', '"status": "done",\n      "task_id": "t3"');
    const there = (text: string): unknown =>
      parseTodo(text, 'f').value?.focus_tasks.map(({ task_id, stage, open }) => [task_id, stage, open]);

    expect(there(sync(done))).toContainEqual(['t3', 'launch', false]);
    const moved = parseTodoList(LIST.replace('stage: Launch', 'stage: design')).tasks;
    expect(there(sync(before, moved))).toContainEqual(['t3', 'design', true]);
    const ticked = parseTodoList(LIST.replace('1. [ ]', '1. [x]')).tasks;
    expect(JSON.stringify(there(sync(before, ticked)))).not.toContain('t3');
  });

  it('refuses an id that a task from elsewhere has, and a file that cannot be read', () => {
    const file = '{"focus_tasks": [{"task_id": "t3", "source": "agent"}]}';
    expect(syncFocus(file, tasks, NEWS)).toMatchObject([{ file: 'docs/todo.md', line: 5, code: 'value.conflict' }]);
    expect(syncFocus('{', tasks, NEWS)).toMatchObject([{ code: 'file.syntax' }]);
  });
});
