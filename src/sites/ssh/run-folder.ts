import { join } from 'node:path';
import { readTail, sizeOf } from '../../platform/files.ts';
import type { RunPaths } from '../../records/paths.ts';
import type { FarSite } from '../../run/site.ts';
import { placeOnceArgv } from '../../transports/far-files.ts';
import type { RunFolder } from '../run-folder.ts';
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
    placeOnce: async (receipt, text) => {
      const path = join(there.receipt, receipt);
      const result = await ssh.run(placeOnceArgv(path), { timeoutMs: PLACE_MS, stdin: text });
      if (result.exitCode !== 0)
        return { kind: 'unknown', host: ssh.name, words: result.lost?.words ?? result.stderr.trim() };
      return { kind: result.stdout === 'mine\n' ? 'mine' : 'taken' };
    },
    watch: (ctx, ask) => watchFar(ctx, far, ask),
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
