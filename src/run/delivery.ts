import { livenessOf, type ProcessIdentity } from '../platform/host.ts';
import type { Channel, Delivery, DeliveryAttempt, Notification } from './notification.ts';

/** The attempts to deliver a notification, as values. Pure but for looking at processes. */

/** Then it is given up: over several calls, since one makes three at most. */
export const MOST_ATTEMPTS = 9;
/** No attempt lasts that long: whoever began it is gone, wherever it was. */
const STALE_MS = 120_000;

/** Another process is at it. */
export function isBeingMade({ attempts }: Delivery, at: string): boolean {
  const last = attempts.at(-1);
  if (last === undefined || last.ended_at !== null || Date.parse(at) - Date.parse(last.began_at) > STALE_MS)
    return false;
  return livenessOf(last.by) !== 'dead';
}

/** With the intent to make an attempt. */
export function attemptBegun(
  notification: Notification,
  channel: Channel,
  by: ProcessIdentity,
  at: string,
): Notification {
  return changed(notification, channel, ({ attempts }) => ({
    status: 'pending',
    attempts: [...attempts, { began_at: at, ended_at: null, by, result: null }],
  }));
}

export interface AttemptEnd {
  readonly delivered: boolean;
  readonly result: string;
  /** Another attempt would end in the same way. */
  readonly final?: boolean;
}

/** With the end of the attempt that began at this time. */
export function attemptEnded(
  notification: Notification,
  channel: Channel,
  attempt: Pick<DeliveryAttempt, 'began_at' | 'by'>,
  { delivered, result, final = false }: AttemptEnd,
  at: string,
): Notification {
  return changed(notification, channel, ({ attempts }) => {
    const isIt = (one: DeliveryAttempt): boolean => one.began_at === attempt.began_at && one.by.pid === attempt.by.pid;
    return {
      status: delivered ? 'delivered' : final || attempts.length >= MOST_ATTEMPTS ? 'failed' : 'pending',
      attempts: attempts.map((one) => (isIt(one) ? { ...one, ended_at: at, result } : one)),
    };
  });
}

function changed(notification: Notification, channel: Channel, next: (now: Delivery) => Delivery): Notification {
  const delivery = notification.deliveries[channel];
  if (delivery === undefined) return notification;
  return { ...notification, deliveries: { ...notification.deliveries, [channel]: next(delivery) } };
}
