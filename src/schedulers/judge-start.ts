import type { Code } from '../errors/catalog.ts';
import type { StartSign } from './entrypoint-start.ts';

/**
 * What the end of a run means in view of its beginning. Pure. A run whose entrypoint never began, or began another number of
 * times than the design says, is not completed, however well its script ended.
 */

interface Verdict {
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
}

/** How a script that ended before the entrypoint began looks to those who only see its status. */
const OF_A_STATUS: readonly Code[] = ['local.failed', 'local.signal', 'slurm.failed', 'slurm.signal'];

export function judgeStart(verdict: Verdict, { sign, place, kind }: StartFacts): Verdict {
  const notStarted = `${kind}.not_started` as const;
  const seen = sign.kind === 'begun' ? sign.signals.map(({ signal, at }) => `the script got ${signal} at ${at}`) : [];
  const evidence = [...verdict.evidence, ...seen];
  if (sign.kind === 'left') {
    if (verdict.code !== null && !OF_A_STATUS.includes(verdict.code)) return { ...verdict, evidence };
    const at = place === null ? '' : ` at ${place}`;
    const how = sign.exit_code === 0 ? `left with status 0${at}` : `ended with status ${String(sign.exit_code)}${at}`;
    return { code: notStarted, message: `The activation ${how}; the entrypoint was not started.`, evidence };
  }
  if (verdict.code !== null) return { ...verdict, evidence };
  if (sign.kind === 'none')
    return {
      code: notStarted,
      message: 'The script ended with status 0 and left no sign that the entrypoint began.',
      evidence,
    };
  if (sign.starts === null)
    return {
      code: 'slurm.starts_differ',
      message: 'The entrypoint began, and how often was not counted.',
      evidence,
    };
  const { expected, begun } = sign.starts;
  if (begun === expected) return { ...verdict, evidence };
  return {
    code: 'slurm.starts_differ',
    message: `The entrypoint began ${times(begun)}; the design asks for ${times(expected)}.`,
    evidence,
  };
}

function times(count: number): string {
  return count === 1 ? 'once' : `${String(count)} times`;
}
