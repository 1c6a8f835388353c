import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { autolab, startAutolab } from '../support/autolab.ts';
import { call, callWithoutTrace } from '../support/contract.ts';
import { makeProject, read, readJson, write } from '../support/project.ts';
import { SLOW_MS } from '../support/runs.ts';

vi.setConfig({ testTimeout: SLOW_MS });

/** `autolab todo sync` and `todo done`: the list that people keep, and the tasks that come before a launch. */

const LIST = 'docs/todo.md';
const FOCUS = '.autolab/todo_focus.json';
const TEXT =
  '\uFEFF# To do\r\n\r\n- [ ] raise the limit (stage: launch) (id: t1)\r\n- [ ] plot it (stage: update_docs)\r\n- [ ] mine';

function withList(text = TEXT): string {
  const root = makeProject();
  write(root, LIST, text);
  return root;
}

describe('autolab todo sync', () => {
  it('stops a launch until the task is done, and it does not come back', async () => {
    const root = withList();

    const synced = await call(root, ['todo', 'sync']);

    expect(synced).toMatchObject({
      status: 0,
      json: { added: ['t1', expect.any(String)], removed: [], changed: true },
    });
    expect(readJson(root, FOCUS)).toMatchObject({ open_task_count: 2, stage: 'launch' });
    expect(await call(root, ['launch', '--dry-run'])).toMatchObject({ status: 10, json: { code: 'todo.open' } });

    expect(await call(root, ['todo', 'done', 't1'])).toMatchObject({ status: 0 });

    expect(read(root, LIST)).toBe(TEXT.replace('- [ ] raise', '- [x] raise'));
    expect(readJson(root, FOCUS)).toMatchObject({ open_task_count: 1, focus_tasks: [{ stage: 'update_docs' }] });
    await callWithoutTrace(root, ['todo', 'sync']);
    await callWithoutTrace(root, ['todo', 'done', 't1']);
    expect(await call(root, ['launch', '--run-id', 'r1'])).toMatchObject({ status: 0 });
  });

  it('says with its line what is wrong, and writes nothing', async () => {
    const root = withList('- [ ] a (stage: lauch)\n');

    expect(await callWithoutTrace(root, ['todo', 'sync'])).toMatchObject({
      status: 10,
      json: { code: 'config.invalid', problems: [{ file: LIST, line: 1, code: 'value.invalid' }] },
    });
  });

  it('warns of a stage that it does not know, and says so plainly if nothing was taken over', async () => {
    const root = withList('- [ ] a [stage:foo]\n- [ ] b (stage: launch)\n');
    const synced = await call(root, ['todo', 'sync']);
    expect(synced).toMatchObject({ status: 0, json: { problems: [{ line: 1, severity: 'warning' }] } });
    expect(synced.json['problems'][0].message).toMatch(/no stage .foo., only hypothesis, design/);

    write(root, LIST, '- [ ] (stage: launch)\n- [ ] c (stage: launch)\n');
    const refused = await callWithoutTrace(root, ['todo', 'sync']);
    expect(refused.json['message']).toContain('nothing was taken over');
  });

  it('says that there is no list, and makes no file of an empty one', async () => {
    const root = makeProject();
    expect(await callWithoutTrace(root, ['todo', 'sync'])).toMatchObject({
      status: 10,
      json: {
        problems: [{ file: LIST, code: 'file.missing' }],
        hint: 'Write it, with a line such as: - [ ] raise the time limit (stage: launch)',
      },
    });
    write(root, LIST, '');
    expect(await callWithoutTrace(root, ['todo', 'sync'])).toMatchObject({ status: 0, json: { changed: false } });
  });

  it('continues after a kill between the two files, and with two calls at once', async () => {
    const root = withList();
    await call(root, ['todo', 'sync']);
    const killed = await autolab(root, ['todo', 'done', 't1'], { env: { AUTOLAB_CRASH_AT: 'write.todo.md.renamed' } });
    expect(killed.signal).toBe('SIGKILL');

    const both = await Promise.all(
      [
        ['todo', 'done', 't1'],
        ['todo', 'sync'],
      ].map((words) => startAutolab(root, words).ended),
    );

    expect(both.map(({ status }) => status)).toEqual([0, 0]);
    expect(read(root, LIST)).toBe(TEXT.replace('- [ ] raise', '- [x] raise'));
    expect(read(root, FOCUS)).not.toContain('t1');
  });

  it('ticks a task that was not synced yet, and one that another program took from the list', async () => {
    const root = withList();

    expect(await call(root, ['todo', 'done', 't1'])).toMatchObject({ status: 0 });
    expect(existsSync(join(root, FOCUS))).toBe(false);
    write(
      root,
      FOCUS,
      JSON.stringify({
        focus_tasks: [{ task_id: 'theirs', stage: 'update_docs', source: `${LIST}:4`, text: 'plot it' }],
      }),
    );
    expect(await call(root, ['todo', 'done', 'theirs'])).toMatchObject({ status: 0 });

    expect(read(root, LIST).match(/\[x\]/g)).toHaveLength(2);
    expect(await callWithoutTrace(root, ['todo', 'done', 'nobody'])).toMatchObject({
      status: 12,
      json: { code: 'todo.unknown' },
    });
  });

  it('writes through no link that leads out of the project', async () => {
    const root = makeProject();
    symlinkSync('/etc/hostname', join(root, LIST));

    for (const words of [
      ['todo', 'sync'],
      ['todo', 'done', 't1'],
    ])
      expect(await callWithoutTrace(root, words)).toMatchObject({ status: 12, json: { code: 'path.escapes' } });
  });
});
