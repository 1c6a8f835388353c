import { describe, expect, it } from 'vitest';
import { parseDesign } from '../design.ts';

const compute = (words: readonly string[], keys = '') =>
  parseDesign(
    `id: d1\niteration_id: iter1\nentrypoint: {command: [a]}\ncompute: {location: slurm, time: 10, memory: 1G, ${keys}sbatch_options: ${JSON.stringify(words)}}\n`,
    'd',
  );

describe('sbatch_options', () => {
  it.each([
    [['--licenses=x'], [{ name: 'licenses', value: 'x' }]],
    [
      ['-Lx', '--tmp=1G'],
      [
        { name: 'licenses', value: 'x' },
        { name: 'tmp', value: '1G' },
      ],
    ],
    [['--contiguous'], [{ name: 'contiguous', value: null }]],
    [
      ['--no-kill', '--propagate=STACK'],
      [
        { name: 'no-kill', value: null },
        { name: 'propagate', value: 'STACK' },
      ],
    ],
    [['--gres=disk:1'], [{ name: 'gres', value: 'disk:1' }]],
    // An option of a plugin.
    [['--spank-thing=a b'], [{ name: 'spank-thing', value: 'a b' }]],
  ])('takes %j', (words, expected) => {
    expect(compute(words).problems).toEqual([]);
    expect(compute(words).value?.compute.sbatch_options).toEqual(expected);
  });

  it.each([
    ...['--array=1', '-a1', '--arr=1', '--export=NONE', '--hold', '-H', '--job-name=x', '-Jx', '--output=x', '-ox'],
    ...['--error=x', '-ex', '--chdir=/', '-D/', '--wrap=id', '--parsable', '--dependency=afterok:1', '-dafterok:1'],
    ...[
      '--time-min=1',
      '--deadline=now',
      '--test-only',
      '--wait',
      '-W',
      '--quiet',
      '-Q',
      '--input=x',
      '-ix',
      '--verbose',
    ],
    ...['--ignore-pbs', '--export-file=x', '--open-mode=append', '--uid=1', '--get-user-env', '--cluster-constraint=x'],
    ...[
      '--help',
      '--version',
      '--usage',
      ':',
      'hetjob',
      'packjob',
      '--depend=afterok:1',
      '--w=1',
      '--kill-on-invalid-dep=yes',
    ],
  ])('refuses %s, which the launcher owns or which breaks the launch', (word) => {
    const { value, problems } = compute([word]);
    expect(value).toBeNull();
    expect(problems).toMatchObject([{ severity: 'error', pointer: '/compute/sbatch_options/0' }]);
  });

  it.each([
    ['--mem=4G', 'memory'],
    ['--time=10', 'time'],
    ['-t10', 'time'],
    ['--requeue', 'requeue'],
    ['--no-requeue', 'requeue'],
    ['--clusters=a', 'cluster'],
    ['--cluster=a', 'cluster'],
    ['-Ma', 'cluster'],
    ['--gres=disk:1,gpu:2', 'gpu_count'],
    ['--gpus-per-task=1', 'gpu_count'],
    ['--exclusive', 'exclusive'],
    ['--nodefile=hosts', 'nodelist'],
    ['--comment=x', 'comment'],
    ['--signal=USR1', 'signal'],
  ])('names the key of %s', (word, key) => {
    expect(compute([word]).problems.map(({ message }) => message)).toEqual([
      expect.stringContaining(`has a key of its own; write \`compute.${key}\``),
    ]);
  });

  it.each([
    [['--licenses x'], 'write it in one word: `--licenses=x`'],
    [['-L x'], 'write it in one word: `--licenses=x`'],
    [['--tmp', '1G'], 'has no value; write `--tmp=…` in one word'],
    [['--tmp='], 'has an empty value'],
    [['--contiguous=yes'], 'takes no value'],
    [['--tmp=1', '--tmp=2'], 'is a duplicate'],
    [['--tmp=1\n#SBATCH --array=1'], 'U+000A'],
    [['-z'], 'is not an sbatch option'],
    [['--hin=x'], 'is short for `--hint`'],
  ])('refuses %j', (words, message) => {
    expect(compute(words).problems[0]?.message).toContain(message);
    expect(compute(words).value).toBeNull();
  });

  it('does not take licenses from two places', () => {
    expect(compute(['--licenses=x'], 'licenses: y, ').problems[0]?.message).toContain('has a key of its own');
  });
});
