import { describe, expect, it } from 'vitest';
import { autolab } from '../support/autolab.ts';
import { call, problemsOf } from '../support/contract.ts';
import { edit, makeProject, temporaryFolder, write } from '../support/project.ts';

/** R16, R25: `lint-script` on scripts for sbatch. */

const SCRIPT = 'experiments/iter1/launch/run_slurm.sbatch';
const LIMITS = '.autolab/experiment_file_line_limits.yaml';

function makeSlurmProject(activation = 'export GREETING=hello\n'): string {
  return makeProject({
    activation,
    compute: { location: 'slurm', time: '"00:05:00"', memory: '1G', partition: 'main' },
  });
}

async function handWritten(root: string, changes: readonly (readonly [string, string])[] = []): Promise<void> {
  const prologue = (await autolab(root, ['lint-script', '--prologue', 'slurm'])).stdout;
  const script = `#!/bin/bash
#SBATCH --job-name=mine --time=5 --mem=1024M -p main -c 1
#SBATCH -o experiments/iter1/runs/any/logs/%j.out
#SBATCH -e experiments/iter1/runs/any/logs/%j.err
set -euo pipefail
${prologue}export GREETING=hello
autolab_run bash experiments/iter1/main.sh
`;
  write(
    root,
    SCRIPT,
    changes.reduce((text, [from, to]) => text.replace(from, to), script),
  );
}

describe('lint-script --prologue', () => {
  it('prints the prologue of the mode, the local one where none is named', async () => {
    const folder = temporaryFolder();
    const plain = await autolab(folder, ['lint-script', '--prologue']);
    const local = await autolab(folder, ['lint-script', '--prologue', 'local']);
    const slurm = await autolab(folder, ['lint-script', '--prologue', 'slurm']);

    expect(plain.stdout).toMatch(/^# autolab prologue v4 local: begin\n[^]*\n# autolab prologue v4 local: end\n$/);
    expect(local).toEqual(plain);
    expect(slurm.stdout).toMatch(/^# autolab prologue v2 slurm: begin\n[^]*\n# autolab prologue v2 slurm: end\n$/);
    expect(slurm).toMatchObject({ status: 0, stderr: '' });
    expect((await call(folder, ['lint-script', '--prologue', 'slurm'])).json).toMatchObject({
      outcome: 'ok',
      prologue: slurm.stdout,
    });
  });

  it('knows no other mode', async () => {
    const ended = await autolab(temporaryFolder(), ['lint-script', '--prologue', 'pbs']);

    expect(ended).toMatchObject({ status: 2, stdout: '' });
    expect(ended.stderr).toContain('local, slurm');
  });
});

describe('lint-script on a Slurm script', () => {
  it('finds nothing where it keeps the rules', async () => {
    const root = makeSlurmProject();
    await handWritten(root);

    expect(await call(root, ['lint-script', SCRIPT])).toMatchObject({ status: 0, json: { code: 'ok', problems: [] } });
  });

  it('tells every rule that is broken, with its place', async () => {
    const root = makeSlurmProject();
    await handWritten(root, [
      ['--mem=1024M', '--mem=2G --array=1-3'],
      ['-p main', '-p other'],
      ['export GREETING=hello\n', ''],
      ['autolab_run bash experiments/iter1/main.sh', 'autolab_run exec bash experiments/iter1/main.sh\nif'],
    ]);

    const ended = await call(root, ['lint-script', SCRIPT]);

    expect(ended).toMatchObject({ status: 10, json: { code: 'script.invalid' } });
    const problems = problemsOf(ended.json);
    expect(problems).toHaveLength(6);
    for (const [said, line] of [
      [/--mem/, 2],
      [/--array/, 2],
      [/--partition/, 2],
    ] as const)
      expect(problems.find((problem) => said.test(problem.message))).toMatchObject({ file: SCRIPT, line });
    expect(problems.map((problem) => problem.message).join('\n')).toMatch(
      /environment is not activated[^]*run with `exec`[^]*bash cannot parse/,
    );
  });

  it('takes a file with #SBATCH lines for one, and warns without failing', async () => {
    const root = makeSlurmProject();
    await handWritten(root, [['-p main', '-p main --chdir=/tmp']]);
    const file = 'experiments/iter1/launch/mine.sh';
    edit(root, SCRIPT, (text) => {
      write(root, file, text);
      return text;
    });

    const ended = await call(root, ['lint-script', file]);

    expect(ended).toMatchObject({ status: 0, json: { problems: [{ file, line: 2, severity: 'warning' }] } });
  });

  it('has its own line budget, which can be raised', async () => {
    const root = makeSlurmProject();
    await handWritten(root, [['export GREETING', `${'# a long story\n'.repeat(60)}export GREETING`]]);

    const short = await call(root, ['lint-script', SCRIPT]);
    write(root, LIMITS, 'version: 1\nline_limits:\n  fixed_max_lines:\n    launch/run_slurm.sbatch: 300\n');
    const long = await call(root, ['lint-script', SCRIPT]);

    expect(problemsOf(short.json)).toMatchObject([{ line: 121, code: 'script.too_long' }]);
    expect(long.status).toBe(0);
  });
});
