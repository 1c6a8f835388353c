import { join } from 'node:path';
import { startTimeOf } from '../../../../platform/host.ts';
import { type SessionProcess, startSession } from '../../../../platform/session-process.ts';
import type { Order } from '../../../../schedulers/local/receipt.ts';
import { environmentFor } from '../run-environment.ts';
import { LISTENING, nextWords, type WorkerNews } from './worker-words.ts';

/** One process of the run's script: it activates the environment, and then starts one task after another. */
export interface Worker {
  readonly pid: number;
  readonly startTime: string;
  readonly ended: SessionProcess['ended'];
  readonly hasEnded: () => boolean;
  /** One order, without its line feed. */
  readonly tell: (order: string) => void;
  /** It leaves once it has read what it was told. */
  readonly dismiss: () => void;
  /** The folder of the cgroup that it and its tasks have to themselves; null if there is none. */
  readonly cgroup: string | null;
  /** Whether the kernel counts there what it kills for its memory. */
  readonly countsKills: boolean;
}

export function startTaskWorker(
  order: Order,
  onNews: (news: WorkerNews) => void,
): Omit<Worker, 'cgroup' | 'countsKills'> | { readonly error: string } {
  let listening = LISTENING;
  const started = startSession(['bash', order.script], {
    cwd: order.root,
    env: environmentFor(order),
    stdoutPath: join('..', 'logs', 'stdout.log'),
    stderrPath: join('..', 'logs', 'stderr.log'),
    onSaid: (text) => {
      const heard = nextWords(listening, text);
      listening = heard.listening;
      heard.news.forEach(onNews);
    },
  });
  if ('error' in started) return started;
  const { pid, ended, hasEnded, channel } = started;
  return {
    ...{ pid, ended, hasEnded },
    startTime: startTimeOf(pid) ?? 'unknown',
    tell: (text) => channel?.send(`${text}\n`),
    dismiss: () => channel?.close(),
  };
}
