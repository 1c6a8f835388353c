import type { Design } from '../project/design.ts';
import { activationBlock } from './activation.ts';
import { entrypointWords, shellWords } from './entrypoint.ts';
import { markedScript } from './mark.ts';
import { LOCAL_PROLOGUE } from './prologue.ts';

export { scriptOrigin } from './mark.ts';

/** `launch/run_local.sh`: rendered from design and environment, the same bytes every time. Pure. */

export interface LocalScriptParts {
  readonly design: Pick<Design, 'iteration_id' | 'entrypoint'>;
  /** The activation block of docs/environment.md, byte for byte. */
  readonly activation: string;
  /** What starts Python for an entrypoint that is a module. */
  readonly python: string;
}

/** The script. Artifacts with `from:` are none of its business: the launcher gathers them after the run. */
export function renderLocalScript({ design, activation, python }: LocalScriptParts): string {
  return markedScript(
    'run_local.sh',
    `# Made by autolab from experiments/${design.iteration_id}/design.yaml and docs/environment.md, for a run on this machine.
# Made anew at every launch. Once edited it is yours: it is checked (autolab lint-script) and never overwritten.
# Artifacts that the design collects from elsewhere (from:) are gathered by autolab after the run.
set -euo pipefail

${LOCAL_PROLOGUE}
${activationBlock(activation)}
autolab_run ${shellWords(entrypointWords(design.entrypoint, python))}
`,
  );
}
