import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makePrivateFolder, makeUnguessedFolder } from '../platform/private-folder.ts';

/** The length of the suffix that a connection's name has while it is made. */
export const SUFFIX_LENGTH = 6;

/**
 * A socket's path may have 103 bytes (sun_path; 107 on Linux). `%C` takes 40 of them, and ssh appends 17 more while it
 * makes the socket.
 */
const LONGEST = 103 - '/'.length - 40 - SUFFIX_LENGTH - 17;

/** ssh_config(5) and the shells of rsync and git give other characters a special meaning. */
const PLAIN = /^[\w./+@-]+$/;

const ANYWHERE = ['/tmp', '/var/tmp', '/dev/shm'];

/**
 * The folder of ssh's control sockets: private, because whoever can open a socket can run commands on the remote host,
 * and with a short name. All processes of a user share one folder; if another user has taken its name everywhere, this
 * process makes its own.
 */
export function controlFolder(env: NodeJS.ProcessEnv): string {
  // A container may run under an id without a name: then there is no user information.
  const uid = process.getuid?.() ?? 0;
  for (const place of [env['XDG_RUNTIME_DIR'] ?? '', tmpdir(), ...ANYWHERE]) {
    const folder = join(place, `autolab-ssh-${uid}`);
    if (!folder.startsWith('/') || !PLAIN.test(folder) || Buffer.byteLength(folder) > LONGEST) continue;
    if (makePrivateFolder(folder)) return folder;
  }
  return makeUnguessedFolder(ANYWHERE.map((place) => join(place, 'autolab-ssh-')));
}
