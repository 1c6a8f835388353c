import type { RunView } from '../../records/run-view.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import type { StepFailed, StepPaused } from '../../run/step.ts';
import { whyNoAnswer } from '../../schedulers/slurm/answer.ts';
import { configArgv, judgeClusterName, saysNoSuchCluster } from '../../schedulers/slurm/config.ts';
import { siteOf } from '../../sites/site.ts';
import { refusalAdvice } from './advice.ts';
import { askSlurm } from './question.ts';
import { ask, keepAnswer, noteRead, type SlurmReply } from './scheduler.ts';

/**
 * Another cluster does not know our job, and would say so: after a changed SLURM_CONF, on another login node, with a
 * newly loaded module. So the cluster is written down before the first submission, and every driver compares it once.
 */
const compared = new WeakSet<RunContext>();

/** Whether this driver knows that it asks the run's cluster. */
export function isCompared(ctx: RunContext): boolean {
  return compared.has(ctx);
}

/**
 * Returns null if it is the cluster of the run, or if Slurm does not answer; then other questions fail, too. `reply`: to
 * `configArgv`, if that was asked a moment ago.
 */
export async function otherCluster(
  ctx: RunContext,
  step: string,
  reply: SlurmReply | null = null,
): Promise<StepPaused | null> {
  if (compared.has(ctx)) return null;
  const result = reply ?? (await ask(ctx, configArgv()));
  const answer = judgeClusterName(result);
  noteRead(ctx, step, {
    command: 'scontrol',
    answer: answer.kind === 'named' ? `cluster ${answer.name}` : answer.words,
  });
  if (answer.kind !== 'named') return null;
  const { cluster } = viewOf(ctx);
  if (cluster === null) {
    ctx.journal.append(step, 'cluster.named', { name: answer.name });
    keepAnswer(ctx, 'scontrol.config.txt', result);
  } else if (cluster !== answer.name) return { kind: 'paused', ...wrongCluster(cluster, answer.name) };
  compared.add(ctx);
  return null;
}

/** The same for a command that does not drive: a reason not to trust this cluster, or null. */
export async function strangeCluster(root: string, view: RunView): Promise<string | null> {
  if (view.cluster === null) return null;
  const answer = judgeClusterName(await askSlurm(siteOf(root, view.opened), configArgv()));
  if (answer.kind !== 'named' || answer.name === view.cluster) return null;
  return wrongCluster(view.cluster, answer.name).message;
}

/** An unknown cluster in the design: no question about the job would ever be answered. Returns null if it is known. */
export async function noSuchCluster(ctx: RunContext): Promise<StepFailed | null> {
  const { opened, submissions } = viewOf(ctx);
  const name = opened.resource_request.cluster;
  if (name === undefined || submissions.tried > 0 || compared.has(ctx)) return null;
  const result = await ask(ctx, configArgv());
  const unknown = saysNoSuchCluster(result);
  const words = result.exitCode === 0 ? `cluster ${name} answers` : whyNoAnswer(result);
  noteRead(ctx, 'submit', { command: 'scontrol', answer: words });
  if (!unknown) return null;
  return {
    kind: 'failed',
    code: 'slurm.refused',
    retryable: false,
    message: `The Slurm cluster ${name}, which the design names, is unknown here: ${words}`,
    recommendations: refusalAdvice(opened, {
      pointer: '/compute/cluster',
      message: 'name a cluster that the accounting knows: sacctmgr show clusters',
    }),
  };
}

interface WrongCluster {
  readonly code: 'slurm.other_cluster';
  readonly message: string;
}

function wrongCluster(ours: string, answering: string): WrongCluster {
  return {
    code: 'slurm.other_cluster',
    message: `The run belongs to the Slurm cluster ${ours}, and ${answering} answers here.`,
  };
}
