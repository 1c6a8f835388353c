import { join } from 'node:path';
import { exists } from '../../platform/files.ts';
import { slurmLogs } from '../../records/paths.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import { readReceipt } from '../../run/receipts.ts';
import { changedFiles, changedInputs } from '../../schedulers/code-changed.ts';
import { CODE_CHANGED_FILE, INPUTS_CHANGED_FILE } from '../../schedulers/receipt-files.ts';
import type { EndContext } from '../../schedulers/slurm/end-context.ts';
import { endedUnbegun, mayHideAPreemption } from '../../schedulers/slurm/end-outside.ts';
import type { JobEnd } from '../../schedulers/slurm/job-end.ts';
import { nodeReasons, reasonsAround, showNodesArgv } from '../../schedulers/slurm/nodes.ts';
import { START_PREFIX } from '../../schedulers/slurm/receipt.ts';
import type { RunStepEvidence } from '../../schedulers/slurm/run-step.ts';
import {
  parseLimits,
  parsePartitions,
  qosTimeLimit,
  showPartitionsArgv,
  showQosArgv,
  type TimeLimit,
  timeLimits,
} from '../../schedulers/slurm/site-limits.ts';
import { folderOfRun } from '../../sites/table.ts';
import type { TimeLimits } from './advice.ts';
import { askController, type Remembered } from './ask-controller.ts';
import { jobClaimIn, jobExitIn } from './job-receipts.ts';
import { jobIdOf } from './order.ts';
import { ask, keepAnswer, noteRead } from './scheduler.ts';

/** What a job and its log say about its end, besides the scheduler's state. */

/** Slurm's own lines come last; the tasks of a step may print this much after the first of them has failed. */
const TAIL_BYTES = 65_536;

async function contextOf(ctx: RunContext, end: JobEnd): Promise<EndContext> {
  const view = viewOf(ctx);
  const jobId = jobIdOf(ctx);
  const { script } = view.opened.documents;
  const claimed = jobClaimIn(ctx.paths)?.job_id === jobId;
  return {
    cancelRequested: view.cancel !== null,
    codeChanged: changedFiles(readReceipt(ctx.paths, CODE_CHANGED_FILE)),
    inputsChanged: changedInputs(readReceipt(ctx.paths, INPUTS_CHANGED_FILE)),
    receipt: jobExitIn(ctx.paths),
    begun: exists(join(ctx.paths.receipt, `claim.${jobId}.${end.restarts}`)) || (claimed && end.restarts === 0),
    runStep: recordedStep(ctx, jobId, end.restarts) ?? {
      recorded: null,
      bySrun: /^\s*(?:autolab_run\s+)?srun\s/m.test(script),
    },
    termAsked: /^#SBATCH\s+--signal[= ]\S*(?:TERM|\b15)@/m.test(script),
    nodeReasons: [],
    stderrTail: await folderOfRun(ctx).tailOfLog(slurmLogs(ctx.paths, jobId).stderr, TAIL_BYTES),
    timeLimitSeconds: view.opened.resource_request.time_seconds,
  };
}

/** What the first task wrote when it began; null if nothing: then the script says how the entrypoint is started. */
function recordedStep(ctx: RunContext, jobId: string, restarts: number): RunStepEvidence | null {
  const text = readReceipt(ctx.paths, `${START_PREFIX}${restarts}.0`);
  if (text === null) return null;
  // Slurm's own steps have numbers of ten digits.
  const step = /^\d{1,9}$/.exec(text.trim())?.[0];
  return { recorded: step === undefined ? null : `${jobId}.${step}`, bySrun: step !== undefined };
}

/** How long a job may run in each partition, and in the QOS that it asked for: advice on time stays within that. */
export async function askTimeLimits(ctx: RunContext): Promise<TimeLimits> {
  const result = await ask(ctx, showPartitionsArgv());
  keepAnswer(ctx, 'scontrol.partition.txt', result);
  const partitions = timeLimits(parsePartitions(result));
  noteRead(ctx, 'confirm', { command: 'scontrol', answer: `time limits of ${partitions.length} partitions` });
  const { qos } = viewOf(ctx).opened.resource_request;
  return { partitions, qos: typeof qos === 'string' ? await askQosTimeLimit(ctx, qos) : null };
}

async function askQosTimeLimit(ctx: RunContext, name: string): Promise<TimeLimit | null> {
  const argv = showQosArgv(name);
  if (argv === null) return null;
  const result = await ask(ctx, argv);
  keepAnswer(ctx, 'sacctmgr.qos.txt', result);
  const limit = qosTimeLimit(parseLimits(result), name);
  noteRead(ctx, 'confirm', { command: 'sacctmgr', answer: `QOS ${name}: MaxWall ${limit?.words ?? 'not set'}` });
  return limit;
}

export interface Known {
  readonly facts: JobEnd;
  readonly context: EndContext;
  readonly writes: readonly string[];
}

/**
 * What only the controller knows, and not for long: the notice of a preemption, which may end a job as COMPLETED, and why
 * a node could not start a job. `mayAsk`: whether that many questions are left.
 */
export async function askMore(ctx: RunContext, end: JobEnd, told: Remembered | null, mayAsk: boolean): Promise<Known> {
  const context = await contextOf(ctx, end);
  if (mayHideAPreemption(end, context) && end.source === 'sacct') {
    const remembered = told?.kind === 'ended' || !mayAsk ? told : await askController(ctx, end.jobId);
    return { ...withNotice(end, remembered), context };
  }
  const argv = endedUnbegun(end, context) && mayAsk ? showNodesArgv(end.nodes) : null;
  return argv === null ? { facts: end, context, writes: [] } : askNodes(ctx, end, context, argv);
}

/** The end, with the notice that the controller remembers. */
function withNotice(end: JobEnd, remembered: Remembered | null): Pick<Known, 'facts' | 'writes'> {
  if (remembered?.kind !== 'ended') return { facts: { ...end, preemptedAt: null }, writes: [] };
  const { facts, writes } = remembered.end;
  return { facts: { ...end, preemptedAt: facts.preemptedAt }, writes };
}

async function askNodes(ctx: RunContext, end: JobEnd, context: EndContext, argv: readonly string[]): Promise<Known> {
  const result = await ask(ctx, argv);
  const reasons = reasonsAround(nodeReasons(result), end.startedAt, end.endedAt);
  noteRead(ctx, 'confirm', {
    command: 'scontrol',
    answer: reasons.length === 0 ? `${end.nodes ?? ''}: no reason from that moment` : reasons.join('; '),
  });
  return {
    facts: end,
    context: { ...context, nodeReasons: reasons },
    writes: [keepAnswer(ctx, 'scontrol.node.txt', result)],
  };
}
