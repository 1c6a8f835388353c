import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { makePrivateFolder, makeUnguessedFolder } from '../platform/private-folder.ts';

/** Of the name that a connection has while it is made. */
export const SUFFIX_LENGTH = 6;

/**
 * A socket's path may have 103 bytes (sun_path; 107 on Linux). `%C` is 40 of them, and while ssh makes the socket it appends
 * 17 more.
 */
const LONGEST = 103 - '/'.length - 40 - SUFFIX_LENGTH - 17;

/** ssh_config(5) and the shells of rsync and git take other characters for their own. */
const PLAIN = /^[\w./+@-]+$/;

/**
 * Where ssh's control sockets lie: a private folder with a short name, because whoever can open a socket can run commands
 * over there. All processes of a user find the same one; where somebody else has taken the name everywhere, this process has
 * one of its own.
 */
export function controlFolder(env: NodeJS.ProcessEnv): string {
  for (const place of [env['XDG_RUNTIME_DIR'] ?? '', tmpdir(), '/tmp']) {
    const folder = join(place, `autolab-ssh-${userInfo().uid}`);
    if (!folder.startsWith('/') || !PLAIN.test(folder) || Buffer.byteLength(folder) > LONGEST) continue;
    if (makePrivateFolder(folder)) return folder;
  }
  return makeUnguessedFolder('/tmp/autolab-ssh-');
}
