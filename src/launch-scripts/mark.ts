import { sha256 } from '../platform/ids.ts';

/**
 * Line 2 of the scripts that autolab renders: it distinguishes unchanged ones from those that a user edited or wrote.
 * Pure.
 */

const SHEBANG = '#!/usr/bin/env bash';
const MARK = /^# autolab: script=(?:run_local\.sh|run_slurm\.sbatch|activation\.sh) version=1 sha256=([0-9a-f]{64})$/;
/** The log files of a rendered Slurm script, which Slurm takes literally: the only places with a run's id. */
const RUN_IN_DIRECTIVE = /^(#SBATCH --(?:output|error)=.*\/runs\/)[^/\n]+(\/logs\/slurm-%j\.(?:out|err)"?)$/gm;

/** The whole script, from its lines after the second. The digest does not depend on the run. */
export function markedScript(name: 'run_local.sh' | 'run_slurm.sbatch' | 'activation.sh', body: string): string {
  return `${SHEBANG}\n# autolab: script=${name} version=1 sha256=${digestOf(SHEBANG, body)}\n${body}`;
}

/** Who wrote a script: `rendered` by autolab and unchanged; `edited` since; or `hand_written`, without the mark. */
export function scriptOrigin(text: string): 'rendered' | 'edited' | 'hand_written' {
  const [first = '', second = ''] = text.split('\n', 2);
  const digest = MARK.exec(second)?.[1];
  if (digest === undefined) return 'hand_written';
  return digestOf(first, text.slice(first.length + second.length + 2)) === digest ? 'rendered' : 'edited';
}

/** The script without the run's id: the same text for every run of a design. */
export function neutralSlurmScript(text: string): string {
  return text.replaceAll(RUN_IN_DIRECTIVE, '$1RUN$2');
}

/** These lines do not change the result. */
const FOR_PEOPLE = /^#SBATCH --(?:comment|mail-type|mail-user|wckey)=.*\n/gm;
const MARK_DIGEST = /^(# autolab: script=run_slurm\.sbatch version=\d+ sha256=)[0-9a-f]{64}$/m;

/** The same without the lines that do not change the result: for a fingerprint. */
export function comparableSlurmScript(text: string): string {
  return neutralSlurmScript(text).replaceAll(FOR_PEOPLE, '').replace(MARK_DIGEST, '$1');
}

function digestOf(first: string, body: string): string {
  return sha256(`${first}\n${neutralSlurmScript(body)}`);
}
