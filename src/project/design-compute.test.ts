import { describe, expect, it } from 'vitest';
import { parseDesign, type Design } from './design.ts';

const HEAD = 'id: d1\niteration_id: iter1\n';
const ENTRY = 'entrypoint: {command: [python, train.py]}\n';

function design(text: string): Design {
  const { value, problems } = parseDesign(text, 'design.yaml');
  if (value === null) throw new Error(problems.map(({ message }) => message).join('\n'));
  return value;
}

function complaints(text: string): string[] {
  const { value, problems } = parseDesign(text, 'design.yaml');
  expect(value === null).toBe(problems.some(({ severity }) => severity === 'error'));
  return problems.map(({ line, column, code, message }) => `${String(line)}:${String(column)} ${code} ${message}`);
}

const withCompute = (compute: string) => `${HEAD}${ENTRY}compute: ${compute}\n`;

describe('compute', () => {
  it('accepts the other names, a bare number of minutes and of megabytes', () => {
    expect(
      design(withCompute('{location: slurm, walltime: 30, memory_estimate: 4000, gpus: 2}')).compute,
    ).toMatchObject({
      time: '30',
      time_seconds: 1800,
      memory: '4000',
      memory_mb: 4000,
      gpu_count: 2,
    });
    expect(design(withCompute('{location: local, walltime_estimate: 00:30:00}')).compute).toMatchObject({
      time: '00:30:00',
      time_seconds: 1800,
    });
    expect(design(withCompute('{location: local, time: 30, walltime: "00:30:00"}')).compute).toMatchObject({
      time: '30',
    });
  });

  it.each([
    ['no time for Slurm', '{location: slurm, memory: 1G}', 'value.missing `compute.time`'],
    ['no memory for Slurm', '{location: slurm, time: 10}', 'value.missing `compute.memory`'],
    [
      'names that disagree',
      '{location: local, time: 10, walltime: 20}',
      'value.conflict `compute.walltime` says something else than `compute.time`',
    ],
    ['GPU counts that disagree', '{location: local, time: 10, gpu_count: 1, gpus: 2}', 'value.conflict `compute.gpus`'],
    ['no time at all', '{location: local, time: 0}', 'value.invalid `compute.time` must be more than zero'],
    ['half a minute', '{location: local, time: 1.5}', 'value.invalid `compute.time`'],
    [
      'a misspelled location',
      '{location: Slurm}',
      'value.invalid `compute.location` must be `local` or `slurm`; it says `Slurm`',
    ],
    ['no location', '{cpus: 1}', 'value.missing `compute.location`'],
    ['a quoted count', '{location: local, time: 10, cpus: "2"}', 'without quotes'],
    ['no CPU', '{location: local, time: 10, cpus: 0}', 'value.invalid `compute.cpus`'],
    ['half a GPU', '{location: local, time: 10, gpus: 0.5}', 'value.invalid `compute.gpus`'],
    ['requeue as a word', '{location: local, time: 10, requeue: "no"}', 'value.type `compute.requeue`'],
    [
      'an option as partition',
      '{location: local, time: 10, partition: --wrap=id}',
      'value.invalid `compute.partition`',
    ],
    [
      'a newline in an account',
      '{location: local, time: 10, account: "a\\n#SBATCH --wrap"}',
      'value.control_character `compute.account`',
    ],
    ['a space in a constraint', '{location: local, time: 10, constraint: "a b"}', 'value.invalid `compute.constraint`'],
    ['a quote in a constraint', `{location: local, time: 10, constraint: "a'b"}`, 'value.invalid `compute.constraint`'],
    ['a direction mark', '{location: local, time: 10, qos: "a\\u202eb"}', 'U+202E'],
    [
      'a colon in a GPU type',
      '{location: local, time: 10, gpu_count: 1, gpu_type: "a:b"}',
      'value.invalid `compute.gpu_type`',
    ],
    ['a list of hosts', '{location: local, time: 10, exclude: [a, b]}', 'value.type `compute.exclude`'],
    ['a list', '[local]', 'value.type `compute`'],
  ])('refuses %s', (_, compute, words) => {
    const found = complaints(withCompute(compute));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(words);
  });

  it('warns of a GPU type without GPUs and of misspelled keys', () => {
    const { value, problems } = parseDesign(
      withCompute('{location: local, time: 10, gpu_type: a100, memroy: 4G}'),
      'd',
    );
    expect(value).not.toBeNull();
    expect(problems.map(({ severity, message }) => `${severity} ${message}`)).toEqual([
      'warning `compute.gpu_type` has no effect without `gpu_count`',
      'warning the key `memroy` is not known and has no effect; did you mean `memory`?',
    ]);
  });

  it.each(['{location: local}', '{location: local, time: null}', '{location: local, walltime: ~}'])(
    'warns of a local run without a time limit: %s',
    (compute) => {
      const { value, problems } = parseDesign(withCompute(compute), 'd');
      expect(value?.compute).toMatchObject({ time: null, time_seconds: null });
      expect(problems).toMatchObject([{ severity: 'warning', code: 'value.missing', pointer: '/compute/time' }]);
      expect(problems[0]?.message).toBe(
        '`compute.time` is not given, so there is no time limit: a run that hangs is never ended; write "HH:MM:SS"',
      );
    },
  );
});
