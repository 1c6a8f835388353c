import { expect, it } from 'vitest';
import { slurmDesign } from '../../test/support/slurm-scripts.ts';
import { SLURM_PROLOGUE_1 } from './format-1/prologues.ts';
import { lintSlurmScript } from './slurm-lint.ts';

it('judges a script of a journal of format 1 by the rules of that time', () => {
  const design = slurmDesign(['node', 'train.mjs']);
  const text = `#!/bin/bash
#SBATCH -J mine -o experiments/iter1/runs/any/logs/%j.out --error experiments/iter1/runs/any/logs/%j.err
#SBATCH --time=30 --mem=4096
set -euo pipefail
${SLURM_PROLOGUE_1}srun node train.mjs
`;
  const lint = (format: number): string[] =>
    lintSlurmScript(text, 'run_slurm.sbatch', { maxLines: 120, design, format }).map(({ message }) => message);

  expect(lint(1)).toEqual([]);
  expect(lint(2).join('\n')).toMatch(/another version of the prologue[^]*not started with `autolab_run`/);
});
