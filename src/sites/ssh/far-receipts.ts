import { join } from 'node:path';
import { readTail, sizeOf } from '../../platform/files.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import type { Lost } from '../../transports/transport.ts';
import { siteOfRun } from '../site.ts';
import { LOOK_MS, MOST_OF_A_LOG } from './mirror.ts';

/** Fetches the receipts of the run's folder on the remote host. Returns null on success, or if the folder is local. */
export async function refresh(ctx: RunContext): Promise<Lost | null> {
  const { far } = siteOfRun(ctx);
  if (far === null) return null;
  const looked = await far.mirror.look(viewOf(ctx).job?.job_id ?? null, 0);
  return looked.kind === 'lost' ? looked.lost : null;
}

/** The end of a log of the run; a log too long to be kept here is read on the remote host. Null if there is none. */
export async function logTail(ctx: RunContext, path: string, maxBytes: number): Promise<string | null> {
  const { far } = siteOfRun(ctx);
  if (far === null || sizeOf(path) < MOST_OF_A_LOG) return readTail(path, maxBytes);
  const there = join(far.paths.folder, path.slice(ctx.paths.folder.length + 1));
  const result = await far.ssh.run(['tail', '-c', String(maxBytes), '--', there], {
    timeoutMs: LOOK_MS,
    maxBytes: 2 * maxBytes,
  });
  return result.exitCode === 0 ? result.stdout : readTail(path, maxBytes);
}
