import { describe, expect, it } from 'vitest';
import { fc } from '../../test/support/properties.ts';
import { yamlDocument } from '../documents/yaml-document.ts';
import { addToBacklog, type NewExperimentEntry, type NewHypothesisEntry } from './backlog-add.ts';

const EXPERIMENT: NewExperimentEntry = { id: 'lr', hypothesis_id: 'h-lr', iteration_id: 'lr', status: 'open' };
const HYPOTHESIS: NewHypothesisEntry = {
  id: 'h-lr',
  status: 'open',
  title: 'A "higher" rate: better # yes',
  success_metric: 'accuracy',
  target_delta: 0.1,
};
const TITLE = '    title: "A \\"higher\\" rate: better # yes"\n';
const ADDED = `  - id: lr
    hypothesis_id: h-lr
    iteration_id: lr
    status: open
`;
const ADDED_HYPOTHESIS = `  - id: h-lr
    status: open
${TITLE}    success_metric: accuracy
    target_delta: 0.1
`;

function added(text: string, hypothesis: NewHypothesisEntry | null = HYPOTHESIS): string {
  const result = addToBacklog(text, EXPERIMENT, hypothesis);
  return 'text' in result ? result.text : `${result.code}: ${result.message}`;
}

describe('addToBacklog', () => {
  it('begins the lists of a new project', () => {
    expect(added('# mine\nhypotheses: []\nexperiments: [] # none\n')).toBe(
      `# mine\nhypotheses:\n${ADDED_HYPOTHESIS}experiments: # none\n${ADDED}`,
    );
  });

  it('adds after the last entry, and keeps every comment and blank line', () => {
    const [head, tail] = [
      '# The plan\nexperiments:\n  # old\n  - {id: e0, status: done}\n  - id:   e1      # first\n    note: |\n      - text\n    their: [1.0, 0x10, ~] # odd\n',
      '\n# the end\nhypotheses: [{id: h1}] # one\nother: &a {x: 1}\n',
    ];

    expect(added(head + tail, null)).toBe(head + ADDED + tail);
    expect(added(head + tail)).toBe(
      head +
        ADDED +
        tail.replace(
          '{id: h1}',
          `{id: h1}, {id: h-lr, status: open, title: "A \\"higher\\" rate: better # yes", success_metric: accuracy, target_delta: 0.1}`,
        ),
    );
  });

  it.each([
    [
      'dashes without indentation',
      'experiments:\n- id: a\n  status: open\n',
      `experiments:\n- id: a\n  status: open\n${ADDED.replaceAll(/^ {2}/gm, '')}`,
    ],
    [
      'a dash on its own line',
      'experiments:\n  -\n    id: a\n    status: open\n# c\n',
      `experiments:\n  -\n    id: a\n    status: open\n${ADDED}# c\n`,
    ],
    ['no line feed at the end', 'experiments:\n  - id: a', `experiments:\n  - id: a\n${ADDED}`],
    [
      'CRLF and a byte order mark',
      '\uFEFFexperiments:\r\n  - id: a\r\n',
      `\uFEFFexperiments:\r\n  - id: a\r\n${ADDED.replaceAll('\n', '\r\n')}`,
    ],
    [
      'JSON',
      '{"experiments": [{"id": "a"}]}',
      '{"experiments": [{"id": "a"}, {"id":"lr","hypothesis_id":"h-lr","iteration_id":"lr","status":"open"}]}',
    ],
    [
      'a flow list of several lines',
      'experiments: [\n  {id: a}, # x\n]\n',
      'experiments: [\n  {id: a}, {id: lr, hypothesis_id: h-lr, iteration_id: lr, status: open}, # x\n]\n',
    ],
  ])('takes a backlog with %s', (_what, text, expected) => {
    expect(added(text, null)).toBe(expected);
  });

  it('changes nothing where the list is used in another place, too, and says what to write', () => {
    expect(added('experiments: &x\n  - {id: a}\nmore: *x\n', null)).toBe(
      'backlog.invalid: nothing can be added to `experiments` without changing the rest of the file; add by hand: - {id: lr, hypothesis_id: h-lr, iteration_id: lr, status: open}',
    );
  });

  it('adds any title', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (title) => {
        const { value } = yamlDocument(addedTitle(title), 'backlog.yaml');
        expect(value?.['hypotheses']).toEqual([{ ...HYPOTHESIS, title }]);
      }),
    );
  });
});

function addedTitle(title: string): string {
  return added('hypotheses: []\nexperiments: []\n', { ...HYPOTHESIS, title });
}
