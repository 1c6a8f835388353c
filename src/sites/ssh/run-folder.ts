import { join } from 'node:path';
import { readPart, readTail, sizeOf } from '../../platform/files.ts';
import type { RunPaths } from '../../records/paths.ts';
import { taskOutputOf } from '../../records/tasks/task-outputs.ts';
import type { FarSite } from '../../run/site.ts';
import { parsePart, partArgv, placeOnceArgv } from '../../transports/far-files.ts';
import type { Transport } from '../../transports/transport.ts';
import type { LogPart, LogPiece, RunFolder } from '../run-folder.ts';
import { bringTasks, isBrought } from './bring-tasks.ts';
import { carryRequests } from './carry-requests.ts';
import { LOOK_MS, MOST_OF_A_LOG } from './mirror.ts';
import { watchFar } from './watch-far.ts';

const PLACE_MS = 30_000;

/** The folder is on a remote host. `here`: that of the run here, which mirrors it. */
export function folderOverSsh(far: FarSite, here: RunPaths): RunFolder {
  const { ssh, paths: there, mirror } = far;
  return {
    fetchNews: async (jobId) => {
      const looked = await mirror.look(jobId, 0);
      return looked.kind === 'lost' ? looked.lost : null;
    },
    askWithNews: async (jobId, commands) => {
      const { answers, looked } = await mirror.lookAfter(jobId, commands);
      return { answers, lost: looked.kind === 'lost' ? looked.lost : null };
    },
    placeOnce: async (receipt, text) => {
      const path = join(there.receipt, receipt);
      const result = await ssh.run(placeOnceArgv(path), { timeoutMs: PLACE_MS, stdin: text });
      if (result.exitCode !== 0)
        return { kind: 'unknown', host: ssh.name, words: result.lost?.words ?? result.stderr.trim() };
      return { kind: result.stdout === 'mine\n' ? 'mine' : 'taken' };
    },
    carryRequests: (tasks) => carryRequests(far, here, tasks),
    bringTasks: (tasks, signal) => bringTasks(far, here, tasks, signal),
    watch: (ctx, ask) => watchFar(ctx, far, ask),
    pieceOfLog: (part) => pieceOfLog(far, here, part),
    // A log that is too long to be kept here is read on the remote host.
    tailOfLog: async (path, maxBytes) => {
      if (sizeOf(path) < MOST_OF_A_LOG) return readTail(path, maxBytes);
      const log = join(there.folder, path.slice(here.folder.length + 1));
      const result = await ssh.run(['tail', '-c', String(maxBytes), '--', log], {
        timeoutMs: LOOK_MS,
        maxBytes: 2 * maxBytes,
      });
      return result.exitCode === 0 ? result.stdout : readTail(path, maxBytes);
    },
    silent: () => ({ who: ssh.name, code: 'remote.lost' }),
  };
}

/**
 * What is here is read here; only the rest of a log that is too long to be mirrored is asked for, and the log of a task that
 * has not been brought yet.
 */
export async function pieceOfLog(
  { ssh, paths: there }: { readonly ssh: Pick<Transport, 'run'>; readonly paths: RunPaths },
  here: RunPaths,
  part: LogPart,
): Promise<LogPiece> {
  const { path, offset, most } = part;
  const size = sizeOf(path);
  const task = taskOutputOf(path.slice(here.folder.length + 1))?.index;
  const isHere = task === undefined ? size < MOST_OF_A_LOG : isBrought(here, task);
  if (isHere || (most > 0 && offset < size)) return { size, bytes: readPart(path, offset, most), lost: null };
  const argv = partArgv(join(there.folder, path.slice(here.folder.length + 1)), offset, most);
  const result = await ssh.run(argv, { timeoutMs: LOOK_MS, maxBytes: 2 * most + 1024 });
  const piece = result.exitCode === 0 ? parsePart(result.stdout) : null;
  if (piece !== null && piece.size >= size) return { ...piece, lost: null };
  const words = piece === null ? (result.lost?.words ?? result.stderr.trim()) : 'it is shorter there than what is here';
  return { size, bytes: Buffer.alloc(0), lost: words };
}
