import { describe, expect, it } from 'vitest';
import { COMPUTE } from '../../test/support/slurm-scripts.ts';
import type { Compute } from '../project/design.ts';
import { directiveProblems } from './directive-rules.ts';
import { readDirectives } from './sbatch-directives.ts';

const BASE: Compute = { ...COMPUTE, gpu_count: 1 };
const HEADER = `#SBATCH -J mine -o experiments/iter1/runs/any/logs/%j.out -e experiments/iter1/runs/any/logs/%j.err
#SBATCH --time=30 --mem=4096
#SBATCH --gres=gpu:1
`;
const withLine = (line: string): string => `${HEADER}${line}\n`;

function lint(header: string, compute: Partial<Compute> = {}): string[] {
  const { directives, complaints } = readDirectives({ lines: header.split('\n') });
  const found = directiveProblems(directives, { line: 9, column: 1 }, { ...BASE, ...compute });
  return [...complaints, ...found].map(({ line, column, message }) => `${line}:${column} ${message}`);
}

const PER_CPU = { memory: null, memory_mb: null, memory_per_cpu: '2G', memory_per_cpu_mb: 2048 };

describe('other forms of memory', () => {
  it.each([
    ['per processor', PER_CPU, '--mem-per-cpu=2048'],
    ['per GPU', { ...PER_CPU, memory_per_cpu_mb: null, memory_per_gpu_mb: 2048 }, '--mem-per-gpu=2GB'],
    ['all of the node', { memory: '0', memory_mb: 0 }, '--mem=0'],
    ['left to the site', { memory: 'site', memory_mb: null }, ''],
  ])('%s', (_, compute, option) => {
    expect(lint(HEADER.replace('--mem=4096', option), compute)).toEqual([]);
    expect(lint(HEADER, compute)).toEqual([expect.stringMatching(/^2:19 `--mem` (?:contradicts|is|says)/)]);
    if (option === '') return;
    const value = option.replace('2048', '2G').replace('2GB', '2G');
    expect(lint(HEADER.replace('--mem=4096', ''), compute)).toEqual([
      expect.stringContaining(`is missing; write: #SBATCH ${value}`),
    ]);
  });
});

it('needs no option about memory without a design, if the caller says so', () => {
  const { directives } = readDirectives({ lines: HEADER.replace(' --mem=4096', '').split('\n') });
  const end = { line: 9, column: 1 };
  expect(directiveProblems(directives, end, undefined, true)).toEqual([]);
  expect(directiveProblems(directives, end, undefined)).toMatchObject([{ line: 9 }]);
});

describe('what other keys ask for', () => {
  it.each([
    ['--exclusive', { exclusive: true }],
    ['--exclusive=user', { exclusive: 'user' }],
    ['--ntasks-per-node=4', { ntasks_per_node: 4 }],
    ['--tasks-per-node=4', { ntasks_per_node: 4 }],
    ['--nodelist=n[1-2]', { nodelist: 'n[1-2]' }],
    ['-L matlab:2', { licenses: 'matlab:2' }],
    ['--signal=B:USR1@120', { signal: { name: 'USR1', seconds: 120 } }],
    ['--comment="a b"', { comment: 'a b' }],
    ['--mail-type=end,fail', { mail_type: 'END,FAIL' }],
    ['--hint=nomultithread', { sbatch_options: [{ name: 'hint', value: 'nomultithread' }] }],
    ['--contiguous', { sbatch_options: [{ name: 'contiguous', value: null }] }],
    ['--mincpus=4', { sbatch_options: [{ name: 'mincpus', value: '4' }] }],
  ] as readonly (readonly [string, Partial<Compute>])[])('%s', (option, compute) => {
    expect(lint(withLine(`#SBATCH ${option}`), compute)).toEqual([]);
    expect(lint(HEADER, compute)).toEqual([
      expect.stringMatching(/the design sets `compute\..*`, and the script does not; write: #SBATCH --/),
    ]);
  });

  it.each(['--nodelist=n1', '--licenses=x', '--signal=B:USR1@60'])('%s must stand in the design', (option) => {
    expect(lint(withLine(`#SBATCH ${option}`))).toEqual([expect.stringContaining('is not in the approved design')]);
  });

  it('compares other generic resources beside the GPUs', () => {
    const disk: Partial<Compute> = { sbatch_options: [{ name: 'gres', value: 'disk:10G' }] };
    expect(lint(HEADER.replace('gpu:1', 'gpu:1,disk:10G'), disk)).toEqual([]);
    expect(lint(HEADER, disk)).toEqual([expect.stringContaining('write: #SBATCH --gres=gpu:1,disk:10G')]);
  });
});
