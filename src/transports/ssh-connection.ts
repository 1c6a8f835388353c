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
 * The connection that commands share, with those of other processes too. It is made under a name of its own and then renamed
 * to the common one. So two that make one at the same time do no harm (the later name wins, and the other connection ends a
 * minute after its last command), and one that broke or answers no more is replaced without a look at its socket.
 */
export interface Connection {
  readonly options: SshOptions;
  /** null: it is there, as far as can be known from here. Of many that ask at the same time, one makes it. */
  readonly ready: () => Promise<Lost | null>;
  /**
   * Told by who found that `ready` was wrong: the next one looks again, or makes another where the one that is there is not
   * to be trusted. `of`: what `generation` was at the beginning.
   */
  readonly renew: (of: number, trust: 'gone' | 'silent') => void;
  readonly generation: () => number;
}

/** What a person takes to answer a question of ssh's, and a slow host to let somebody in. */
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
    // A question is put on the terminal, which only those of our own group may read.
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
    return judgeRefusal(opened.stderr, opened.timedOut ? silent : 'ssh did not get through');
  };

  const look = async (): Promise<Lost | null> => {
    const found = await run(checkArgv(options, destination), { timeoutMs: 5000 });
    return found.exitCode === 0 ? null : open();
  };

  const make = (how: () => Promise<Lost | null>): Promise<Lost | null> => {
    const made = how().then((lost) => {
      if (lost === null) trusted = true;
      // A host that could not be reached is tried anew by the next command.
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
