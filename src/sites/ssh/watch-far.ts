import { monotonicMs } from '../../platform/time.ts';
import { waiter } from '../../platform/watch.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import type { FarSite } from '../../run/site.ts';
import { EXIT_FILE } from '../../schedulers/receipt-files.ts';
import type { QueueQuestion, RunWatch } from '../run-folder.ts';
import {
  type FarAction,
  type FarNews,
  mayLook,
  nextFar,
  NOT_LOOKED,
  secondsUntil,
  WAIT_SECONDS,
  willBring,
} from './watch-far-state.ts';

/**
 * Waits for news of a run on a remote host, over the open connection. Receipts, logs and the queue's answer come in
 * one round trip.
 */
export function watchFar(ctx: RunContext, far: FarSite, ask: () => QueueQuestion): RunWatch {
  const control = new AbortController();
  const { next, wake, fail } = waiter();
  let state = NOT_LOOKED;
  const act = (action: FarAction): void => {
    if (action.kind === 'wake') wake();
    else if (action.kind === 'back') ctx.emit({ type: 'note', message: `${far.ssh.name} answers again.` });
    else ctx.emit({ type: 'note', message: `${far.ssh.name} does not answer (${action.words}); trying again.` });
  };
  const tell = (news: FarNews): void => {
    const step = nextFar(state, news);
    state = step.state;
    step.actions.forEach(act);
  };
  const look = async (): Promise<void> => {
    const question = ask();
    const nowMs = monotonicMs();
    tell({ kind: 'sent', question, nowMs });
    const { argv, environment } = question;
    const asking =
      argv.length === 0 ? null : { argv, environment, afterSeconds: secondsUntil(question, nowMs), with: EXIT_FILE };
    const looked = await far.mirror.look(viewOf(ctx).job?.job_id ?? null, WAIT_SECONDS, control.signal, asking);
    if (!control.signal.aborted) tell({ kind: 'came', looked, nowMs: monotonicMs() });
  };
  return {
    next: (ms, signal) => {
      // What comes is written here: a full disk is reported to the driver.
      if (mayLook(state, monotonicMs())) look().catch(fail);
      return next(ms, signal);
    },
    takeAnswer: () => {
      const { answer } = state;
      tell({ kind: 'taken' });
      return answer;
    },
    brings: (question) => willBring(state, question, monotonicMs()),
    close: () => {
      control.abort();
    },
  };
}
