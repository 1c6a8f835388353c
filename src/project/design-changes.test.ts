import { describe, expect, it } from 'vitest';
import { changedDesign } from './design-changes.ts';
import type { Entrypoint } from './design-entrypoint.ts';
import type { NewDesign } from './new-design.ts';

const DESIGN: NewDesign = {
  id: 'a',
  hypothesisId: null,
  entrypoint: {
    kind: 'command',
    argv: ['python', 'train.py', '--lr', '-0.1', '--seed=1', '--use-amp', 'model.size=3'],
  },
  tasks: null,
  compute: { location: 'local', walltime: '5', cpus: 1 },
  artifacts: [],
  metrics: null,
  baselines: null,
  others: {},
};

function words(...sets: readonly string[]): string {
  const { design, problems } = changedDesign(DESIGN, sets);
  if (problems.length > 0) return problems.join('\n');
  return design.entrypoint?.kind === 'command' ? design.entrypoint.argv.slice(2).join(' ') : '';
}

describe('changedDesign', () => {
  it.each([
    [['lr=0.2'], '--lr 0.2 --seed=1 --use-amp model.size=3'],
    [['args.lr=-0.2', 'seed=7'], '--lr -0.2 --seed=7 --use-amp model.size=3'],
    [['use_amp=false'], '--lr -0.1 --seed=1 model.size=3'],
    [['use-amp=true'], '--lr -0.1 --seed=1 --use-amp model.size=3'],
    [['model.size=a=b'], '--lr -0.1 --seed=1 --use-amp model.size=a=b'],
    [['lr='], '--lr  --seed=1 --use-amp model.size=3'],
  ])('sets arguments of a command: %j', (sets, expected) => {
    expect(words(...sets)).toBe(expected);
  });

  it.each([
    [['rate=1'], 'the command has no argument `rate`: it has `lr`, `seed`, `use-amp` and `model.size`'],
    [['use_amp=3'], 'the argument `--use-amp` of the command has no value; set it to true or false'],
    [['lr'], '`--set` takes KEY=VALUE, not `lr`'],
    [['=1'], '`--set` takes KEY=VALUE, not `=1`'],
  ])('says what is wrong with %j', (sets, expected) => {
    expect(words(...sets)).toContain(expected);
  });

  it('says everything at once', () => {
    expect(changedDesign(DESIGN, ['rate=1', 'x', 'lr=3']).problems).toHaveLength(2);
  });

  it('sets keys of compute under any of their names', () => {
    expect(changedDesign(DESIGN, ['compute.time=2:00:00', 'compute.cpus=4']).design.compute).toEqual({
      location: 'local',
      time: '2:00:00',
      cpus: 4,
    });
  });

  it('sets arguments of a module, as YAML would read them', () => {
    const entrypoint: Entrypoint = { kind: 'module', module: 'm', args: { use_amp: true, lr: 0.1 } };
    const { design } = changedDesign({ ...DESIGN, entrypoint }, ['use-amp=false', 'lr=0.20', 'seed=3', 'name=a b']);

    expect(design.entrypoint).toEqual({
      kind: 'module',
      module: 'm',
      args: { use_amp: false, lr: '0.20', seed: 3, name: 'a b' },
    });
  });

  it('makes words of a line of text', () => {
    const entrypoint: Entrypoint = { kind: 'cli', line: 'python t.py --lr 1', argv: ['python', 't.py', '--lr', '1'] };

    expect(changedDesign({ ...DESIGN, entrypoint }, ['lr=2']).design.entrypoint).toEqual({
      kind: 'command',
      argv: ['python', 't.py', '--lr', '2'],
    });
  });
});
