import type { Design } from '../project/design.ts';
import { activationBlock, sourcingBlock } from './activation.ts';
import { directives } from './directives.ts';
import { entrypointWords, shellWords } from './entrypoint.ts';
import { markedScript } from './mark.ts';
import { SLURM_PROLOGUE } from './slurm-prologue.ts';
import { starterFor } from './starter.ts';
import { TASKS_PROLOGUE } from './tasks/prologue.ts';
import { tasksBlock } from './tasks/tasks-block.ts';

export { comparableSlurmScript } from './mark.ts';

/**
 * `launch/run_slurm.sbatch`: rendered from design and environment. The run's id is in two lines, because Slurm takes
 * the paths of log files literally; everything else is the same bytes every time. Pure.
 */

export interface SlurmScriptParts {
  readonly design: Pick<Design, 'iteration_id' | 'entrypoint' | 'compute'> & Partial<Pick<Design, 'tasks'>>;
  /** The activation block of docs/environment.md, byte for byte. */
  readonly activation: string;
  /** Read from a file beside the script instead. */
  readonly sourced?: boolean;
  /** The command that starts Python, for an entrypoint that is a module. */
  readonly python: string;
  readonly runId: string;
}

/** The script. The design's reader accepts only ids without control characters, slashes and backslashes. */
export function renderSlurmScript({ design, activation, sourced, python, runId }: SlurmScriptParts): string {
  const command = `${starterFor(design.compute)}${shellWords(entrypointWords(design.entrypoint, python))}`;
  const hasTasks = (design.tasks ?? null) !== null;
  return markedScript(
    'run_slurm.sbatch',
    `# Rendered by autolab from experiments/${design.iteration_id}/design.yaml and docs/environment.md, for Slurm.
# autolab renders it again at every launch, unless you edit it: then autolab only checks it (autolab lint-script).
# autolab sets the job's name, folder and log files by options, which override these lines.
${directives(design, runId)}set -euo pipefail

${hasTasks ? TASKS_PROLOGUE : SLURM_PROLOGUE}
${sourced === true ? sourcingBlock(activation) : activationBlock(activation)}
${hasTasks ? tasksBlock(command) : command}
`,
  );
}
