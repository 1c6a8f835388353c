import { renderLocalScript } from '../../launch-scripts/local-script.ts';
import { isSlurmScript, lintSlurmScript } from '../../launch-scripts/slurm-lint.ts';
import { SLURM_PROLOGUE } from '../../launch-scripts/slurm-prologue.ts';
import { renderSlurmScript } from '../../launch-scripts/slurm-script.ts';
import type { ScriptRules } from '../executor.ts';

export const slurmScriptRules: ScriptRules = {
  render: renderSlurmScript,
  lint: lintSlurmScript,
  recognizes: isSlurmScript,
  prologue: SLURM_PROLOGUE,
  commandRecord: { file: 'launch/run_local.sh', render: renderLocalScript },
};
