import { basename, join } from 'node:path';
import { crashPoint } from '../platform/crash-points.ts';
import { realPathOr } from '../platform/files.ts';
import { selfIdentity } from '../platform/host.ts';
import { postJson } from '../platform/post.ts';
import { run } from '../platform/process.ts';
import { afterOnMachine, machineMs, now, sleep } from '../platform/time.ts';
import { LAUNCH_CONFIG_FILE } from '../project/launch-config.ts';
import { type NotifyConfig, webhookOf } from '../project/notify-config.ts';
import { launchConfigIsDamaged, readLaunchConfig } from '../project/read-launch-config.ts';
import { canonicalFile } from '../records/canonical.ts';
import { withFileLock } from '../records/file-lock.ts';
import { attemptBegun, type AttemptEnd, attemptEnded, isBeingMade, MOST_ATTEMPTS } from '../run/delivery.ts';
import {
  type Channel,
  type Notification,
  pendingNotifications,
  readNotification,
  writeNotification,
} from '../run/notification.ts';
import type { LaunchEnvironment } from '../run/session.ts';
import { resultOfNotification } from './notified-result.ts';

/** The whole of it, for one call. */
const DEADLINE_MS = 15_000;
const ATTEMPT_MS = 10_000;
/** Between the attempts of one call; a time-out is left to the next call. */
const PAUSES_MS = [1000, 4000];

/**
 * Both channels at once, the notifications of each in order. What is not delivered in time is left to the next call.
 * `tried`: what this call has tried before; adds to it.
 */
export async function deliverPending(env: LaunchEnvironment, folder: string, tried: Set<string>): Promise<void> {
  const notify = readLaunchConfig(env.root)?.notify ?? null;
  const deadline = machineMs() + DEADLINE_MS;
  const { signal } = env.control;
  const isDamaged = launchConfigIsDamaged(env.root);
  const deliverAll = async (channel: Channel): Promise<void> => {
    // Somebody may be editing it: whom it does not name now is not forgotten.
    if (isDamaged && (notify?.[channel] ?? null) === null) {
      if (isAwaited(folder, channel)) env.emit({ type: 'note', message: waitingFor(channel) });
      return;
    }
    for (const id of pendingNotifications(folder)) {
      if (signal.aborted || machineMs() > deadline) return;
      const name = `${channel} ${id}`;
      if (tried.has(name)) continue;
      tried.add(name);
      await deliverOne({ env, folder, notify, channel, id, signal, deadline });
    }
  };
  await Promise.all([deliverAll('command'), deliverAll('webhook')]);
}

function isAwaited(folder: string, channel: Channel): boolean {
  return pendingNotifications(folder).some(
    (id) => readNotification(folder, id)?.deliveries[channel]?.status === 'pending',
  );
}

function waitingFor(channel: Channel): string {
  return `Notifications wait (${channel}): ${LAUNCH_CONFIG_FILE} has errors; autolab doctor names them. Once they are fixed, the next launch, resume or cancel tries again.`;
}

interface Task {
  readonly env: LaunchEnvironment;
  readonly folder: string;
  readonly notify: NotifyConfig | null;
  readonly channel: Channel;
  readonly id: string;
  readonly signal: AbortSignal;
  readonly deadline: number;
}

async function deliverOne(task: Task): Promise<void> {
  const { env, signal, deadline } = task;
  for (const pause of [...PAUSES_MS, null]) {
    const end = await attempt(task);
    if (end === null) return;
    const again = pause !== null && !end.delivered && end.final !== true && !end.later;
    if (!again || signal.aborted || machineMs() + pause > deadline) {
      report(env, task, end);
      return;
    }
    await sleep(pause, signal);
  }
}

type Ended = AttemptEnd & {
  /** Nothing changes within this call. */
  readonly later: boolean;
  readonly to: string;
};

/** Null if nothing is to be done: it is settled, or another process is at it. */
async function attempt(task: Task): Promise<Ended | null> {
  const { folder, channel, id, env } = task;
  const by = selfIdentity();
  const began_at = now();
  const started = await locked(folder, () => {
    const found = readNotification(folder, id);
    const delivery = found?.deliveries[channel];
    if (found === null || delivery?.status !== 'pending' || isBeingMade(delivery, began_at)) return null;
    const next = attemptBegun(found, channel, by, began_at);
    writeNotification(folder, next);
    return next;
  });
  if (started === null) return null;
  crashPoint('notify.intent');
  const text = textFor(env.root, started);
  const end = text === null ? LOST : await send(task, text);
  crashPoint('notify.sent');
  await locked(folder, () => {
    const found = readNotification(folder, id);
    if (found !== null) writeNotification(folder, attemptEnded(found, channel, { began_at, by }, end, now()));
  });
  return end;
}

const LOST: Ended = { delivered: false, final: true, later: false, result: 'the record of the run is gone', to: '' };

/** Null if another process holds the lock for long: it is at work on the same. */
async function locked<T>(folder: string, action: () => T): Promise<T | null> {
  const outcome = await withFileLock(join(folder, 'lock'), action);
  return outcome.ok ? outcome.value : null;
}

/** What the receiver gets: the result of the run, and its id, by which it knows a repetition. */
function textFor(root: string, notification: Notification): string | null {
  const result = resultOfNotification(root, notification);
  if (result === null) return null;
  const project = basename(realPathOr(root));
  const text = `${project}: ${result.run_id ?? ''} ${result.outcome}: ${result.message}`;
  return canonicalFile({ ...result, notification_id: notification.notification_id, project, text });
}

async function send(task: Task, text: string): Promise<Ended> {
  const { channel, notify, signal, deadline } = task;
  const controller = new AbortController();
  const timer = afterOnMachine(Math.max(0, Math.min(ATTEMPT_MS, deadline - machineMs())), () => {
    controller.abort();
  });
  const bound = AbortSignal.any([controller.signal, signal]);
  try {
    const end = await (channel === 'command'
      ? runCommand(task, notify?.command ?? null, text, bound)
      : postTo(notify?.webhook ?? null, text, bound));
    return signal.aborted && !end.delivered ? { ...end, result: 'interrupted' } : end;
  } finally {
    clearTimeout(timer);
  }
}

/** Its output goes nowhere: it may hold what its arguments hold. */
async function runCommand(
  { env }: Task,
  argv: NotifyConfig['command'],
  text: string,
  signal: AbortSignal,
): Promise<Ended> {
  if (argv === null) return notConfigured('notify.command');
  const to = basename(argv[0]);
  const end = await run(argv, { cwd: env.root, stdin: text, signal, timeoutMs: 2 * DEADLINE_MS, maxBytes: 1024 });
  const result =
    end.spawnError ?? (end.timedOut ? 'timeout' : `exit status ${String(end.exitCode ?? end.signal ?? 'unknown')}`);
  return { delivered: end.exitCode === 0, later: end.timedOut, result, to };
}

async function postTo(address: string | null, text: string, signal: AbortSignal): Promise<Ended> {
  if (address === null) return notConfigured('notify.webhook');
  const webhook = webhookOf(address, process.env);
  if (webhook.kind === 'unusable') return { delivered: false, later: true, result: webhook.words, to: 'webhook' };
  const { status, error } = await postJson(webhook.url, text, signal);
  return {
    delivered: status !== null && status >= 200 && status < 300,
    later: error === 'timeout',
    result: error ?? `HTTP ${String(status)}`,
    to: webhook.url.host,
  };
}

function notConfigured(key: string): Ended {
  return { delivered: false, final: true, later: false, result: `${key} is no longer in launch.yaml`, to: '' };
}

function report(env: LaunchEnvironment, { channel, id }: Task, { delivered, result, final, to }: Ended): void {
  const about = `${channel}${to === '' ? '' : ` ${to}`}`;
  const message = delivered
    ? `Notified ${about} (${result}).`
    : final === true
      ? `The notification ${id} is dropped: ${about}: ${result}.`
      : `The notification ${id} was not delivered: ${about}: ${result}. The next launch, resume or cancel tries again, ${MOST_ATTEMPTS} times in all.`;
  env.emit({ type: 'note', message });
}
