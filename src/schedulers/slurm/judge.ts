import type { Code } from '../../errors/catalog.ts';
import { named } from '../code-changed.ts';
import { CODE_CHANGED_STATUS, INPUTS_CHANGED_STATUS, NOT_CLAIMED_STATUS } from '../script-statuses.ts';
import { type EndContext, type EndFinding, NO_LOG_SIGNAL, type Words, wordsAbout } from './end-context.ts';
import { evidenceOf } from './end-evidence.ts';
import { byUser, endedUnbegun, noticeAt, startFailed, stopped } from './end-outside.ts';
import type { JobEnd } from './job-end.ts';
import type { RunStep } from './run-step.ts';
import { signalName, signalOfStatus } from './signals.ts';
import type { DaemonWords } from './step-daemon.ts';
import type { SrunTaskEnd } from './task-end.ts';
import { readExitCode } from './values.ts';

/**
 * What the end of a job means. Pure. The input is independent facts; the output is one code and all the evidence. If
 * facts contradict each other, the worse one decides, provided that it comes from Slurm itself; all are shown.
 * docs/reference/slurm-states.md has the rules.
 */

export interface JobVerdict {
  /** null for COMPLETED with 0:0 that no other fact of Slurm contradicts. */
  readonly code: Code | null;
  readonly message: string;
  readonly evidence: readonly string[];
}

/** slurmctld's exit code for a step that was killed because it ran out of memory. */
const OUT_OF_MEMORY_SIGNAL = 125;

/**
 * sacct prints an exit code above 128 less 128 (139 becomes `11:0`), so that a child's signal looks like an exit code.
 * The receipt shows which it was, and counts only if it matches.
 */
function wholeExitCode(end: JobEnd, { receipt }: EndContext): string {
  const exit = readExitCode(end.exitCode);
  const cut =
    exit !== null && exit.signal === 0 && receipt?.job_id === end.jobId && receipt.exit_code === exit.code + 128;
  return cut ? `${receipt.exit_code}:0` : end.exitCode;
}

export function judgeEnd(found: JobEnd, context: EndContext): JobVerdict {
  const end = { ...found, exitCode: wholeExitCode(found, context) };
  const words = wordsAbout(end, context);
  const [code, message] = findingOf(end, context, words);
  return { code, message, evidence: evidenceOf(end, context, words) };
}

function findingOf(end: JobEnd, context: EndContext, words: Words): EndFinding {
  const where = end.nodes === null ? '' : ` (${end.nodes})`;
  switch (end.state) {
    case 'COMPLETED':
      return completed(end, context, words);
    case 'FAILED':
      return failed(end, context, words);
    case 'TIMEOUT':
      return timedOut(end, context);
    case 'OUT_OF_MEMORY':
      return [
        'slurm.out_of_memory',
        `The job ended as OUT_OF_MEMORY: a process of it was killed because it ran out of memory${where}.`,
      ];
    case 'CANCELLED':
      return cancelled(end, context, words);
    case 'NODE_FAIL':
      return ['slurm.node_fail', `The job ended as NODE_FAIL: a node of it failed${where}.`];
    case 'PREEMPTED':
      return ['slurm.preempted', `The job was preempted${noticeAt(end.preemptedAt)}.`];
    case 'BOOT_FAIL':
      return ['slurm.boot_fail', `The job ended as BOOT_FAIL: its nodes could not be started${where}.`];
    case 'DEADLINE':
      return ['slurm.deadline', 'The job was ended at its deadline.'];
    case 'REVOKED':
      return ['slurm.revoked', 'The job ended as REVOKED: another cluster of the federation started the job.'];
    default:
      return ['slurm.unknown_state', `The job ended in the state ${end.state || '(none)'}, which is unknown.`];
  }
}

/** Completed with 0:0 is the only good end, and only if no other fact of Slurm shows that it was stopped. */
function completed(end: JobEnd, context: EndContext, words: Words): EndFinding {
  const { daemon } = words;
  const exit = readExitCode(end.exitCode);
  if (exit === null)
    return [
      'slurm.unknown_state',
      `The job is COMPLETED with the exit code "${end.exitCode}", which is not a Slurm exit code.`,
    ];
  if (exit.code !== 0 || exit.signal !== 0) return exitFinding(end, exit);
  if (wasKilledForMemory(end, daemon))
    return [
      'slurm.out_of_memory',
      'The job is COMPLETED with exit code 0, but a process of it was killed because it ran out of memory.',
    ];
  if (daemon.timeLimit.length > 0)
    return ['slurm.timeout', 'The job is COMPLETED with exit code 0, but Slurm ended it at its time limit.'];
  return (
    stopped(end, context, words, 'Slurm calls it COMPLETED with exit code 0') ?? [
      null,
      'The job completed with exit code 0.',
    ]
  );
}

function failed(end: JobEnd, context: EndContext, words: Words): EndFinding {
  const { daemon, run } = words;
  const exit = readExitCode(end.exitCode);
  if (exit === null) return ['slurm.failed', `The job failed; its exit code is "${end.exitCode}".`];
  if (neverStarted(end) && exit.code === 1)
    return ['slurm.refused', `The job never started: Slurm ended it as FAILED before it had a node${because(end)}.`];
  if (wasKilledForMemory(end, daemon) || exit.signal === OUT_OF_MEMORY_SIGNAL || daemon.firstTask?.outOfMemory === true)
    return ['slurm.out_of_memory', 'The job failed after a process of it was killed because it ran out of memory.'];
  if (daemon.timeLimit.length > 0) return ['slurm.timeout', timeoutMessage(end, context)];
  return (
    ownStatus(end, context, exit.code) ??
    (endedUnbegun(end, context) ? startFailed(end, context, daemon) : null) ??
    stopped(end, context, words, `Slurm calls it FAILED with exit code ${end.exitCode}`) ??
    taskFinding(end, run, daemon.firstTask) ??
    exitFinding(end, exit)
  );
}

/** The statuses with which autolab's own lines in the script end it. */
function ownStatus(
  end: JobEnd,
  { codeChanged, inputsChanged = null, receipt }: EndContext,
  code: number,
): EndFinding | null {
  if (code === CODE_CHANGED_STATUS && codeChanged !== null)
    return [
      'slurm.code_changed',
      `The code is not what was approved; the entrypoint was not started${named(codeChanged)}.`,
    ];
  if (code === INPUTS_CHANGED_STATUS && inputsChanged !== null)
    return [
      'slurm.inputs_changed',
      `The data are not what they were at the launch; the entrypoint was not started${named(inputsChanged)}.`,
    ];
  // The fence writes no receipt; a program that ends with 98 by itself does. Another code belongs to an earlier start.
  const own98 = receipt?.job_id === end.jobId && receipt.exit_code === NOT_CLAIMED_STATUS;
  if (code !== NOT_CLAIMED_STATUS || own98) return null;
  return ['slurm.not_owner', 'The fence stopped the job: another copy owns the run, or no copy may run.'];
}

/**
 * Of several tasks, the first one that failed is the cause: the others were ended for it, and `srun` exits with their
 * statuses.
 */
function taskFinding(end: JobEnd, run: RunStep, first: SrunTaskEnd | null): EndFinding | null {
  if (run.kind === 'batch') return null;
  if (first !== null) {
    const ended = first.signal !== null || (first.code !== null && signalOfStatus(first.code) !== null);
    return [
      ended ? 'slurm.signal' : 'slurm.failed',
      `The job failed: the first task that srun reports is ${first.words}.`,
    ];
  }
  const step = end.steps.find(({ id }) => id === run.id);
  const exit = step === undefined ? null : readExitCode(step.exitCode);
  if (step === undefined || exit === null || (exit.code === 0 && exit.signal === 0)) return null;
  const how = exit.signal === 0 ? `exit code ${exit.code}` : signalName(exit.signal);
  const code = exit.signal === 0 && signalOfStatus(exit.code) === null ? 'slurm.failed' : 'slurm.signal';
  return [code, `The job failed: a task of step ${step.id} ended with ${how}; the log does not say which.`];
}

function exitFinding(end: JobEnd, exit: { readonly code: number; readonly signal: number }): EndFinding {
  if (exit.code === 0 && exit.signal === NO_LOG_SIGNAL)
    return [
      'slurm.failed',
      'The job ended with 0:53, which Slurm reports if the log files cannot be opened on the node; nothing ran.',
    ];
  if (exit.signal !== 0) return ['slurm.signal', `The job was ended by ${signalName(exit.signal)}.`];
  const signal = signalOfStatus(exit.code);
  if (signal !== null)
    return [
      'slurm.signal',
      `The job ended with exit code ${exit.code}, by which a shell reports that ${signalName(signal)} ended a command.`,
    ];
  if (exit.code !== 0) return ['slurm.failed', `The job ended with exit code ${exit.code}.`];
  return ['slurm.failed', `The job failed, with exit code 0${because(end)}.`];
}

function cancelled(end: JobEnd, context: EndContext, { daemon }: Words): EndFinding {
  // Who asked does not decide: an administrator may have cancelled a moment before. The request itself decides.
  if (context.cancelRequested) return ['run.cancelled', 'The run was cancelled.'];
  const unbegun = endedUnbegun(end, context);
  const failure = unbegun ? startFailed(end, context, daemon) : null;
  if (failure !== null) return failure;
  const when = neverStarted(end) ? ' before it started' : unbegun ? ' before the first line of its script' : '';
  return ['slurm.cancelled', `The job was cancelled${byUser(end.cancelledBy)}${when}, and not by autolab.`];
}

function neverStarted(end: JobEnd): boolean {
  return end.startedAt === null && (end.elapsedSeconds ?? 0) === 0 && end.nodes === null && end.steps.length === 0;
}

function because(end: JobEnd): string {
  return end.reason === null ? '' : ` (${end.reason})`;
}

/** After a crash of the controller, a node may refuse a job that the controller then takes for running until its limit. */
function timedOut(end: JobEnd, context: EndContext): EndFinding {
  if (!endedUnbegun(end, context) || end.steps.length > 0) return ['slurm.timeout', timeoutMessage(end, context)];
  const reasons = context.nodeReasons.map((reason) => ` ${reason}.`).join('');
  return [
    'slurm.start_failed',
    `The job counted as running on ${String(end.nodes)} until its time limit, and its script did not begin.${reasons}`,
  ];
}

function timeoutMessage(end: JobEnd, context: EndContext): string {
  // The enforced limit; a site may have changed the requested one.
  const limit = end.timeLimitSeconds ?? context.timeLimitSeconds;
  return `The job reached its time limit${limit === null ? '' : ` of ${limit} s`} and was ended.`;
}

function wasKilledForMemory(end: JobEnd, daemon: DaemonWords): boolean {
  return end.steps.some((step) => step.state === 'OUT_OF_MEMORY') || daemon.outOfMemory.length > 0;
}
