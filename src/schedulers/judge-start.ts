import type { Code } from '../errors/catalog.ts';
import type { StartSign } from './entrypoint-start.ts';
import { NOT_WRITTEN_STATUS } from './script-statuses.ts';

/**
 * What the end of a run means in view of its beginning. Pure. A run whose entrypoint never began, or began another
 * number of times than the design says, is not completed, whatever its script's status.
 */

interface StartVerdict {
  /** null if it ended well. */
  readonly code: Code | null;
  readonly message: string;
  readonly evidence: readonly string[];
}

export interface StartFacts {
  readonly sign: StartSign;
  /** The line where the script ended, for a sentence: `docs/environment.md, line 12: "false"`; null if it is not known. */
  readonly place: string | null;
  readonly kind: 'local' | 'slurm';
  /** The exit status of a local run's script; left out if a signal ended it, and for a job. */
  readonly status?: number | null;
}

/** How a script that ended before the entrypoint began looks by its status alone. */
const OF_A_STATUS: readonly Code[] = ['local.failed', 'local.signal', 'slurm.failed', 'slurm.signal'];

export function judgeStart(verdict: StartVerdict, { sign, place, kind, status = null }: StartFacts): StartVerdict {
  if (sign.kind === 'left') return judgeLeft(verdict, sign.exit_code, place, kind);
  if (sign.kind === 'none') return judgeWithoutSign(verdict, kind, status);
  const seen = sign.signals.map(({ signal, at }) => `the script got ${signal} at ${at}`);
  const evidence = [...verdict.evidence, ...seen];
  return { ...(verdict.code === null ? judgeBegun(verdict, sign, kind) : verdict), evidence };
}

function isOfStatus({ code }: StartVerdict): boolean {
  return code !== null && OF_A_STATUS.includes(code);
}

/** The script ended before it reached the entrypoint. */
function judgeLeft(
  verdict: StartVerdict,
  status: number,
  place: string | null,
  kind: StartFacts['kind'],
): StartVerdict {
  if (verdict.code !== null && !isOfStatus(verdict)) return verdict;
  // In the EXIT trap of a script that a signal ended, the status and the line are not those of a command.
  if (verdict.code === `${kind}.signal`) return { ...verdict, message: endedBefore(verdict, kind) };
  const at = place === null ? '' : ` at ${place}`;
  const message = `The activation ended with status ${status}${at}; the entrypoint was not started.`;
  return { code: `${kind}.not_started`, message, evidence: verdict.evidence };
}

function judgeWithoutSign(verdict: StartVerdict, kind: StartFacts['kind'], status: number | null): StartVerdict {
  if (isOfStatus(verdict)) return { ...verdict, ...failedWithoutSign(verdict, kind, status) };
  if (verdict.code !== null) return verdict;
  const message = 'The script ended with status 0 and left no sign that the entrypoint began.';
  return { code: `${kind}.not_started`, message, evidence: verdict.evidence };
}

/** The run ended well; `sign` says how often the entrypoint began. */
function judgeBegun(
  verdict: StartVerdict,
  { starts, exit_code }: Extract<StartSign, { readonly kind: 'begun' }>,
  kind: StartFacts['kind'],
): StartVerdict {
  const differs = (message: string): StartVerdict => ({ ...verdict, code: 'slurm.starts_differ', message });
  if (starts === null) return differs('The entrypoint began, and how often was not counted.');
  const { expected, begun } = starts;
  if (begun === expected) return judgeStatus(verdict, kind === 'slurm' ? exit_code : null);
  return differs(`The entrypoint began ${times(begun)}; the design asks for ${times(expected)}.`);
}

/** The entrypoint's status decides, even if the script ended with another one. */
function judgeStatus(verdict: StartVerdict, status: number | null): StartVerdict {
  if (status === null || status === 0) return verdict;
  const message = `The entrypoint ended with exit code ${status}, and the script with 0.`;
  return { ...verdict, code: 'slurm.failed', message };
}

function endedBefore({ message }: StartVerdict, kind: StartFacts['kind']): string {
  if (kind === 'slurm') return `${message} The entrypoint was not started.`;
  return 'A signal ended the script before the entrypoint was started.';
}

/**
 * A local verdict is about the script's end, so the entrypoint replaces it; Slurm's is about the job's end, and stays.
 */
function failedWithoutSign(
  verdict: StartVerdict,
  kind: StartFacts['kind'],
  status: number | null,
): Pick<StartVerdict, 'code' | 'message'> {
  if (kind === 'slurm')
    return { code: verdict.code, message: `${verdict.message} It left no sign that the entrypoint began.` };
  if (status === NOT_WRITTEN_STATUS)
    return {
      code: 'local.start_failed',
      message: 'receipt/entrypoint.json could not be written; the entrypoint was not started.',
    };
  const how = status === null ? 'was ended by a signal' : `ended with status ${status}`;
  return { code: 'local.not_started', message: `The script ${how} and left no sign that the entrypoint began.` };
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
