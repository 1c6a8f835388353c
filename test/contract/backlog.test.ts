import { describe, expect, it } from 'vitest';
import { call, callWithoutTrace } from '../support/contract.ts';
import { edit, makeProject, read, readJson } from '../support/project.ts';

const BACKLOG = '.autolab/backlog.yaml';
const who = ['--by', 'ada', '--note', 'one more seed'];

describe('backlog reopen (R2)', () => {
  it('changes the one word, and writes down who and why', async () => {
    const root = makeProject({ git: true });
    edit(root, BACKLOG, (text) => text.replace('    status: open', "    status: 'Completed'   # in spring"));
    const before = read(root, BACKLOG);
    const refused = await callWithoutTrace(root, ['launch']);
    expect(refused.status).toBe(12);
    expect(refused.json).toMatchObject({ code: 'backlog.closed' });
    expect(refused.json['hint']).toContain('autolab backlog reopen e1');

    const ended = await call(root, ['backlog', 'reopen', 'e1', ...who]);
    expect(ended.status).toBe(0);
    expect(read(root, BACKLOG).replace(/status: \S*open\S*( {3}# in spring)/, "status: 'Completed'$1")).toBe(before);
    expect(readJson(root, '.autolab/state.json')['history'].at(-1)).toMatchObject({ by: 'ada', note: 'one more seed', code: 'backlog.reopened' });
    expect((await call(root, ['launch'])).status).toBe(0);
  });

  it.each([
    ['an experiment that is not there', 'e9', 'backlog.no_match'],
    ['an experiment that is open', 'e1', 'backlog.not_closed'],
  ])('refuses %s', async (_what, id, code) => {
    const root = makeProject({ git: true });
    const ended = await callWithoutTrace(root, ['backlog', 'reopen', id, ...who]);
    expect(ended.status).toBe(12);
    expect(ended.json['code']).toBe(code);
    expect(ended.json['message']).toContain(id);
  });
});
