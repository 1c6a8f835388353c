import { describe, expect, it } from 'vitest';
import { parseDesign } from '../design.ts';

const compute = (keys: string) =>
  parseDesign(
    `id: d1\niteration_id: iter1\nentrypoint: {command: [a]}\ncompute: {location: slurm, time: 10, memory: 1G, ${keys}}\n`,
    'd',
  );

function found(keys: string): string[] {
  return compute(keys).problems.map(({ severity, message }) => `${severity} ${message}`);
}

describe('a key of compute that asks for something under another name', () => {
  it.each([
    ['gres: "gpu:2"', 'write `gpu_count` and `gpu_type` for GPUs'],
    ['array: 1-8', '`--array` would run the experiment several times (for many tasks, write `tasks`); remove it'],
    ['mem_per_cpu: 1G', 'write `memory_per_cpu`'],
    ['mem-per-cpu: 1G', 'write `memory_per_cpu`'],
    ['memPerCpu: 1G', 'write `memory_per_cpu`'],
    ['dependency: afterok:1', '`--dependency` would let another job decide'],
    ['cpus_per_task: 2', 'write `cpus`'],
    ['queue: long', 'write `partition`'],
    ['mail: me', 'write `mail_type` and `mail_user`'],
    ['time_limit: 10', 'write `time`'],
    ['gpus_per_task: 1', 'write `gpu_count`, the number of GPUs on each node'],
    ['tasks_per_node: 2', 'write `ntasks_per_node`'],
    ['clusters: a', 'write `cluster`'],
    ['job_name: mine', '`--job-name` is set by autolab'],
    ['export: NONE', '`--export` is set by autolab'],
    ['hold: true', '`--hold` is set by autolab'],
    ['time_min: 1', 'write `time`'],
    ['deadline: tomorrow', 'before the time that was approved'],
    ['hint: nomultithread', 'write `sbatch_options: ["--hint=…"]`'],
    ['contiguous: true', 'write `sbatch_options: ["--contiguous"]`'],
    ['gpu-count: 1', 'did you mean `gpu_count`?'],
    ['gpuCount: 1', 'did you mean `gpu_count`?'],
    ['ntaskss: 2', 'did you mean `ntasks`?'],
  ])('%s', (keys, advice) => {
    expect(found(keys)).toEqual([expect.stringMatching(/^error the key `\S+` is not known and has no effect; /)]);
    expect(found(keys)[0]).toContain(advice);
    expect(compute(keys).value).toBeNull();
  });

  it.each([
    ['memroy: 1G', 'warning'],
    ['gres: "gpu:1"', 'warning'],
    ['queue: long', 'warning'],
    ['timeout: 10', 'error'],
    ['tiem: 10', 'error'],
    ['grace_time: 10', 'error'],
  ])('of a local run: %s is reported with %s', (keys, severity) => {
    const { problems } = parseDesign(
      `id: d1\niteration_id: iter1\nentrypoint: {command: [a]}\ncompute: {location: local, ${keys}}\n`,
      'd',
    );
    expect(problems.filter(({ code }) => code === 'value.unknown_key')).toMatchObject([{ severity }]);
  });

  it.each(['colour: blue', 'walltimes_of_other_runs: 3', 'gres: null', 'array: ""'])('warns of %s', (keys) => {
    expect(found(keys)).toEqual([expect.stringMatching(/^warning the key `\w+` is not known and has no effect/)]);
    expect(compute(keys).value).not.toBeNull();
  });

  it.each(['notes: "two nodes were too many"', 'note: x', 'x-owner: me', 'x_owner: me'])('knows %s', (keys) => {
    expect(found(keys)).toEqual([]);
  });
});
