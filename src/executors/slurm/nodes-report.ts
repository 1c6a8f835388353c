import { growingDelay, grown } from '../../platform/growing-delay.ts';
import { monotonicMs, now, sleep } from '../../platform/time.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import type { StepPaused } from '../../run/step.ts';
import { judgeNode, type NodeReport, showNodeArgv } from '../../schedulers/slurm/node-report.ts';
import { KEPT_FOR_STRAYS, readsLeft } from '../../schedulers/slurm/polling.ts';
import { leaving, msUntilLeaving } from './leaving.ts';
import { orderOf } from './order.ts';
import { ask, keepAnswer, noteRead } from './scheduler.ts';

/** A node reports a few seconds after the controller was started, or not for a long time. */
const FIRST_DELAY = growingDelay(1_000, 120_000);

/**
 * Waits, within the time of `confirm`, until nodes have reported to the controller: then nothing runs there that the
 * controller does not know. Returns their reports, in words. `fear`: what may be so until then, for a message.
 */
export async function untilNodesReport(
  ctx: RunContext,
  nodes: readonly string[],
  fear: string,
): Promise<readonly string[] | StepPaused> {
  const began = monotonicMs();
  const argv = showNodeArgv(...nodes);
  for (let delay = FIRST_DELAY; ; delay = grown(delay)) {
    const reports = argv === null ? NOT_NAMES : await askNodes(ctx, argv, nodes);
    const silent = reports.find(({ kind }) => kind !== 'reported');
    if (silent === undefined) return reports.map(({ words }) => words);
    const message = `${fear}: ${silent.words}.`;
    const more = argv !== null && readsLeft(viewOf(ctx).reads, now()) > KEPT_FOR_STRAYS;
    const left = leaving(ctx, message);
    if (left !== null) return left;
    const patience = orderOf(ctx).confirm_timeout_seconds * 1000 - (monotonicMs() - began);
    if (!more || patience <= 0) return undetermined(message, silent.node ?? nodes[0] ?? '');
    await sleep(Math.min(delay.ms, patience, msUntilLeaving(ctx)), ctx.control.signal);
  }
}

type Report = NodeReport & { readonly node?: string };

const NOT_NAMES: readonly Report[] = [{ kind: 'no_answer', words: 'its claim names no node that can be asked about' }];

async function askNodes(
  ctx: RunContext,
  argv: readonly string[],
  nodes: readonly string[],
): Promise<readonly Report[]> {
  const result = await ask(ctx, argv);
  keepAnswer(ctx, 'scontrol.node.txt', result);
  const reports = nodes.map((node) => ({ ...judgeNode(result, node), node }));
  const silent = reports.find(({ kind }) => kind !== 'reported');
  noteRead(ctx, 'confirm', { command: 'scontrol', answer: (silent ?? reports[0])?.words ?? '' });
  return reports;
}

function undetermined(message: string, node: string): StepPaused {
  return {
    kind: 'paused',
    code: 'slurm.undetermined',
    message,
    hint: `Call again when \`scontrol show node ${node}\` has a SlurmdStartTime. If that node does not come back, abandon the run: autolab cancel --force --by WHO --note WHY`,
  };
}
