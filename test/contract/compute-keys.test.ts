import { describe, expect, it } from 'vitest';
import { autolab, autolabJson } from '../support/autolab.ts';
import { makeProject, runIds } from '../support/project.ts';
import { manifestOf } from '../support/runs.ts';

/** Nothing that a design asks for is dropped without a word. */

const problemsOf = (json: Record<string, any>): string[] =>
  (json['problems'] as { severity: string; pointer: string; message: string }[])
    .filter(({ pointer }) => pointer.startsWith('/compute'))
    .map(({ severity, message }) => `${severity} ${message}`);

describe('keys of compute that are not known', () => {
  it('refuses what Slurm knows under that name, with the right key, before anything is submitted', async () => {
    const wrong = {
      gres: '"gpu:2"',
      array: '1-8',
      mem_per_cpu: '1G',
      dependency: 'afterok:1',
      cpus_per_task: 4,
      queue: 'long',
      node_count: 2,
      hint: 'nomultithread',
    };
    const root = makeProject({ compute: { location: 'slurm', ...wrong } });
    const [end, shown] = await Promise.all([
      autolabJson(root, ['launch', '--dry-run']),
      autolab(root, ['launch', '--dry-run']),
    ]);
    expect([end.status, end.json['code']], end.stderr).toEqual([10, 'design.invalid']);
    const found = problemsOf(end.json).join('\n');
    for (const [key, advice] of Object.entries({
      gres: 'write `gpu_count` and `gpu_type`',
      array: 'would run the experiment several times',
      mem_per_cpu: 'write `memory_per_cpu`',
      dependency: 'autolab submits one job a run',
      cpus_per_task: 'write `cpus`',
      queue: 'write `partition`',
      node_count: 'write `nodes`',
      hint: 'write `sbatch_options: ["--hint=…"]`',
    })) {
      expect(found).toMatch(new RegExp(`^error the key \`${key}\` is not known and has no effect; .*`, 'm'));
      expect(found).toContain(advice);
      expect(shown.stderr).toContain(advice);
    }
    expect(runIds(root)).toEqual([]);
  });

  it('says of a memory of 0 only that this value sets no limit here', async () => {
    const root = makeProject({ compute: { memory: 0 } });
    const { stderr } = await autolab(root, ['launch', '--dry-run']);
    expect(stderr).toContain('this value of `compute.memory` sets no limit here');
    expect(stderr).not.toContain('only Slurm reads');
  });

  it('warns of every other one, and of keys that a run on this machine does not read, in the record, too', async () => {
    const root = makeProject({ compute: { colour: 'blue', partition: 'gpu', comment: 'ours', notes: 'nothing' } });
    const end = await autolab(root, ['launch', '--run-id', 'r1']);
    expect(end.status, end.stderr).toBe(0);
    const words = [
      'the key `colour` is not known and has no effect',
      '`compute.location` is `local`: `compute.partition` and `compute.comment` have no effect, because only Slurm reads them',
    ];
    for (const word of words) expect(end.stderr).toContain(word);
    expect(manifestOf(root, 'r1')['warnings']).toEqual(
      words.map((word) => `experiments/iter1/design.yaml: ${word}`).sort(),
    );
  });
});

it('records what was asked for, as written and as a number, and leaves out what was not', async () => {
  const root = makeProject({ compute: { memory: '300MB', gpu_type: '""', grace: 5 } });
  const end = await autolabJson(root, ['launch', '--run-id', 'r1']);
  expect([end.status, end.json['code']], end.stderr).toEqual([0, 'run.completed']);
  const request = manifestOf(root, 'r1')['resource_request'] as Record<string, unknown>;
  expect(request).toMatchObject({ memory: '300MB', memory_mb: 300, grace_seconds: 5 });
  for (const key of [
    'gpu_type',
    'memory_per_cpu',
    'exclusive',
    'signal',
    'sbatch_options',
    'comment',
    'nodes',
    'ntasks',
    'nice',
  ])
    expect(request).not.toHaveProperty(key);
});

it.each([false, true])('gives the same fingerprint whatever is only for people, with git: %s', async (git) => {
  const fingerprint = async (compute: Record<string, string>): Promise<string> => {
    const root = makeProject({ git, compute });
    const end = await autolab(root, ['launch', '--run-id', 'r1']);
    expect(end.status, end.stderr).toBe(0);
    return manifestOf(root, 'r1')['fingerprint'] as string;
  };
  const [plain, noted, other] = await Promise.all([
    fingerprint({}),
    fingerprint({ comment: 'second try', mail_type: 'END', mail_user: 'me', wckey: 'k', notes: 'quick' }),
    fingerprint({ memory: '2G' }),
  ]);
  expect(noted).toBe(plain);
  expect(other).not.toBe(plain);
});
