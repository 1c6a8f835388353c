import { describe, expect, it } from 'vitest';
import { fc } from '../../test/support/properties.ts';
import { type Backlog, BACKLOG_FILE, isClosed, matchExperiment, parseBacklog, targetProblems } from './backlog.ts';
import { reopenExperiment } from './backlog-edit.ts';

const TEXT = `# Ours
hypotheses:
  - {id: h1, status: open, title: "T", success_metric: acc, target_delta: 0.1}

experiments:
    # the first
  - id:   e1
    iteration_id: iter1
    status:   'Done'   # by hand
  - {id: e2, hypothesis_id: h1, status: open, iteration_id: iter2, type: train}
  - id: e3
    status: " CLOSED "
`;

function backlog(): Backlog {
  const { value } = parseBacklog(TEXT, 'b');
  if (value === null) throw new Error('the fixture is wrong');
  return value;
}

describe('parseBacklog', () => {
  it('reads hypotheses and experiments', () => {
    expect(parseBacklog(TEXT, 'b').problems).toEqual([]);
    expect(backlog().hypotheses).toEqual([
      { id: 'h1', status: 'open', title: 'T', success_metric: 'acc', target_delta: 0.1 },
    ]);
    expect(backlog().experiments[1]).toEqual({
      id: 'e2',
      hypothesis_id: 'h1',
      status: 'open',
      iteration_id: 'iter2',
      type: 'train',
    });
  });

  it('says what is missing, with its place', () => {
    const { problems } = parseBacklog('experiments:\n  - id: 7\n    iteration_id: iter1\n', 'b');
    expect(problems.map(({ line, code, message }) => `${String(line)} ${code} ${message}`)).toEqual([
      '2 value.missing `experiments[0].status` is missing; write `open`, or `completed` once nothing may be changed any more',
      '2 value.type `experiments[0].id` must be text; it says `7`; put it in quotes: "7"',
    ]);
    expect(parseBacklog('hypotheses: []\n', 'b').problems[0]?.pointer).toBe('/experiments');
  });

  it('warns of a status that was probably meant to close', () => {
    const { value, problems } = parseBacklog('experiments:\n  - {id: e1, status: complted}\n', 'b');
    expect(value).not.toBeNull();
    expect(problems.map(({ severity, message }) => `${severity} ${message}`)).toEqual([
      'warning the status `complted` does not close the experiment; did you mean `completed`?',
    ]);
  });

  it('never throws on any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { value, problems } = parseBacklog(text, 'b');
        expect(value !== null || problems.length > 0).toBe(true);
      }),
    );
  });
});

describe('isClosed (R2)', () => {
  it('knows the four words in any case', () => {
    for (const status of ['done', 'Completed', ' CLOSED ', 'resolved\n']) expect(isClosed(status)).toBe(true);
    for (const status of ['open', 'undone', 'closed?', '']) expect(isClosed(status)).toBe(false);
  });
});

describe('matchExperiment (R2)', () => {
  const match = (iteration_id: string, experiment_id: string, among = backlog()) =>
    matchExperiment(among, { iteration_id, experiment_id });

  it('finds the entry by id and iteration, or by iteration alone', () => {
    expect(match('iter1', 'e1')).toMatchObject({ kind: 'one', experiment: { id: 'e1' } });
    expect(match('iter2', '')).toMatchObject({ kind: 'one', experiment: { id: 'e2' } });
    expect(match('iter9', 'e3')).toMatchObject({ kind: 'one', experiment: { id: 'e3' } });
  });

  it('reports by name what matches nothing', () => {
    expect(match('iter9', 'e1')).toEqual({
      kind: 'none',
      message:
        'no entry of the backlog matches the experiment `e1` of the iteration `iter9`; there `e1` belongs to the iteration `iter1`',
    });
    expect(match('iter1', 'e9')).toEqual({
      kind: 'none',
      message:
        'no entry of the backlog matches the experiment `e9` of the iteration `iter1`; it lists `e1`, `e2` and `e3`',
    });
    expect(match('iter9', '')).toMatchObject({ kind: 'none' });
    expect(match('i', 'e', { hypotheses: [], experiments: [] })).toMatchObject({ kind: 'none' });
  });

  it('reports by name what matches several', () => {
    const entry = { id: 'e1', hypothesis_id: null, status: 'open', iteration_id: 'iter1', type: null };
    const twice = {
      hypotheses: [],
      experiments: [entry, { ...entry, iteration_id: null }, { ...entry, iteration_id: 'iter2' }],
    };
    expect(match('iter1', 'e1', twice)).toMatchObject({ kind: 'several', ids: ['e1', 'e1'] });
  });

  it('does not take e10 for e1', () => {
    expect(match('iter1', 'e10').kind).toBe('none');
  });
});

describe('reopenExperiment', () => {
  const reopened = (text: string, id: string): string => {
    const result = reopenExperiment(text, id);
    if (!('text' in result)) throw new Error(result.message);
    return result.text;
  };
  const code = (text: string, id: string): string => {
    const result = reopenExperiment(text, id);
    return 'text' in result ? 'edited' : result.code;
  };

  it('changes the status and no other byte', () => {
    expect(reopened(TEXT, 'e1')).toBe(TEXT.replace("'Done'", 'open'));
    expect(reopened(TEXT, 'e3')).toBe(TEXT.replace('" CLOSED "', 'open'));
  });

  it('keeps BOM and CRLF', () => {
    const text = `\uFEFF${TEXT.replaceAll('\n', '\r\n')}`;
    expect(reopened(text, 'e1')).toBe(text.replace("'Done'", 'open'));
  });

  it('says why it does not', () => {
    expect(code(TEXT, 'e2')).toBe('backlog.not_closed');
    expect(code(TEXT, 'e9')).toBe('backlog.no_match');
    expect(code('experiments: [{id: a, status: done}, {id: a, status: done}]\n', 'a')).toBe('backlog.several_matches');
    expect(code('experiments: [\n', 'a')).toBe('file.syntax');
  });

  it('does not change what other values hang on', () => {
    expect(code('experiments:\n  - {id: a, status: &s done}\n  - {id: b, status: *s}\n', 'a')).toBe('value.invalid');
    expect(reopened('experiments:\n  - {id: a, status: &s done}\n  - {id: b, status: *s }\n', 'b')).toContain(
      '{id: b, status: open }',
    );
    expect(code('experiments:\n  - id: a\n    status: |\n      done\n    type: x\n', 'a')).toBe('value.invalid');
  });
});

describe('the target of a hypothesis', () => {
  const targetOf = (keys: string): unknown => {
    const text = `hypotheses:\n  - {id: h1, ${keys}}\nexperiments: []\n`;
    const [hypothesis] = parseBacklog(text, BACKLOG_FILE).value?.hypotheses ?? [];
    return [
      hypothesis?.success_metric,
      hypothesis?.target_delta,
      targetProblems(text, 'h1').map(({ pointer }) => pointer),
    ];
  };

  it.each([
    ['success_metric: accuracy, target_delta: 0.1', ['accuracy', 0.1, []]],
    ['success_metric: loss, target_delta: "-0.5"', ['loss', -0.5, []]],
    ['success_metric: loss, target_delta: "+1"', ['loss', 1, []]],
    ['success_metric: "", target_delta: ""', [null, null, []]],
    ['title: only this', [null, null, []]],
    ['success_metric: accuracy, target_delta: two points', ['accuracy', null, ['/hypotheses/0/target_delta']]],
    ['success_metric: accuracy, target_delta: .inf', ['accuracy', null, ['/hypotheses/0/target_delta']]],
    ['success_metric: [a], target_delta: 1', [null, 1, ['/hypotheses/0/success_metric']]],
  ])('of %s', (keys, expected) => {
    expect(targetOf(keys)).toEqual(expected);
  });
});
