import type { Design } from '../project/design.ts';
import { activationBlock, sourcingBlock } from './activation.ts';
import { entrypointWords, shellWords } from './entrypoint.ts';
import { markedScript } from './mark.ts';
import { LOCAL_PROLOGUE } from './prologue.ts';
import { TASKS_PROLOGUE } from './tasks/prologue.ts';
import { tasksBlock } from './tasks/tasks-block.ts';

export { scriptOrigin } from './mark.ts';

/** `launch/run_local.sh`: rendered from design and environment, the same bytes every time. Pure. */

export interface LocalScriptParts {
  readonly design: Pick<Design, 'iteration_id' | 'entrypoint'> & Partial<Pick<Design, 'tasks'>>;
  /** The activation block of docs/environment.md, byte for byte. */
  readonly activation: string;
  /** Read from a file beside the script instead. */
  readonly sourced?: boolean;
  /** The command that starts Python, for an entrypoint that is a module. */
  readonly python: string;
}

/** The script. It does not handle artifacts with `from:`: autolab gathers them after the run. */
export function renderLocalScript({ design, activation, sourced, python }: LocalScriptParts): string {
  const command = `autolab_run ${shellWords(entrypointWords(design.entrypoint, python))}`;
  const hasTasks = (design.tasks ?? null) !== null;
  return markedScript(
    'run_local.sh',
    `# Rendered by autolab from experiments/${design.iteration_id}/design.yaml and docs/environment.md, for a run on this machine.
# autolab renders it again at every launch, unless you edit it: then autolab only checks it (autolab lint-script).
# autolab gathers the artifacts that lie elsewhere (from:) after the run.
set -euo pipefail

${hasTasks ? TASKS_PROLOGUE : LOCAL_PROLOGUE}
${sourced === true ? sourcingBlock(activation) : activationBlock(activation)}
${hasTasks ? tasksBlock(command) : command}
`,
  );
}
