import { join } from 'node:path';
import { crashPoint } from '../platform/crash-points.ts';
import {
  createExclusive,
  exists,
  leadsOutside,
  listNames,
  makeFolder,
  readTextOrNull,
  removeIfThere,
  writeFileAtomic,
} from '../platform/files.ts';
import type { ProcessIdentity } from '../platform/host.ts';
import { now } from '../platform/time.ts';
import type { NotifiedOutcome } from '../project/notify-config.ts';
import { readLaunchConfig } from '../project/read-launch-config.ts';
import { canonicalFile } from '../records/canonical.ts';
import { NOTIFICATIONS } from '../records/paths.ts';

/**
 * What becomes of informing somebody of an outcome of a run: one file for each. It is made before the claim is removed, so
 * that no crash loses it, and renamed when nothing is left to do. An attempt that has begun and not ended is made again, with
 * the same id: a receiver can drop what it has.
 */

export type Channel = 'command' | 'webhook';

export interface DeliveryAttempt {
  readonly began_at: string;
  /** Null while it is made, and if its process died. */
  readonly ended_at: string | null;
  readonly by: ProcessIdentity;
  /** `exit status 0`, `HTTP 200`, `timeout`; never an address or an argument. Null while it is made. */
  readonly result: string | null;
}

export interface Delivery {
  readonly status: 'pending' | 'delivered' | 'failed';
  readonly attempts: readonly DeliveryAttempt[];
}

/** What it is about, and who is informed. */
export interface Notification {
  readonly notification_id: string;
  readonly run_id: string;
  readonly iteration_id: string;
  readonly experiment_id: string | null;
  /** The line of the journal that decided the outcome; null if the journal is damaged. */
  readonly line: number | null;
  readonly outcome: NotifiedOutcome;
  readonly noted_at: string;
  readonly deliveries: Readonly<Partial<Record<Channel, Delivery>>>;
}

export type NotedOutcome = Pick<Notification, 'run_id' | 'iteration_id' | 'experiment_id' | 'line'> & {
  readonly outcome: string;
};

const PENDING = '.pending.json';

/**
 * Notes that somebody is to be informed, if launch.yaml says so; harmless to repeat. Returns why it could not be noted, or
 * null: it never changes how a run ends.
 */
export function noteOutcome(root: string, noted: NotedOutcome): string | null {
  try {
    const notify = readLaunchConfig(root)?.notify ?? null;
    const outcome = notify?.on.find((name) => name === noted.outcome);
    if (notify === null || outcome === undefined) return null;
    const folder = notificationFolder(root);
    if (folder === null) return `${NOTIFICATIONS} is a link that leads out of the project`;
    const channels = (['command', 'webhook'] as const).filter((channel) => notify[channel] !== null);
    const nothingYet: Delivery = { status: 'pending', attempts: [] };
    const notification: Notification = {
      ...noted,
      outcome,
      notification_id: `${noted.run_id}.${noted.line ?? 'abandoned'}`,
      noted_at: now(),
      deliveries: Object.fromEntries(channels.map((channel) => [channel, nothingYet])),
    };
    makeFolder(folder);
    // The folder ignores itself: a project that is older than it has no line for it.
    createExclusive(join(folder, '.gitignore'), '*\n');
    const { pending, done } = filesOf(folder, notification.notification_id);
    if (exists(done)) return null;
    createExclusive(pending, canonicalFile(notification));
    // Another process may have settled it since we looked.
    if (exists(done)) removeIfThere(pending);
    crashPoint('notify.noted');
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Null if it leads out of the project. */
export function notificationFolder(root: string): string | null {
  const folder = join(root, NOTIFICATIONS);
  return leadsOutside(root, folder) === null ? folder : null;
}

function filesOf(folder: string, id: string): { readonly pending: string; readonly done: string } {
  return { pending: join(folder, `${id}${PENDING}`), done: join(folder, `${id}.json`) };
}

/** Ids of what is not settled, oldest run first. */
export function pendingNotifications(folder: string): readonly string[] {
  return listNames(folder)
    .filter((name) => name.endsWith(PENDING))
    .map((name) => name.slice(0, -PENDING.length));
}

/** Null if it is settled, or not readable as one. */
export function readNotification(folder: string, id: string): Notification | null {
  try {
    const value = JSON.parse(readTextOrNull(filesOf(folder, id).pending) ?? 'null') as Notification | null;
    return value?.notification_id === id && typeof value.deliveries === 'object' ? value : null;
  } catch {
    return null;
  }
}

/** Durable. Settled if no delivery is pending: then it gets its last name. */
export function writeNotification(folder: string, notification: Notification): void {
  const { pending, done } = filesOf(folder, notification.notification_id);
  const open = Object.values(notification.deliveries).some(({ status }) => status === 'pending');
  writeFileAtomic(open ? pending : done, canonicalFile(notification));
  if (!open) removeIfThere(pending);
}
