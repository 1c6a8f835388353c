import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { makePrivateFolder } from '../platform/private-folder.ts';

/**
 * Where ssh's control sockets lie: a private folder with a short name, for whoever can open a socket can run commands over
 * there. A socket's path may have 103 bytes (sun_path), `%C` is 40 of them, and while it makes the socket ssh appends 17.
 */
const LONGEST = 103 - 40 - 17 - 1;

export function controlFolder(env: NodeJS.ProcessEnv): string {
  const name = `autolab-ssh-${String(userInfo().uid)}`;
  const places = [env['XDG_RUNTIME_DIR'] ?? '', tmpdir(), '/tmp'].filter((place) => place !== '');
  const folder = places
    .map((place) => join(place, name))
    .find((candidate) => Buffer.byteLength(candidate) <= LONGEST && makePrivateFolder(candidate));
  if (folder !== undefined) return folder;
  throw new Error(
    `no private folder for ssh's control socket can be made in ${places.join(', ')}: is something of somebody else called ${name}?`,
  );
}
