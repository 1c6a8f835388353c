import { sha256 } from '../platform/ids.ts';
import type { Design } from '../project/design.ts';
import { entrypointWords, shellWords } from './entrypoint.ts';
import { LOCAL_PROLOGUE } from './prologue.ts';

/** `launch/run_local.sh`: rendered from design and environment, the same bytes every time. Pure. */

export interface LocalScriptParts {
  readonly design: Pick<Design, 'iteration_id' | 'entrypoint'>;
  /** The activation block of docs/environment.md, byte for byte. */
  readonly activation: string;
  /** What starts Python for an entrypoint that is a module. */
  readonly python: string;
}

const ACTIVATION_BEGIN = '# runtime environment (docs/environment.md): begin';
const ACTIVATION_END = '# runtime environment: end';

const SHEBANG = '#!/usr/bin/env bash';
const MARK = /^# autolab: script=run_local\.sh version=1 sha256=([0-9a-f]{64})$/;

/**
 * The script. `-u` is lifted around the activation, because those of conda and of environment modules read variables
 * that are not set; the entrypoint then runs in the project root, wherever the activation went. Artifacts with `from:`
 * are none of its business: the launcher gathers them after the run.
 */
export function renderLocalScript({ design, activation, python }: LocalScriptParts): string {
  const body = `# Made by autolab from experiments/${design.iteration_id}/design.yaml and docs/environment.md, for a run on this machine.
# Made anew at every launch. Once edited it is yours: it is checked (autolab lint-script) and never overwritten.
# Artifacts that the design collects from elsewhere (from:) are gathered by autolab after the run.
set -euo pipefail

${LOCAL_PROLOGUE}
set +u
${ACTIVATION_BEGIN}
${endedByLf(activation)}${ACTIVATION_END}
set -u
cd -- "$AUTOLAB_REPO_ROOT"

exec -- ${shellWords(entrypointWords(design.entrypoint, python))}
`;
  const digest = sha256(`${SHEBANG}\n${body}`);
  return `${SHEBANG}\n# autolab: script=run_local.sh version=1 sha256=${digest}\n${body}`;
}

/** Who wrote a script: `rendered` by us and untouched; `edited` since; or `hand_written`, without our mark. */
export function scriptOrigin(text: string): 'rendered' | 'edited' | 'hand_written' {
  const [first = '', second = ''] = text.split('\n', 2);
  const digest = MARK.exec(second)?.[1];
  if (digest === undefined) return 'hand_written';
  const rest = `${first}\n${text.slice(first.length + second.length + 2)}`;
  return sha256(rest) === digest ? 'rendered' : 'edited';
}

function endedByLf(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
