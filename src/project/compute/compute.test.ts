import { describe, expect, it } from 'vitest';
import { type Design, parseDesign } from '../design.ts';

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
      'value.conflict `compute.walltime` contradicts `compute.time`',
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
    ['requeue as a word', '{location: slurm, time: 10, memory: 1G, requeue: "no"}', 'value.type `compute.requeue`'],
    [
      'an option as partition',
      '{location: slurm, time: 10, memory: 1G, partition: --wrap=id}',
      'value.invalid `compute.partition`',
    ],
    [
      'a newline in an account',
      '{location: slurm, time: 10, memory: 1G, account: "a\\n#SBATCH --wrap"}',
      'value.control_character `compute.account`',
    ],
    [
      'a space in a constraint',
      '{location: slurm, time: 10, memory: 1G, constraint: "a b"}',
      'value.invalid `compute.constraint`',
    ],
    [
      'a quote in a constraint',
      `{location: slurm, time: 10, memory: 1G, constraint: "a'b"}`,
      'value.invalid `compute.constraint`',
    ],
    ['a direction mark', '{location: slurm, time: 10, memory: 1G, qos: "a\\u202eb"}', 'U+202E'],
    [
      'a colon in a GPU type',
      '{location: local, time: 10, gpu_count: 1, gpu_type: "a:b"}',
      'value.invalid `compute.gpu_type`',
    ],
    ['a list of hosts', '{location: slurm, time: 10, memory: 1G, exclude: [a, b]}', 'value.type `compute.exclude`'],
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

  it('reads the keys that sites need', () => {
    const text =
      '{location: slurm, time: 10, memory_per_cpu: 2GB, gpus_per_node: 2, ntasks_per_node: 4, exclusive: user, nodelist: "n[1-2]", ' +
      'licenses: "matlab:2", begin: 2027-01-20T12:34:00, signal: "B:SIGUSR1@120", grace: 30, cluster: c1, comment: "für uns", ' +
      'mail_type: "end,fail", mail_user: me@example.org, wckey: k, sbatch_options: ["--hint=nomultithread", "-S2", "--contiguous"]}';
    expect(design(withCompute(text)).compute).toMatchObject({
      memory: null,
      memory_mb: null,
      memory_per_cpu: '2GB',
      memory_per_cpu_mb: 2048,
      gpu_count: 2,
      ntasks_per_node: 4,
      exclusive: 'user',
      nodelist: 'n[1-2]',
      licenses: 'matlab:2',
      begin: '2027-01-20T12:34:00',
      signal: { name: 'USR1', seconds: 120 },
      grace_seconds: 30,
      cluster: 'c1',
      comment: 'für uns',
      mail_type: 'END,FAIL',
      mail_user: 'me@example.org',
      wckey: 'k',
      sbatch_options: [
        { name: 'hint', value: 'nomultithread' },
        { name: 'core-spec', value: '2' },
        { name: 'contiguous', value: null },
      ],
    });
  });

  it.each([
    ['memory: 0', { memory: '0', memory_mb: 0 }],
    ['memory: "0"', { memory: '0', memory_mb: 0 }],
    ['memory: site', { memory: 'site', memory_mb: null }],
    ['memory_estimate: Site', { memory: 'site', memory_mb: null }],
    ['memory: 64GB', { memory: '64GB', memory_mb: 65_536 }],
    ['memory: 300mb', { memory: '300mb', memory_mb: 300 }],
    ['gpus: 1, memory_per_gpu: 8G', { memory: null, memory_per_gpu_mb: 8192 }],
  ])('takes %s', (memory, expected) => {
    expect(complaints(withCompute(`{location: slurm, time: 10, ${memory}}`))).toEqual([]);
    expect(design(withCompute(`{location: slurm, time: 10, ${memory}}`)).compute).toMatchObject(expected);
  });

  it('takes an empty text for an absent value', () => {
    const text =
      '{location: slurm, time: 10, memory: 1G, gpu_type: "", partition: "", cpus: "", requeue: "", memory_per_cpu: "", ' +
      'exclusive: "", signal: "", comment: "", mail_type: "", sbatch_options: "", gres: "", notes: "x", x-mine: 1}';
    expect(complaints(withCompute(text))).toEqual([expect.stringContaining('the key `gres` is not known')]);
    expect(design(withCompute(text)).compute).toMatchObject({ gpu_type: null, cpus: null, sbatch_options: [] });
  });

  it.each([
    [
      'two forms of memory',
      'memory: 1G, memory_per_cpu: 1G',
      '`compute.memory_per_cpu` conflicts with `compute.memory`',
    ],
    ['no memory for a GPU', 'memory_per_gpu: 1G', 'requests nothing without `gpu_count`'],
    ['nothing for a processor', 'memory_per_cpu: 0', 'for all the memory of the nodes write `memory: 0`'],
    ['binary units', 'memory: 1GiB', 'write "1G"'],
    ['a fraction', 'memory: 1.5G', 'write "1536M"'],
    ['a signal that Slurm does not know', 'memory: 1G, signal: FOO@1', 'must be USR1, USR2 or TERM'],
    ['a signal that nothing can catch', 'memory: 1G, signal: KILL@60', 'must be USR1, USR2 or TERM'],
    ['a signal a day before', 'memory: 1G, signal: USR1@65536', 'at most 65535 seconds'],
    ['a signal without a name', 'memory: 1G, signal: "@60"', 'must be a signal and the seconds'],
    ['a grace without an end', 'memory: 1G, grace: -1', 'a whole number from 0'],
    ['all clusters', 'memory: 1G, cluster: all', 'the name of one cluster'],
    ['two clusters', 'memory: 1G, cluster: "a,b"', 'the name of one cluster'],
    ['a file of hosts', 'memory: 1G, nodelist: ./hosts', 'host names'],
    ['an event that Slurm does not know', 'memory: 1G, mail_type: DONE', 'events with commas'],
    ['a comment of two lines', 'memory: 1G, comment: "a\\nb"', 'U+000A'],
    ['exclusive as a word', 'memory: 1G, exclusive: "yes"', 'must be `true`, `false`, `user`, `mcs` or `topo`'],
  ])('refuses %s', (_, keys, words) => {
    expect(complaints(withCompute(`{location: slurm, time: 10, ${keys}}`))).toEqual([expect.stringContaining(words)]);
  });

  it('says in one warning which keys a local run does not read', () => {
    const text =
      '{location: local, time: 10, memory: 0, partition: p, exclusive: true, requeue: false, comment: hello}';
    expect(complaints(withCompute(text))).toEqual([
      expect.stringContaining(
        '`compute.location` is `local`: `compute.partition`, `compute.exclusive` and `compute.comment` have no effect, because only Slurm reads them; this value of `compute.memory` sets no limit here',
      ),
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
