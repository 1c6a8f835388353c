import { type EndContext, NO_LOG_SIGNAL, type Words } from './end-context.ts';
import type { JobEnd } from './job-end.ts';
import { signalName } from './signals.ts';
import { readExitCode } from './values.ts';

/** Every fact about the end of a job, those that decided nothing, too. Pure. */

export function evidenceOf(end: JobEnd, context: EndContext, { daemon }: Words): readonly string[] {
  const evidence: string[] = [];
  const exit = readExitCode(end.exitCode);
  for (const step of end.steps) {
    const good = step.state === 'COMPLETED' && step.exitCode === '0:0';
    const conflict = end.state === 'COMPLETED' ? '; the job is COMPLETED all the same' : '';
    if (!good) evidence.push(`step ${step.id}: ${step.state}, exit code ${step.exitCode}${conflict}`);
  }
  if (end.derivedExitCode !== null && end.derivedExitCode !== '0:0' && end.derivedExitCode !== end.exitCode)
    evidence.push(`the highest exit code of a step is ${end.derivedExitCode}, the job's ${end.exitCode}`);
  const lines = [
    ...daemon.outOfMemory,
    ...daemon.timeLimit,
    ...daemon.cancelled.map(({ line }) => line),
    ...(daemon.firstTask === null ? [] : [daemon.firstTask.words]),
    ...(context.begun ? [] : daemon.prolog),
  ];
  for (const line of new Set(lines)) evidence.push(`in the log: ${line.slice(0, 200)}`);
  if (end.preemptedAt !== null) evidence.push(`the controller says that it was preempted at ${end.preemptedAt}`);
  evidence.push(...context.nodeReasons);
  if (end.reason !== null) evidence.push(`reason: ${end.reason}`);
  if (end.cancelledBy !== null) evidence.push(`cancelled by user ${end.cancelledBy}`);
  if (context.cancelRequested && end.state !== 'CANCELLED')
    evidence.push('a cancel was asked for, and it ended otherwise');
  if (context.codeChanged) evidence.push('the job found code that was not approved');
  if (end.restarts > 0) evidence.push(`started again ${end.restarts} time(s)`);
  if (exit !== null && exit.signal === 0 && exit.code > 128 && exit.code < 193)
    evidence.push(`by a shell's custom, exit code ${exit.code} says ${signalName(exit.code - 128)}`);
  if (exit !== null && exit.code === 0 && exit.signal === NO_LOG_SIGNAL)
    evidence.push('0:53: does the log folder exist on the node, and can it be written?');
  return [...evidence, ...receiptEvidence(end, context, exit)];
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
