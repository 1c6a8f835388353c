import { describe, expect, it } from 'vitest';
import { commandParts, differingNames } from './command-parts.ts';

function partsOf(template: string, argv: readonly string[] = []): [string, Record<string, string>] {
  const script = { script: '', script_sha256: '', script_source: 'rendered' as const };
  const parts = commandParts({ run_id: 'r1', entrypoint: { template, argv, ...script } });
  return [parts.program, Object.fromEntries(parts.arguments)];
}

describe('the command of a run', () => {
  it.each([
    ['python train.py --lr 0.1 --delta=-1', 'python train.py', { lr: '0.1', delta: '-1' }],
    ['/opt/env/bin/python3.11 -u train.py --amp --lr -0.1', 'python train.py', { u: 'true', amp: 'true', lr: '-0.1' }],
    ['python3 -m pkg.train --use-amp --epochs 3', 'python -m pkg.train', { 'use-amp': 'true', epochs: '3' }],
    ['bash experiments/iter1/main.sh', 'bash experiments/iter1/main.sh', {}],
    ['python train.py model.lr=0.1 +opt=x data', 'python train.py', { 'model.lr': '0.1', '+opt': 'x', $1: 'data' }],
    ["bash -c 'echo a; echo b'", 'bash -c', { $1: 'echo a; echo b' }],
    ['torchrun --nproc-per-node 2 train.py --lr 1', 'torchrun train.py', { 'nproc-per-node': '2', lr: '1' }],
    ['./simulate 10 20', './simulate', { $1: '10', $2: '20' }],
    ['train --layer 1 --layer 2', 'train', { layer: '1 2' }],
    ['train a.py', 'train', { $1: 'a.py' }],
  ])('%s', (template, program, named) => {
    expect(partsOf(template)).toEqual([program, named]);
  });

  it('has placeholders for what differs from run to run', () => {
    expect(partsOf(`train --out "\${AUTOLAB_RUN_DIR}"/m --name 'it'\\''s'`)).toEqual([
      'train',
      { out: '{{run_dir}}/m', name: "it's" },
    ]);
  });

  it('is taken from its words if the line is not one of ours', () => {
    expect(partsOf('train $(date)', ['train', '/p/runs/r1/out'])).toEqual(['train', { $1: '/p/runs/{{run_id}}/out' }]);
  });

  it('keeps odd names as they are', () => {
    expect(partsOf("train '--\u001b[31m' x '--__proto__' y ''")).toEqual([
      'train',
      { $1: '--\u001b[31m', $2: 'x', ['__proto__']: 'y', $3: '' },
    ]);
  });
});

it('names the arguments that are not the same everywhere', () => {
  const all = [
    new Map([
      ['lr', '1'],
      ['seed', '0'],
    ]),
    new Map([['lr', '1']]),
  ];
  expect(differingNames(all)).toEqual(['seed']);
  expect(differingNames(all.slice(0, 1))).toEqual([]);
});
