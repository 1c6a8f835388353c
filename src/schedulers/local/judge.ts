import type { Code } from '../../errors/catalog.ts';
import { named } from '../code-changed.ts';
import { INPUTS_CHANGED_STATUS } from '../script-statuses.ts';
import { type Exit, OTHERS_HIDDEN } from './receipt.ts';

/** What an exit receipt means. Pure. The input is independent facts; the output is one code and all the evidence. */

export interface JudgeContext {
  /** The files that the script's prologue found changed; null if the code was as approved. */
  readonly codeChanged: readonly string[] | null;
  /** The data that were found changed just before the entrypoint; null if they were as at the launch. */
  readonly inputsChanged?: readonly string[] | null;
  /** The driver had recorded the user's cancel before the end. */
  readonly cancelRequested: boolean;
  readonly timeLimitSeconds: number | null;
}

export interface LocalVerdict {
  /** null if the entrypoint ended well. */
  readonly code: Code | null;
  readonly message: string;
  readonly evidence: readonly string[];
}

export function judgeExit(exit: Exit, context: JudgeContext): LocalVerdict {
  const evidence = evidenceOf(exit);
  const verdict = (code: Code | null, message: string): LocalVerdict => ({ code, message, evidence });
  if (exit.start_error !== null)
    return verdict('local.start_failed', `The entrypoint could not be started: ${exit.start_error}.`);
  if (context.codeChanged !== null)
    return verdict(
      'local.code_changed',
      `The code is not what was checked at launch; the entrypoint was not started${named(context.codeChanged)}.`,
    );
  const { inputsChanged = null } = context;
  if (inputsChanged !== null && exit.exit_code === INPUTS_CHANGED_STATUS)
    return verdict(
      'local.inputs_changed',
      `The data are not what they were at the launch; the entrypoint was not started${named(inputsChanged)}.`,
    );
  // The actual end decides, not the request: a run that ended by itself was not cancelled.
  if (exit.ended_by === 'request' && context.cancelRequested) return verdict('run.cancelled', 'The run was cancelled.');
  if (exit.ended_by === 'time_limit')
    return verdict(
      'local.timeout',
      `The run reached its limit of ${String(context.timeLimitSeconds)} s and was stopped.`,
    );
  if (exit.ended_by === 'request')
    return verdict('local.terminated', 'A signal stopped the supervisor, which ended the run.');
  return judgeOwnEnd(exit, verdict);
}

/** The entrypoint ended by itself, or the kernel ended it. */
function judgeOwnEnd(exit: Exit, verdict: (code: Code | null, message: string) => LocalVerdict): LocalVerdict {
  const oom = (exit.oom_kills ?? 0) > 0;
  if (oom && exit.oom_in_run)
    return verdict(
      'local.out_of_memory',
      `The run ended with ${endWords(exit)}, and the kernel killed ${String(exit.oom_kills)} of its processes: out of memory${limitWords(exit)}.`,
    );
  if (exit.exit_code === 0) return verdict(null, 'The entrypoint ended with exit code 0.');
  if (oom && (exit.signal === 'SIGKILL' || exit.exit_code === 137))
    return verdict(
      'local.out_of_memory',
      `The run ended with ${exit.signal ?? 'exit code 137'}, and its cgroup counted ${String(exit.oom_kills)} out-of-memory kill(s) during the run.`,
    );
  if (exit.signal !== null) return verdict('local.signal', `The entrypoint was ended by ${exit.signal}.`);
  return verdict('local.failed', `The entrypoint ended with exit code ${String(exit.exit_code)}.`);
}

function endWords({ exit_code: code, signal }: Exit): string {
  return signal ?? `exit code ${String(code)}`;
}

function limitWords({ memory_limit_bytes: limit }: Exit): string {
  return limit === null ? '' : `, with a limit of ${Math.round(limit / 1024 / 1024)} MB`;
}

function evidenceOf(exit: Exit): string[] {
  const evidence: string[] = [];
  if (exit.exit_code !== null) evidence.push(`exit code ${exit.exit_code}`);
  if (exit.signal !== null) evidence.push(`signal ${exit.signal}`);
  if (exit.ended_by !== null) evidence.push(`ended by the supervisor: ${exit.ended_by}`);
  if (exit.oom_kills !== null && exit.oom_kills > 0) {
    const conflict = exit.exit_code === 0 ? '; the exit code is 0 nevertheless' : '';
    const whose = exit.oom_in_run ? "the run's own cgroup" : 'the cgroup';
    evidence.push(`${whose} counted ${exit.oom_kills} out-of-memory kill(s) during the run${conflict}`);
  }
  if (exit.others_hidden) evidence.push(OTHERS_HIDDEN);
  for (const survivor of exit.survivors) evidence.push(`still alive after the run: ${survivor}`);
  if (exit.exit_code !== null && exit.exit_code > 128 && exit.exit_code < 160) {
    evidence.push(
      `by shell convention, exit code ${exit.exit_code} means that signal ${exit.exit_code - 128} ended a child`,
    );
  }
  return evidence;
}
