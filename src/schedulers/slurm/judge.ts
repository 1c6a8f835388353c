import type { Code } from '../../errors/catalog.ts';
import type { JobEnd } from './job-end.ts';
import { readDaemonWords, type DaemonWords } from './step-daemon.ts';
import { readExitCode } from './values.ts';

/**
 * What the end of a job means. Pure. Independent facts in, one code and all the evidence out: where they contradict each
 * other, the worse one decides if Slurm itself says it, and every one is shown. docs/decisions/slurm-states.md has the rules.
 */

export interface EndContext {
  /** The driver had written down a person's cancel. */
  readonly cancelRequested: boolean;
  /** The job's prologue left `receipt/code_changed`. */
  readonly codeChanged: boolean;
  /** `receipt/exit.json`; null where there is none. The job wrote it: never believed alone. */
  readonly receipt: { readonly job_id: string; readonly restart_count: number; readonly exit_code: number } | null;
  /** The end of the job's stderr. */
  readonly stderrTail: string | null;
  readonly timeLimitSeconds: number | null;
}

export interface Verdict {
  /** null: COMPLETED with 0:0, and nothing of Slurm's speaks against it. */
  readonly code: Code | null;
  readonly message: string;
  readonly evidence: readonly string[];
}

/** Exit statuses of the script's prologue: told from a program's own by what else the prologue left. */
const CODE_CHANGED_STATUS = 97;
const NOT_OWNER_STATUS = 98;
/** What slurmd reports where it could not open the job's log files. */
const NO_LOG_SIGNAL = 53;
/** What slurmctld reports for a step that was killed for want of memory. */
const OUT_OF_MEMORY_SIGNAL = 125;

/**
 * sacct prints an exit code above 128 less 128 (139 becomes `11:0`), so that a child's signal looks like an exit code. The
 * receipt says which it was, and counts only where it fits.
 */
function wholeExitCode(end: JobEnd, { receipt }: EndContext): string {
  const exit = readExitCode(end.exitCode);
  const cut =
    exit !== null && exit.signal === 0 && receipt?.job_id === end.jobId && receipt.exit_code === exit.code + 128;
  return cut ? `${String(receipt.exit_code)}:0` : end.exitCode;
}

type Finding = readonly [code: Code | null, message: string];

export function judgeEnd(told: JobEnd, context: EndContext): Verdict {
  const end = { ...told, exitCode: wholeExitCode(told, context) };
  const daemon = readDaemonWords(context.stderrTail, end.jobId);
  const [code, message] = findingOf(end, context, daemon);
  return { code, message, evidence: evidenceOf(end, context, daemon) };
}

function findingOf(end: JobEnd, context: EndContext, daemon: DaemonWords): Finding {
  const where = end.nodes === null ? '' : ` on ${end.nodes}`;
  switch (end.state) {
    case 'COMPLETED':
      return completed(end, daemon);
    case 'FAILED':
      return failed(end, context, daemon);
    case 'TIMEOUT':
      return ['slurm.timeout', timeoutMessage(end, context)];
    case 'OUT_OF_MEMORY':
      return ['slurm.out_of_memory', `The job was killed for want of memory${where}.`];
    case 'CANCELLED':
      return cancelled(end, context);
    case 'NODE_FAIL':
      return ['slurm.node_fail', `A node of the job failed${where}.`];
    case 'PREEMPTED':
      return ['slurm.preempted', 'The job was preempted: another one took its place.'];
    case 'BOOT_FAIL':
      return ['slurm.boot_fail', `The nodes of the job could not be started${where}.`];
    case 'DEADLINE':
      return ['slurm.deadline', 'The job was ended at its deadline.'];
    case 'REVOKED':
      return ['slurm.revoked', 'The job was revoked: another cluster of the federation took it.'];
    default:
      return ['slurm.unknown_state', `The job ended in the state ${end.state || '(none)'}, which is not known.`];
  }
}

/** Completed with 0:0 is the only good end, and only where nothing else of Slurm's says that a part of it was killed. */
function completed(end: JobEnd, daemon: DaemonWords): Finding {
  const exit = readExitCode(end.exitCode);
  if (exit === null)
    return ['slurm.unknown_state', `The job is COMPLETED with the exit code "${end.exitCode}", which cannot be read.`];
  if (exit.code !== 0 || exit.signal !== 0) return exitFinding(end, exit);
  if (wasKilledForMemory(end, daemon))
    return [
      'slurm.out_of_memory',
      'The job is COMPLETED with exit code 0, but a process of it was killed for want of memory.',
    ];
  if (daemon.timeLimit.length > 0)
    return ['slurm.timeout', 'The job is COMPLETED with exit code 0, but Slurm ended it at its time limit.'];
  return [null, 'The job completed with exit code 0.'];
}

function failed(end: JobEnd, context: EndContext, daemon: DaemonWords): Finding {
  const exit = readExitCode(end.exitCode);
  if (exit === null) return ['slurm.failed', `The job failed; its exit code is "${end.exitCode}".`];
  if (neverStarted(end) && exit.code === 1)
    return ['slurm.refused', `The job never started: Slurm found that what it asks for cannot be had${because(end)}.`];
  if (wasKilledForMemory(end, daemon) || exit.signal === OUT_OF_MEMORY_SIGNAL)
    return ['slurm.out_of_memory', 'The job failed after a process of it was killed for want of memory.'];
  if (daemon.timeLimit.length > 0) return ['slurm.timeout', timeoutMessage(end, context)];
  if (exit.code === CODE_CHANGED_STATUS && context.codeChanged)
    return [
      'slurm.code_changed',
      'The code is not what was approved; the entrypoint was not started. The log names the files.',
    ];
  // The fence writes no receipt; a program that ends with 98 by itself does. Another code is that of an earlier start.
  const own98 = context.receipt?.job_id === end.jobId && context.receipt.exit_code === NOT_OWNER_STATUS;
  if (exit.code === NOT_OWNER_STATUS && !own98)
    return ['slurm.not_owner', 'The job was kept from running: another copy owns the run, or nobody may.'];
  return exitFinding(end, exit);
}

function exitFinding(end: JobEnd, exit: { readonly code: number; readonly signal: number }): Finding {
  if (exit.code === 0 && exit.signal === NO_LOG_SIGNAL)
    return ['slurm.failed', 'The job could not be started: its log files could not be opened on the node.'];
  if (exit.signal !== 0) return ['slurm.signal', `The job was ended by ${signalName(exit.signal)}.`];
  if (exit.code > 128 && SIGNALS[exit.code - 128] !== undefined)
    return ['slurm.signal', `The entrypoint was ended by ${signalName(exit.code - 128)}.`];
  if (exit.code !== 0) return ['slurm.failed', `The job ended with exit code ${String(exit.code)}.`];
  return ['slurm.failed', `The job failed, with exit code 0${because(end)}.`];
}

function cancelled(end: JobEnd, context: EndContext): Finding {
  // Who asked for it does not decide: an administrator may have cancelled a moment before. That it was asked for does.
  if (context.cancelRequested) return ['run.cancelled', 'The run was cancelled.'];
  const by = end.cancelledBy === null ? '' : ` by user ${end.cancelledBy}`;
  const when = neverStarted(end) ? ' before it started' : '';
  return ['slurm.cancelled', `The job was cancelled${by}${when}, and not by autolab.`];
}

function neverStarted(end: JobEnd): boolean {
  return end.startedAt === null && (end.elapsedSeconds ?? 0) === 0 && end.nodes === null && end.steps.length === 0;
}

function because(end: JobEnd): string {
  return end.reason === null ? '' : ` (${end.reason})`;
}

function timeoutMessage(end: JobEnd, context: EndContext): string {
  const limit = context.timeLimitSeconds ?? end.timeLimitSeconds;
  return `The job reached its time limit${limit === null ? '' : ` of ${String(limit)} s`} and was ended.`;
}

function wasKilledForMemory(end: JobEnd, daemon: DaemonWords): boolean {
  return end.steps.some((step) => step.state === 'OUT_OF_MEMORY') || daemon.outOfMemory.length > 0;
}

function evidenceOf(end: JobEnd, context: EndContext, daemon: DaemonWords): readonly string[] {
  const evidence: string[] = [];
  const exit = readExitCode(end.exitCode);
  for (const step of end.steps) {
    const good = step.state === 'COMPLETED' && step.exitCode === '0:0';
    const conflict = end.state === 'COMPLETED' ? '; the job is COMPLETED all the same' : '';
    if (!good) evidence.push(`step ${step.id}: ${step.state}, exit code ${step.exitCode}${conflict}`);
  }
  if (end.derivedExitCode !== null && end.derivedExitCode !== '0:0' && end.derivedExitCode !== end.exitCode)
    evidence.push(`the highest exit code of a step is ${end.derivedExitCode}, the job's ${end.exitCode}`);
  for (const line of [...daemon.outOfMemory, ...daemon.timeLimit]) evidence.push(`in the log: ${line.slice(0, 200)}`);
  if (end.reason !== null) evidence.push(`reason: ${end.reason}`);
  if (end.cancelledBy !== null) evidence.push(`cancelled by user ${end.cancelledBy}`);
  if (context.cancelRequested && end.state !== 'CANCELLED')
    evidence.push('a cancel was asked for, and it ended otherwise');
  if (context.codeChanged) evidence.push('the job found code that was not approved');
  if (end.restarts > 0) evidence.push(`started again ${String(end.restarts)} time(s)`);
  if (exit !== null && exit.signal === 0 && exit.code > 128 && exit.code < 193)
    evidence.push(`by a shell's custom, exit code ${String(exit.code)} says ${signalName(exit.code - 128)}`);
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
  return [`the receipt says exit code ${String(receipt.exit_code)}, Slurm ${end.exitCode}`];
}

const SIGNALS: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  10: 'SIGUSR1',
  11: 'SIGSEGV',
  12: 'SIGUSR2',
  13: 'SIGPIPE',
  15: 'SIGTERM',
  24: 'SIGXCPU',
  25: 'SIGXFSZ',
};

function signalName(number: number): string {
  const name = SIGNALS[number];
  return name === undefined ? `signal ${String(number)}` : `signal ${String(number)} (${name})`;
}
