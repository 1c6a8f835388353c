import { describe, expect, it } from 'vitest';
import { fc } from '../../test/support/properties.ts';
import { controlInWord } from '../documents/characters.ts';
import { yamlDocument } from '../documents/yaml-document.ts';
import { parseDesign } from './design.ts';
import { partsOfDesign } from './design-parts.ts';
import { checkPathId } from './ids.ts';
import { designText, type NewDesign } from './new-design.ts';

const FILE = 'experiments/x/design.yaml';

const PLAIN: NewDesign = {
  id: 'lr-sweep',
  hypothesisId: 'h1',
  entrypoint: { kind: 'command', argv: ['python', 'train.py', '--out', '{{run_dir}}'] },
  tasks: null,
  compute: { memory: '8G', location: 'slurm', gpu_count: 1, time: '1:00:00', nodelist: 'n[1-2]' },
  artifacts: [
    { path: 'metrics.json', required: true, from: null },
    { path: 'k/**', required: false, from: '{{scratch}}/k' },
  ],
  metrics: { primary: { name: 'accuracy', mode: 'maximize' } },
  baselines: [{ name: 'majority', value: 0.44 }],
  others: { code: { run_from: 'snapshot' } },
};

/** What shells, YAML and templates have an opinion about. */
const HOSTILE = [
  ...[
    '',
    ' ',
    '-',
    '--',
    '---',
    '...',
    '- a',
    '? a',
    ': ',
    'a: b',
    '#',
    ' # c',
    '&a',
    '*a',
    '!!str',
    '|',
    '>',
    '%YAML 1.1',
  ],
  ...[
    '{',
    '}',
    '{{',
    '}}',
    '{{run_dir}}',
    '{{ run_id }}',
    '[',
    ']',
    ',',
    '"',
    "'",
    '\\',
    '\\n',
    '`',
    '$HOME',
    '~',
    'null',
  ],
  ...[
    'true',
    'no',
    '0x10',
    '1e3',
    '3.10',
    '1:30',
    '00123',
    '.inf',
    '=',
    '<<',
    'a\nb',
    '\tb',
    'é',
    '漢字',
    '🧪',
    '\u2028',
    '\u200e',
  ],
  ...['--lr=0.1', "it's", 'a\\', 'C:\\x', '\u0085'.normalize(), 'x'.repeat(300)],
];

const word = fc
  .oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 12 }), fc.string({ maxLength: 12 }))
  .filter((text) => controlInWord(text) === null)
  // Any other placeholder is refused.
  .filter((text) => !/\{\{(?!run_dir\}\})/.test(text) && !/<[A-Z_]+>/.test(text));
const program = word.filter((text) => /^[A-Za-z./]/.test(text) && !/^[A-Za-z_]\w*=/.test(text));

describe('designText', () => {
  it('is short, commented, and has its keys in the order of the docs', () => {
    expect(designText(PLAIN))
      .toBe(`# The experiment lr-sweep. \`autolab launch\` runs exactly this, once it is approved.
# All keys: docs/reference/design.md of autolab.
id: lr-sweep
iteration_id: lr-sweep
hypothesis_id: h1

entrypoint:
  # Words for a program, not for a shell: only {{placeholders}} are expanded.
  command: ["python", "train.py", "--out", "{{run_dir}}"]

compute:
  location: slurm
  time: "1:00:00"
  memory: 8G
  gpu_count: 1
  nodelist: "n[1-2]"

# Files that must exist in the run folder at the end.
artifacts:
  - metrics.json
  - {path: "k/**", required: false, from: "{{scratch}}/k"}

metrics: {primary: {name: accuracy, mode: maximize}}
baselines: [{name: majority, value: 0.44}]

code: {run_from: snapshot}
`);
  });

  it('parses to the words that were given, whatever they are', () => {
    fc.assert(
      fc.property(program, fc.array(word, { maxLength: 6 }), (first, more) => {
        const argv = [first, ...more];
        const { value, problems } = parseDesign(designText({ ...PLAIN, entrypoint: { kind: 'command', argv } }), FILE);

        expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
        expect(value?.entrypoint).toEqual({ kind: 'command', argv });
      }),
      { numRuns: 500 },
    );
  });

  it('parses to the names that were given', () => {
    const id = fc
      .oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary' }))
      .filter((text) => checkPathId(text) === null);
    fc.assert(
      fc.property(
        id,
        id,
        word.filter((text) => text.trim() !== ''),
        (own, other, metric) => {
          const text = designText({
            ...PLAIN,
            id: own,
            hypothesisId: other,
            metrics: { others: [metric] },
          });
          const value = yamlDocument(text, FILE).value;

          expect(value).toMatchObject({
            id: own,
            iteration_id: own,
            hypothesis_id: other,
            metrics: { others: [metric] },
          });
        },
      ),
      { numRuns: 500 },
    );
  });

  it('gives a design again from its parts, with the spelling of its numbers', () => {
    const text = designText({ ...PLAIN, compute: { ...PLAIN.compute, account: { written: '00123' } } });

    const { value } = partsOfDesign(text, FILE, 'lr-sweep');

    expect(text).toContain('account: 00123');
    expect(value === null ? null : designText(value)).toBe(text);
  });

  it('has tasks whose values are read again as they were given', () => {
    const value = word.filter((text) => !/\{\{|\}\}/.test(text));
    fc.assert(
      fc.property(fc.uniqueArray(value, { minLength: 1, maxLength: 6 }), (values) => {
        const axes = [
          { name: 'lr', values },
          { name: 'seed', values: ['0', '1e-3', '0.10', '007', 'true'] },
        ];
        const limits = { max_parallel: 4, max_failures: null, workers: 2, time_seconds: 90 };
        for (const source of [
          { kind: 'grid', axes } as const,
          { kind: 'list', names: ['lr'], rows: values.map((one) => [one]) } as const,
        ]) {
          const text = designText({ ...PLAIN, artifacts: [], tasks: { source, ...limits } });
          const { value: design, problems } = parseDesign(text, FILE);

          expect(problems.filter(({ severity, pointer }) => severity === 'error' && pointer !== '/entrypoint')).toEqual(
            [],
          );
          expect(design?.tasks).toEqual({ source, ...limits });
        }
      }),
      { numRuns: 200 },
    );
  });

  it('writes numbers of tasks without quotes, and quotes what YAML would read as something else', () => {
    const axes = [{ name: 'x', values: ['0.10', '1e-3', '-2', '007', '1_000', '0x10', '.5', 'no', 'adam', 'a b', ''] }];
    const spec = { max_parallel: null, max_failures: null, workers: null, time_seconds: null };

    expect(designText({ ...PLAIN, tasks: { source: { kind: 'grid', axes }, ...spec } })).toContain(
      '    x: [0.10, 1e-3, -2, "007", "1_000", "0x10", ".5", "no", adam, "a b", ""]\n',
    );
  });

  it('keeps a module with its arguments, and a line of text', () => {
    const module = { kind: 'module', module: 'package.train', args: { lr: '0.10', use_amp: true, n: 3 } } as const;
    const cli = { kind: 'cli', line: "python 'a b'", argv: ['python', 'a b'] } as const;

    for (const entrypoint of [module, cli])
      expect(parseDesign(designText({ ...PLAIN, entrypoint }), FILE).value?.entrypoint).toEqual(entrypoint);
  });

  it('shows how to write the command that is missing', () => {
    expect(designText({ ...PLAIN, entrypoint: null })).toContain('# entrypoint:\n#   command: ["python", "train.py"');
  });
});
