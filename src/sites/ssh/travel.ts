import { monotonicMs, sleep } from '../../platform/time.ts';
import { wasStopped } from '../../run/cancel-request.ts';
import type { RunContext } from '../../run/context.ts';
import type { StepPaused } from '../../run/step.ts';
import type { TransferOrder, Transferred } from '../../transports/transfer.ts';
import { transfer } from '../../transports/transfer.ts';
import type { Lost } from '../../transports/transport.ts';
import { type FarSite, siteOfRun } from '../site.ts';

/** Retries, inside one attempt, what can pass on its own: a broken connection, and nothing else. */
const PAUSES_MS = [1_000, 5_000, 20_000];

export interface Trouble {
  readonly words: string;
  readonly lost: Lost | null;
}

/** A broken connection, for `withRetries`; null if there was an answer. */
export function lostOf({ lost }: { readonly lost: Lost | null }): Trouble | null {
  return lost === null ? null : { words: lost.words, lost };
}

/** The message of a command that failed. */
export function troubleOf(result: {
  readonly lost: Lost | null;
  readonly stderr: string;
  readonly timedOut: boolean;
}): Trouble {
  const words = result.lost?.words ?? result.stderr.trim().split('\n').slice(-3).join('; ');
  return { words: words === '' && result.timedOut ? 'it did not answer in time' : words, lost: result.lost };
}

export async function withRetries<T>(
  ctx: RunContext,
  act: () => Promise<T>,
  judge: (result: T) => Trouble | null,
): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    ctx.lease.assertHeld();
    const result = await act();
    const trouble = judge(result);
    const pause = PAUSES_MS[tries];
    const passing = trouble?.lost?.kind === 'dropped' || trouble?.lost?.kind === 'unreachable';
    if (!passing || pause === undefined || wasStopped(ctx)) return result;
    ctx.emit({ type: 'note', message: `${trouble.words}; trying again in ${pause / 1000} s.` });
    await sleep(pause, ctx.control.signal);
  }
}

export function stoppedTransfer(ctx: RunContext): StepPaused {
  const { name } = siteOfRun(ctx).transport;
  return {
    kind: 'paused',
    code: 'interrupted',
    message: `Interrupted. The next call continues the transfer with ${name}.`,
  };
}

/** Moves files and reports progress; an interrupted transfer resumes where it stopped. */
export function move(
  ctx: RunContext,
  far: FarSite,
  step: string,
  order: Omit<TransferOrder, 'onProgress' | 'signal'>,
): Promise<Transferred> {
  const began = monotonicMs();
  const total = order.files.reduce((sum, file) => sum + file.bytes, 0);
  const what = order.direction === 'push' ? 'Sending' : 'Bringing back';
  const onProgress: TransferOrder['onProgress'] = ({ bytes, percent, rate, time }) => {
    const parts = [`${bytes} of ${total} bytes (${percent} %)`, rate, time === '' ? '' : `${time} left`];
    ctx.emit({
      type: 'progress',
      step,
      elapsed_seconds: (monotonicMs() - began) / 1000,
      last_line: parts.filter((part) => part !== '').join(', '),
      work: { what, done: bytes, total, unit: 'bytes' },
    });
  };
  return withRetries(
    ctx,
    () => transfer(far.ssh, { ...order, signal: ctx.control.signal, onProgress }),
    (moved) => moved.failure,
  );
}
