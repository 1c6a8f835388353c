import { basename, dirname, join } from 'node:path';
import { crashPoint } from '../platform/crash-points.ts';
import { createExclusive, listNames, readTextOrNull, removeIfThere } from '../platform/files.ts';
import { livenessOf, type ProcessIdentity, selfIdentity } from '../platform/host.ts';
import { newToken } from '../platform/ids.ts';
import { parseObject, textOrNull } from '../platform/json-object.ts';
import { identityIn } from '../platform/process-identity.ts';
import { monotonicMs, sleep } from '../platform/time.ts';

/**
 * A lock for moments, as files `<path>.<epoch>`. A holder that is provably dead is succeeded by making the next epoch,
 * which only one can; no process ever removes a lock to take its place, so none can remove the wrong one.
 */

interface Held {
  readonly epoch: number;
  /** null if it is not readable as a lock: then no process can be proven dead. */
  readonly holder: (ProcessIdentity & { readonly token: string }) | null;
}

export type LockOutcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string; readonly hint: string };

export interface LockOptions {
  /** How long to wait for another holder. */
  readonly timeoutMs?: number;
}

/** Acts while no other process does; fails after `timeoutMs` (10 s), and names who holds the lock. */
export async function withFileLock<T>(
  path: string,
  action: () => T,
  { timeoutMs = 10_000 }: LockOptions = {},
): Promise<LockOutcome<T>> {
  const deadline = monotonicMs() + timeoutMs;
  for (let pause = 5; ; pause = Math.min(2 * pause, 200)) {
    const attempt = tryLock(path);
    if (attempt.kind === 'taken') {
      crashPoint(`lock.${basename(path)}.taken`);
      try {
        return { ok: true, value: action() };
      } finally {
        removeIfThere(attempt.file);
      }
    }
    if (monotonicMs() > deadline) return heldByAnother(path, attempt.holder);
    // Chance parts two that give way to one another.
    await sleep(pause * (0.5 + Math.random()));
  }
}

function heldByAnother<T>(path: string, holder: Held['holder']): LockOutcome<T> {
  const who = holder === null ? 'an unknown process' : `process ${holder.pid} on ${holder.host}`;
  return {
    ok: false,
    message: `${who} holds the lock ${path}`,
    hint: `If that process is dead, remove ${path}.* and run the command again.`,
  };
}

type Attempt =
  { readonly kind: 'taken'; readonly file: string } | { readonly kind: 'held'; readonly holder: Held['holder'] };

function tryLock(path: string): Attempt {
  const before = heldLocks(path);
  const top = before.at(-1);
  if (top !== undefined && (top.holder === null || livenessOf(top.holder) !== 'dead'))
    return { kind: 'held', holder: top.holder };
  const epoch = (top?.epoch ?? 0) + 1;
  const file = `${path}.${epoch}`;
  const mine = { ...selfIdentity(), token: newToken() };
  if (!createExclusive(file, `${JSON.stringify(mine)}\n`)) return { kind: 'held', holder: null };
  // What we saw may be old by now: only the dead locks that we succeed may stand beside ours, and they must still stand.
  const others = heldLocks(path).filter((held) => held.epoch !== epoch);
  if (tokens(others) !== tokens(before)) {
    removeIfThere(file);
    return { kind: 'held', holder: null };
  }
  for (const dead of others) removeIfThere(`${path}.${dead.epoch}`);
  return { kind: 'taken', file };
}

function tokens(locks: readonly Held[]): string {
  return locks.map((held) => held.holder?.token ?? '?').join();
}

/** The locks that stand, lowest epoch first. */
function heldLocks(path: string): Held[] {
  const prefix = `${basename(path)}.`;
  return listNames(dirname(path))
    .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
    .flatMap((name) => {
      const text = readTextOrNull(join(dirname(path), name));
      // Released between listing and reading.
      return text === null ? [] : [{ epoch: Number(name.slice(prefix.length)), holder: holderOf(text) }];
    })
    .sort((a, b) => a.epoch - b.epoch);
}

function holderOf(text: string): Held['holder'] {
  const object = parseObject(text);
  const process = object === null ? null : identityIn(object);
  const token = textOrNull(object?.['token']);
  return process === null || token === null ? null : { ...process, token };
}
