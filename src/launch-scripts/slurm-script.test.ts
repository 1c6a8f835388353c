import { describe, expect, it } from 'vitest';
import { COMPUTE, makeNode, slurmDesign } from '../../test/support/slurm-scripts.ts';
import type { Design } from '../project/design.ts';
import { slurmMemory, slurmTime } from './directives.ts';
import { comparableSlurmScript, neutralSlurmScript, scriptOrigin } from './mark.ts';
import { sbatchQuote, slurmPattern } from './sbatch-words.ts';
import { renderSlurmScript } from './slurm-script.ts';

type Parts = Pick<Design, 'iteration_id' | 'entrypoint' | 'compute'>;

const ACTIVATION = 'module load cuda/12\nsource venv/bin/activate\n';
const render = (design: Parts, runId = '20261124T031500Z_3fa9c1', activation = ACTIVATION): string =>
  renderSlurmScript({ design, activation, python: 'python3', runId });

const MODULE: Parts = {
  iteration_id: 'iter1',
  entrypoint: {
    kind: 'module',
    module: 'package.train',
    args: { epochs: 3, out_dir: '{{run_dir}}/out', use_amp: true },
  },
  compute: COMPUTE,
};
const DESIGNS: Readonly<Record<string, Parts>> = {
  minimal: MODULE,
  'all-keys': {
    ...MODULE,
    compute: {
      ...COMPUTE,
      time_seconds: 2 * 86_400 + 3661,
      memory_mb: 4000,
      cpus: 8,
      gpu_count: 2,
      gpu_type: 'a100',
      partition: 'gpu,long',
      qos: 'high',
      account: 'lab@site',
      constraint: '[rack1|rack2]&nvme*4',
      nodes: 1,
      ntasks: 1,
      exclude: 'node[01-03],node07',
      reservation: 'maintenance',
      nice: -5,
      requeue: true,
    },
  },
  gpus: { ...MODULE, compute: { ...COMPUTE, gpu_count: 4 } },
  'many-nodes': { ...MODULE, compute: { ...COMPUTE, cpus: 4, nodes: 2, ntasks: 8 } },
  'site-keys': {
    ...MODULE,
    compute: {
      ...COMPUTE,
      memory: null,
      memory_mb: null,
      memory_per_cpu: '2GB',
      memory_per_cpu_mb: 2048,
      gpu_count: 1,
      ntasks_per_node: 4,
      exclusive: 'user',
      nodelist: 'node[01-02]',
      licenses: 'matlab:2',
      begin: 'now+1hour',
      signal: { name: 'USR1', seconds: 120 },
      comment: 'a "b" # c',
      mail_type: 'END,FAIL',
      mail_user: 'me@example.org',
      wckey: 'key',
      sbatch_options: [
        { name: 'gres', value: 'disk:10G' },
        { name: 'hint', value: 'nomultithread' },
        { name: 'contiguous', value: null },
      ],
    },
  },
  'whole-node': { ...MODULE, compute: { ...COMPUTE, memory: '0', memory_mb: 0, exclusive: true } },
  'odd-names': {
    iteration_id: `Zoë's "50%" #1 😀`,
    entrypoint: { kind: 'command', argv: ['node', `a b/it's.mjs`, '--out={{run_dir}}/x y', '$HOME', 'ünï'] },
    compute: COMPUTE,
  },
  cli: {
    iteration_id: 'iter1',
    entrypoint: { kind: 'cli', line: 'python train.py --name "a b"', argv: ['python', 'train.py', '--name', 'a b'] },
    compute: { ...COMPUTE, partition: 'main', cpus: 2 },
  },
};

describe('renderSlurmScript', () => {
  it.each(Object.keys(DESIGNS))('writes the script that is kept as a golden file: %s', async (name) => {
    const design = DESIGNS[name];
    if (design === undefined) throw new Error(name);

    await expect(render(design)).toMatchFileSnapshot(`../../test/fixtures/scripts/${name}.sbatch`);
  });

  it('is compared without what changes nothing of the result', () => {
    const noted = { ...COMPUTE, comment: 'two', mail_type: 'END', mail_user: 'me', wckey: 'k' };
    const comparable = (compute: typeof COMPUTE): string => comparableSlurmScript(render({ ...MODULE, compute }));

    expect(comparable(noted)).toBe(comparable(COMPUTE));
    expect(comparable({ ...noted, licenses: 'x' })).not.toBe(comparable(COMPUTE));
  });

  it('has no option about memory where the design leaves it to the site, and in no other case', () => {
    const site = { ...MODULE, compute: { ...COMPUTE, memory: 'site', memory_mb: null } };
    expect(render(site)).not.toContain('--mem');
    expect(render(MODULE)).toContain('#SBATCH --mem=4G\n');
  });

  it('is the same for the same design, but for two lines with the run (X3)', () => {
    const first = render(MODULE, 'r1').split('\n');
    const second = render(MODULE, 'r-2').split('\n');

    expect(render(MODULE, 'r1').split('\n')).toEqual(first);
    expect(second.filter((line, index) => line !== first[index])).toEqual([
      '#SBATCH --output=experiments/iter1/runs/r-2/logs/slurm-%j.out',
      '#SBATCH --error=experiments/iter1/runs/r-2/logs/slurm-%j.err',
    ]);
  });

  it.each(Object.values(DESIGNS))('has a form that does not depend on the run: $iteration_id', (design) => {
    const neutral = neutralSlurmScript(render(design, 'r1'));

    expect(neutral).toBe(neutralSlurmScript(render(design, 'another-run')));
    expect(neutral).not.toContain('r1/logs');
    expect(neutral).not.toBe(neutralSlurmScript(render({ ...design, compute: { ...design.compute, cpus: 63 } }, 'r1')));
  });

  it('keeps within the budget of 120 lines, with room for an activation (R25)', () => {
    expect(render(DESIGNS['all-keys'] ?? MODULE).split('\n').length).toBeLessThan(110);
  });

  it('is distinguished from an edited one, whatever the run', () => {
    const script = render(MODULE, 'r1');

    expect(scriptOrigin(script)).toBe('rendered');
    expect(scriptOrigin(script.replaceAll('runs/r1/', 'runs/r2/'))).toBe('rendered');
    expect(scriptOrigin(script.replace('--mem=4G', '--mem=8G'))).toBe('edited');
    expect(scriptOrigin(script.replaceAll('/logs/', '/log/'))).toBe('edited');
  });

  it('starts several tasks with srun, each with its CPUs and the whole environment', () => {
    const last = (compute: Partial<typeof COMPUTE>): string =>
      render(slurmDesign(['x'], compute))
        .trimEnd()
        .split('\n')
        .at(-1) ?? '';

    expect(last({ ntasks: 2 })).toBe('autolab_run srun --export=ALL --kill-on-bad-exit=1 --ntasks=2 -- x');
    expect(last({ nodes: 2, cpus: 3 })).toBe(
      'autolab_run srun --export=ALL --kill-on-bad-exit=1 --nodes=2 --ntasks=2 --cpus-per-task=3 -- x',
    );
    expect(last({ nodes: 1, ntasks: 1, cpus: 3 })).toBe('autolab_run x');
  });
});

describe('values of directives', () => {
  it.each([
    [60, '00:01:00'],
    [86_399, '23:59:59'],
    [86_400, '1-00:00:00'],
    [3650 * 86_400, '3650-00:00:00'],
  ])('%i seconds', (seconds, text) => {
    expect(slurmTime(seconds)).toBe(text);
  });

  it.each([
    [1, '1M'],
    [4096, '4G'],
    [1_048_576, '1024G'],
    [1025, '1025M'],
  ])('%i megabytes', (megabytes, text) => {
    expect(slurmMemory(megabytes)).toBe(text);
  });

  it.each([
    ['gpu:a100:2', 'gpu:a100:2'],
    ['a b', '"a b"'],
    ['#1', '"#1"'],
    [`it's`, `"it's"`],
    ['say "x"', '"say \\"x\\""'],
    ['a\\b', '"a\\\\b"'],
  ])('%s is written %s', (value, text) => {
    expect(sbatchQuote(value)).toBe(text);
  });

  it('doubles % in paths, and refuses what switches the patterns off', () => {
    expect(slurmPattern('/p/100%/x y')).toEqual({ ok: true, text: '/p/100%%/x y' });
    expect(JSON.stringify(slurmPattern('/p/a\\b'))).toContain('backslash');
    expect(JSON.stringify(slurmPattern('/p/a\nb'))).toContain('control character');
  });
});

describe('a rendered script, run by bash', () => {
  it('lets the words of the entrypoint reach the program, in the project root, with the environment active', async () => {
    const node = makeNode();
    const words = ['bash', '-c', 'printf "%s\\n" "$PWD" "$FOUND" "$@"', 'x', `it's`, '$HOME', '{{run_dir}}/a b', '#'];
    const script = render(slurmDesign(words), 'r1', 'cd /tmp\nexport FOUND="x$NOT_SET_ANYWHERE"\n');

    const ended = await node.run(script);

    expect(ended).toMatchObject({ status: 0, stderr: '' });
    expect(ended.stdout.trimEnd().split('\n')).toEqual([node.root, 'x', `it's`, '$HOME', `${node.runDir}/a b`, '#']);
  });

  it('stops where the activation fails, and leaves a receipt of it', async () => {
    const node = makeNode();

    const ended = await node.run(render(slurmDesign(['touch', 'ran']), 'r1', 'false\n'));

    expect(ended.status).toBe(1);
    expect(node.json('exit.json')).toMatchObject({ exit_code: 1 });
  });
});
