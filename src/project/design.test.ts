import { describe, expect, it } from 'vitest';
import { fc } from '../../test/support/properties.ts';
import { type Design, parseDesign } from './design.ts';

const HEAD = 'id: d1\niteration_id: iter1\n';
const LOCAL = 'compute: {location: local, time: 10}\n';
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

const NOT_GIVEN = {
  memory_per_cpu: null,
  memory_per_cpu_mb: null,
  memory_per_gpu: null,
  memory_per_gpu_mb: null,
  ntasks_per_node: null,
  exclusive: false,
  nodelist: null,
  licenses: null,
  begin: null,
  signal: null,
  grace_seconds: null,
  cluster: null,
  comment: null,
  mail_type: null,
  mail_user: null,
  wckey: null,
  sbatch_options: [],
};

describe('parseDesign', () => {
  it('reads a whole design', () => {
    const text = `id: d1
iteration_id: iter1
hypothesis_id: h1
entrypoint:
  module: package.train
  args: {epochs: 3, use_amp: true, out: "{{ run_dir }}/x", none: null}
compute:
  location: slurm
  time: 1-00:30:00
  memory: 4G
  cpus: 2
  gpu_count: 1
  gpu_type: a100
  partition: gpu,short
  qos: high
  account: 12345
  constraint: "a100&nvlink"
  nodes: 1
  ntasks: 1
  exclude: node[01-03],node07
  reservation: maint_1
  nice: -5
  requeue: true
artifacts:
  - metrics.json
  - {path: "checkpoints/**", required: false, from: "{{scratch}}/ckpt"}
metrics: {primary: {name: accuracy, mode: maximize}}
baselines: [{name: majority, value: 0.5}]
`;
    expect(parseDesign(text, 'd')).toEqual({
      problems: [],
      value: {
        id: 'd1',
        iteration_id: 'iter1',
        hypothesis_id: 'h1',
        inputs: [],
        entrypoint: {
          kind: 'module',
          module: 'package.train',
          args: { epochs: 3, use_amp: true, out: '{{run_dir}}/x', none: null },
        },
        compute: {
          location: 'slurm',
          time: '1-00:30:00',
          time_seconds: 88_200,
          memory: '4G',
          memory_mb: 4096,
          cpus: 2,
          gpu_count: 1,
          gpu_type: 'a100',
          partition: 'gpu,short',
          qos: 'high',
          account: '12345',
          constraint: 'a100&nvlink',
          nodes: 1,
          ntasks: 1,
          exclude: 'node[01-03],node07',
          reservation: 'maint_1',
          nice: -5,
          requeue: true,
          ...NOT_GIVEN,
        },
        tasks: null,
        code: { run_from: null, link: null },
        artifacts: [
          { path: 'metrics.json', required: true, from: null },
          { path: 'checkpoints/**', required: false, from: '{{scratch}}/ckpt' },
        ],
        metrics: { file: 'metrics.json', primary: { name: 'accuracy', mode: 'maximize' }, others: [] },
        baselines: [{ name: 'majority', value: 0.5, others: {} }],
      },
    });
  });

  it('has null, none and false for what is left out', () => {
    expect(design(`${HEAD}${ENTRY}compute: {location: local}\n`)).toMatchObject({
      hypothesis_id: null,
      artifacts: [],
      compute: {
        time: null,
        time_seconds: null,
        memory: null,
        memory_mb: null,
        cpus: null,
        gpu_count: 0,
        gpu_type: null,
        partition: null,
        nice: null,
        requeue: false,
      },
    });
  });

  it('reports the problems of all parts at once, in the order of the file', () => {
    const text =
      'iteration_id: ../x\nentrypoint: {comand: [a]}\ncompute:\n  location: cluster\n  tiem: 1\n  memory: 4GiB\nartifacts:\n  - /etc/passwd\n';
    expect(complaints(text).map((complaint) => complaint.split(' ').slice(0, 2).join(' '))).toEqual([
      '1:1 value.missing',
      '1:15 path.unsafe_id',
      '2:14 value.unknown_key',
      '4:13 value.invalid',
      '5:3 value.unknown_key',
      '6:11 value.invalid',
      '8:5 value.invalid',
    ]);
  });

  it('takes a mapping with any key for what it is', () => {
    expect(complaints(`${HEAD}${ENTRY}compute: {location: local, time: {toString: 1}}\n`)).toEqual([
      expect.stringContaining('4:34 value.invalid'),
    ]);
  });

  it('says what is missing altogether', () => {
    expect(complaints('metrics: {}\n')).toEqual([
      '1:1 value.missing `id` is missing; write a name for the design, such as "d1"',
      '1:1 value.missing `iteration_id` is missing; write the name of the folder of this file, such as "iter1"',
      '1:1 value.missing `entrypoint` is missing; write a mapping with `module: package.train`, `command: [python, train.py]` or `cli: "python train.py"`',
      '1:1 value.missing `compute` is missing; write `compute: {location: local, time: "00:30:00"}`',
    ]);
  });

  it('never throws on any text', () => {
    const piece = fc.constantFrom(
      HEAD,
      LOCAL,
      ENTRY,
      'entrypoint:',
      ' args: {a: [',
      'compute:\n',
      '  time: ',
      'artifacts:\n',
      ' - ',
      '{path: ',
      '"{{',
      '}}',
      'x',
      '\n',
      '1',
      ']',
      '}',
      'null',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece, { maxLength: 20 }).map((parts) => parts.join('')),
        ),
        (text) => {
          const { value, problems } = parseDesign(text, 'd');
          expect(value !== null || problems.length > 0).toBe(true);
        },
      ),
    );
  });

  it('never throws on any value in any place', () => {
    const keys = fc.constantFrom(
      'module',
      'args',
      'command',
      'cli',
      'location',
      'time',
      'memory',
      'cpus',
      'gpus',
      'partition',
      'nice',
      'requeue',
      'path',
      'from',
      'required',
    );
    const part = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(keys, fc.jsonValue()),
      fc.array(fc.dictionary(keys, fc.jsonValue())),
    );
    fc.assert(
      fc.property(part, part, part, (entrypoint, compute, artifacts) => {
        const { value, problems } = parseDesign(
          JSON.stringify({ id: 'd', iteration_id: 'i', entrypoint, compute, artifacts }),
          'd',
        );
        expect(value !== null || problems.some(({ severity }) => severity === 'error')).toBe(true);
      }),
    );
  });

  it.each([
    ['srun for one task', '', '["/usr/bin/srun", "--mpi=none", "a"]', true],
    ['mpirun for several', ', ntasks: 2', '[mpirun, a]', true],
    ['mpirun for one', '', '[mpirun, "-n", "2", a]', false],
    ['a program called like one', ', ntasks: 2', '["./my-srun", a]', false],
  ])('on Slurm, %s', (_, tasks, command, refused) => {
    const { problems } = parseDesign(
      `id: d1\niteration_id: iter1\nentrypoint: {command: ${command}}\ncompute: {location: slurm, time: 10, memory: 1G${tasks}}\n`,
      'd',
    );
    const messages = problems.map(({ message }) => message);
    expect(messages).toEqual(refused ? [expect.stringContaining('autolab itself starts the tasks')] : []);
  });

  it.each([['/usr/bin/sbatch'], ['salloc'], ['qsub'], ['bsub']])('refuses %s wherever it runs', (program) => {
    for (const location of ['local', 'slurm']) {
      const text = `id: d1\niteration_id: iter1\nentrypoint: {command: [${program}, job.sh]}\ncompute: {location: ${location}, time: 10, memory: 1G}\n`;
      const { value, problems } = parseDesign(text, 'd');

      expect(value === null || problems.some(({ severity }) => severity === 'error')).toBe(true);
      expect(problems.map(({ message }) => message)).toEqual([
        expect.stringContaining('autolab itself submits the job'),
      ]);
    }
  });
});
