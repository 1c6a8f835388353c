import { type EndContext, NO_LOG_SIGNAL, type Words } from './end-context.ts';
import type { JobEnd } from './job-end.ts';
import { signalName } from './signals.ts';
import { readExitCode } from './values.ts';

/** Every fact about the end of a job, including those that did not decide. Pure. */

export function evidenceOf(end: JobEnd, context: EndContext, words: Words): readonly string[] {
  const exit = readExitCode(end.exitCode);
  return [
    ...stepEvidence(end),
    ...logEvidence(context, words),
    ...controllerEvidence(end, context),
    ...(exit === null ? [] : exitEvidence(exit)),
    ...receiptEvidence(end, context, exit),
  ];
}

function stepEvidence(end: JobEnd): readonly string[] {
  const conflict = end.state === 'COMPLETED' ? '; the job is COMPLETED nevertheless' : '';
  const bad = end.steps.filter((step) => step.state !== 'COMPLETED' || step.exitCode !== '0:0');
  const steps = bad.map((step) => `step ${step.id}: ${step.state}, exit code ${step.exitCode}${conflict}`);
  const { derivedExitCode: highest } = end;
  if (highest === null || highest === '0:0' || highest === end.exitCode) return steps;
  return [...steps, `the highest exit code of a step is ${highest}, the job's ${end.exitCode}`];
}

function logEvidence({ begun }: EndContext, { daemon }: Words): readonly string[] {
  const lines = [
    ...daemon.outOfMemory,
    ...daemon.timeLimit,
    ...daemon.cancelled.map(({ line }) => line),
    ...(daemon.firstTask === null ? [] : [daemon.firstTask.words]),
    ...(begun ? [] : daemon.prolog),
  ];
  return [...new Set(lines)].map((line) => `in the log: ${line.slice(0, 200)}`);
}

function controllerEvidence(end: JobEnd, context: EndContext): readonly string[] {
  const evidence: string[] = [];
  if (end.preemptedAt !== null) evidence.push(`the controller says that it was preempted at ${end.preemptedAt}`);
  evidence.push(...context.nodeReasons);
  if (end.reason !== null) evidence.push(`reason: ${end.reason}`);
  if (end.cancelledBy !== null) evidence.push(`cancelled by user ${end.cancelledBy}`);
  if (context.cancelRequested && end.state !== 'CANCELLED')
    evidence.push('a cancel was requested, and the job ended otherwise');
  if (context.codeChanged !== null) evidence.push('the job found code that was not approved');
  if (end.restarts > 0) evidence.push(`started again ${end.restarts} time(s)`);
  return evidence;
}

/** What an exit code means besides its number. */
function exitEvidence({ code, signal }: NonNullable<ReturnType<typeof readExitCode>>): readonly string[] {
  if (signal === 0 && code > 128 && code < 193)
    return [`by shell convention, exit code ${code} means ${signalName(code - 128)}`];
  if (code !== 0 || signal !== NO_LOG_SIGNAL) return [];
  return ['0:53: does the log folder exist on the node, and can it be written?'];
}

function receiptEvidence(
  end: JobEnd,
  { receipt }: EndContext,
  exit: ReturnType<typeof readExitCode>,
): readonly string[] {
  if (receipt === null) return ['the job left no receipt'];
  if (receipt.job_id !== end.jobId) return [`the receipt is of job ${receipt.job_id}, not of ${end.jobId}`];
  if (receipt.exit_code === 0 && end.state !== 'COMPLETED') return ["the job's own receipt says exit code 0"];
  if (exit === null || receipt.exit_code === exit.code) return [];
  return [`the receipt says exit code ${receipt.exit_code}, Slurm ${end.exitCode}`];
}
