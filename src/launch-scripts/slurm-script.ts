import type { Design } from '../project/design.ts';
import { activationBlock } from './activation.ts';
import { directives } from './directives.ts';
import { entrypointWords, shellWords } from './entrypoint.ts';
import { markedScript } from './mark.ts';
import { SLURM_PROLOGUE } from './slurm-prologue.ts';
import { starterFor } from './starter.ts';

export { comparableSlurmScript } from './mark.ts';

/**
 * `launch/run_slurm.sbatch`: rendered from design and environment. The run's id stands in two lines, because Slurm wants
 * the paths of log files literally; everything else is the same bytes every time. Pure.
 */

export interface SlurmScriptParts {
  readonly design: Pick<Design, 'iteration_id' | 'entrypoint' | 'compute'>;
  /** The activation block of docs/environment.md, byte for byte. */
  readonly activation: string;
  /** What starts Python for an entrypoint that is a module. */
  readonly python: string;
  readonly runId: string;
}

/** The script. The design's ids are those that its reader accepts: no control characters, no slash, no backslash. */
export function renderSlurmScript({ design, activation, python, runId }: SlurmScriptParts): string {
  return markedScript(
    'run_slurm.sbatch',
    `# Made by autolab from experiments/${design.iteration_id}/design.yaml and docs/environment.md, for Slurm.
# Made anew at every launch. Once edited it is yours: it is checked (autolab lint-script) and never overwritten.
# The job's name, its folder and its log files are said by the launcher, whose options overrule these lines.
${directives(design, runId)}set -euo pipefail

${SLURM_PROLOGUE}
${activationBlock(activation)}
${starterFor(design.compute)}${shellWords(entrypointWords(design.entrypoint, python))}
`,
  );
}
