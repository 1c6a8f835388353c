import { join } from 'node:path';
import { listNames, removeIfThere } from '../platform/files.ts';
import { newToken } from '../platform/ids.ts';
import { renameOver } from '../platform/private-folder.ts';
import { run } from '../platform/process.ts';
import { controlFolder, SUFFIX_LENGTH } from './control-folder.ts';
import { checkArgv, masterArgv, type SshOptions } from './ssh-command.ts';
import { judgeRefusal } from './ssh-words.ts';
import type { Lost } from './transport.ts';

/**
 * The connection that commands share, also with other processes. It is made under a temporary name and then renamed to
 * the common one. So two processes that make one at the same time do not conflict (the later name wins, and the other
 * connection closes a minute after its last command), and a connection that broke or hangs is replaced without a look
 * at its socket.
 */
export interface Connection {
  readonly options: SshOptions;
  /** Returns null if the connection is open, as far as this host can tell. Of many concurrent callers, one makes it. */
  readonly ready: () => Promise<Lost | null>;
  /**
   * Reports that `ready` was wrong: the next call checks again, or makes another connection if the present one is not
   * to be trusted. `of`: the value of `generation` at the beginning.
   */
  readonly renew: (of: number, trust: 'gone' | 'silent') => void;
  readonly generation: () => number;
}

/** Enough for a user to answer ssh's question, and for a slow host to complete a login. */
const ANSWER_MS = 120_000;
const AUTHENTICATION_MS = 30_000;

export function connectionTo(destination: string, connectTimeoutSeconds: number, batch: boolean): Connection {
  const folder = controlFolder(process.env);
  const options: SshOptions = { connectTimeoutSeconds, controlPath: join(folder, '%C'), batch };
  let generation = 0;
  let trusted = true;
  let ready: Promise<Lost | null> | null = null;

  const open = async (): Promise<Lost | null> => {
    const suffix = `.${newToken().slice(0, SUFFIX_LENGTH - 1)}`;
    const argv = masterArgv({ ...options, controlPath: join(folder, `%C${suffix}`) }, destination);
    const timeoutMs = connectTimeoutSeconds * 1000 + (batch ? AUTHENTICATION_MS : ANSWER_MS);
    // ssh asks its question on the terminal, which only the foreground process group may read.
    const opened = await run(argv, { timeoutMs, foreground: !batch });
    const name = listNames(folder).find((found) => found.endsWith(suffix));
    if (opened.exitCode === 0 && name !== undefined) {
      renameOver(join(folder, name), join(folder, name.slice(0, -suffix.length)));
      return null;
    }
    if (name !== undefined) removeIfThere(join(folder, name));
    if (opened.spawnError !== null)
      return { kind: 'unreachable', words: `ssh could not be started: ${opened.spawnError}`, began: false };
    const silent = `ssh got no answer within ${timeoutMs / 1000} s`;
    return judgeRefusal(opened.stderr, opened.timedOut ? silent : 'ssh could not connect');
  };

  const look = async (): Promise<Lost | null> => {
    const found = await run(checkArgv(options, destination), { timeoutMs: 5000 });
    return found.exitCode === 0 ? null : open();
  };

  const make = (how: () => Promise<Lost | null>): Promise<Lost | null> => {
    const made = how().then((lost) => {
      if (lost === null) trusted = true;
      // The next command tries a host again that could not be reached.
      else if (ready === made) ready = null;
      return lost;
    });
    return made;
  };

  return {
    options,
    generation: () => generation,
    ready: () => (ready ??= make(trusted ? look : open)),
    renew: (of, trust) => {
      if (of !== generation) return;
      generation += 1;
      trusted = trust === 'gone';
      ready = null;
    },
  };
}
