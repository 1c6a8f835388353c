import { describe, expect, it } from 'vitest';
import { call, callWithoutTrace } from '../support/contract.ts';
import { makeProject, read, write } from '../support/project.ts';
import { stateOf } from '../support/runs.ts';

/** R2: a person re-opens a closed experiment, and nothing else of the file changes. */

const FILE = '.autolab/backlog.yaml';
const WHO = ['--by', 'ada', '--note', 'one more seed'];

const WRITTEN = [
  '# The plan. Do not reorder!',
  'hypotheses: []   # none yet',
  '',
  'experiments:',
  '  # the old one',
  '  - {id: e0, status: done, iteration_id: iter0}',
  '  - id:   e1      # the first',
  '    note: "kept: as it is"',
  "    status: 'Done'     # since Monday",
  '    iteration_id: iter1',
  '    their_own: [1.0, 0x10, ~]',
  '# the end, without a line feed',
].join('\n');

function closed(text = WRITTEN): string {
  const root = makeProject();
  write(root, FILE, text);
  return root;
}

describe('autolab backlog reopen', () => {
  it.each([
    ['as it is', WRITTEN],
    ['with CRLF and a byte order mark', `\uFEFF${WRITTEN.replaceAll('\n', '\r\n')}`],
  ])('changes the one status and not a byte besides, in a file %s', async (_, text) => {
    const root = closed(text);

    const reopened = await call(root, ['backlog', 'reopen', 'e1', ...WHO]);

    expect(reopened).toMatchObject({ status: 0, json: { outcome: 'ok', experiment_id: 'e1' } });
    expect(read(root, FILE)).toBe(text.replace("'Done'", 'open'));
  });

  it('remembers who and why, and lets the launch go on', async () => {
    const root = closed();

    const before = await call(root, ['launch']);
    await call(root, ['backlog', 'reopen', 'e1', ...WHO]);
    const after = await call(root, ['launch']);

    expect(before).toMatchObject({ status: 12, json: { code: 'backlog.closed' } });
    expect(after).toMatchObject({ status: 0, json: { code: 'run.completed' } });
    expect(stateOf(root)['history'][0]).toMatchObject({
      by: 'ada',
      note: 'one more seed',
      code: 'backlog.reopened',
      experiment_id: 'e1',
      status_before: 'Done',
    });
  });

  it.each([
    ['is not there', 'e9', 'backlog.no_match', WRITTEN],
    ['is part of one', 'e', 'backlog.no_match', WRITTEN],
    ['is open', 'e1', 'backlog.not_closed', WRITTEN.replace("'Done'", 'running')],
    ['stands twice', 'e0', 'backlog.several_matches', WRITTEN.replace('id:   e1 ', 'id:   e0 ')],
    [
      'is written with an anchor',
      'e1',
      'backlog.invalid',
      WRITTEN.replace("'Done'", '&s done')
        .replace('"kept: as it is"', '*s')
        .replace(/ {4}note: \*s\n/, '') + '\nlater: *s\n',
    ],
  ])('refuses an id that %s, and changes nothing', async (_, id, code, text) => {
    const root = closed(text);

    const refused = await callWithoutTrace(root, ['backlog', 'reopen', id, ...WHO]);

    expect(refused).toMatchObject({ status: 12, json: { outcome: 'refused', code } });
  });

  it.each([[['e1']], [['e1', '--by', 'ada']], [['e1', '--note', 'x']], [[...WHO]]])(
    'wants an id, a name and a reason: %j',
    async (words) => {
      const root = closed();

      const off = await callWithoutTrace(root, ['backlog', 'reopen', ...words]);

      expect(off).toMatchObject({ status: 2, json: { outcome: 'usage' } });
    },
  );

  it('leaves a file alone that cannot be read', async () => {
    const root = closed('experiments: [\n');

    const refused = await callWithoutTrace(root, ['backlog', 'reopen', 'e1', ...WHO]);

    expect(refused).toMatchObject({
      status: 12,
      json: { code: 'backlog.invalid', problems: [{ file: FILE, code: 'file.syntax' }] },
    });
  });
});
