import type { RunContext } from '../../run/context.ts';
import type { JobEnd } from '../../schedulers/slurm/accounting.ts';
import { judgeShown, showJobArgv } from '../../schedulers/slurm/scontrol.ts';
import { usageOf } from '../../schedulers/slurm/usage.ts';
import { type Ended, renamed } from './ask-accounting.ts';
import { jobNameOf, marksOfJob } from './order.ts';
import { ask, keepAnswer, noteRead, type SlurmReply } from './scheduler.ts';

/** What the controller remembers of a job: for a while after its end (MinJobAge), and without any accounting. */
export type Remembered =
  | { readonly kind: 'ended'; readonly end: Ended; readonly words: string }
  /** In the queue. `state`: as `readState` gives it. */
  | { readonly kind: 'active'; readonly state: string; readonly words: string }
  | { readonly kind: 'forgotten' | 'no_answer'; readonly words: string };

export async function askController(ctx: RunContext, jobId: string): Promise<Remembered> {
  return rememberedIn(ctx, jobId, await ask(ctx, showJobArgv(jobId)));
}

export function rememberedIn(ctx: RunContext, jobId: string, result: SlurmReply): Remembered {
  const shown = judgeShown(result, { ...marksOfJob(ctx), key: jobNameOf(ctx), jobId });
  const writes = [keepAnswer(ctx, 'scontrol.txt', result)];
  noteRead(ctx, 'confirm', { command: 'scontrol', answer: shown.words });
  if (shown.kind === 'active') return { kind: 'active', state: shown.state, words: shown.words };
  if (shown.kind !== 'ended') return { kind: shown.kind, words: shown.words };
  const { end } = shown;
  return { kind: 'ended', words: shown.words, end: { facts: end, result: recordOf(end, renamed(ctx, end)), writes } };
}

function recordOf(end: JobEnd, more: readonly string[]): Ended['result'] {
  return {
    source: 'scontrol',
    rows: [{ job_id: end.jobId, state: end.state, exit_code: end.exitCode, elapsed: end.elapsed ?? '', max_rss: '' }],
    state: end.state,
    exit_code: end.exitCode,
    elapsed: end.elapsed,
    max_rss: null,
    nodes: end.nodes,
    evidence: [`scontrol: ${end.state}, exit code ${end.exitCode}; accounting did not answer for the job`, ...more],
    started_at: end.startedAt,
    ended_at: end.endedAt,
    used: usageOf(end),
  };
}
