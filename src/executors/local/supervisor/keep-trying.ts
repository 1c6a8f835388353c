import { basename } from 'node:path';
import { crashPoint } from '../../../platform/crash-points.ts';
import { errorCodeOf, messageOf, writeFileAtomic } from '../../../platform/files.ts';
import { growingDelay, grown } from '../../../platform/growing-delay.ts';
import { renameOver } from '../../../platform/private-folder.ts';
import { now, sleep } from '../../../platform/time.ts';
import { CANNOT_WRITE } from '../../../schedulers/local/receipt.ts';

const FIRST_PAUSE = growingDelay(100, 5_000);
/** How many attempts in a row must find no folder before it counts as removed: one temporary file can be swept away. */
const GONE_AFTER = 3;

/**
 * Writes a receipt as soon as the disk accepts it: only the supervisor knows its content. The first attempt is
 * made at once. Says on stderr, the supervisor's log, that it waits. Returns false if the folder is gone, and with it any
 * reader.
 */
export async function keepTrying(path: string, text: string): Promise<boolean> {
  let missing = 0;
  for (let pause = FIRST_PAUSE, told = false; ; pause = grown(pause)) {
    try {
      writeFileAtomic(path, text);
      return true;
    } catch (error) {
      crashPoint(`supervisor.${basename(path)}.refused`);
      const code = errorCodeOf(error);
      missing = ['ENOENT', 'ESTALE', 'ENOTDIR'].includes(code) ? missing + 1 : 0;
      // A folder in its place: nothing but a supervisor has a reason to write there.
      if (['EISDIR', 'EEXIST', 'ENOTEMPTY'].includes(code)) moveAside(path);
      const gone = missing >= GONE_AFTER;
      if (gone || !told)
        process.stderr.write(
          `${now()} ${basename(path)} ${CANNOT_WRITE}: ${messageOf(error)}${gone ? '' : '; retrying'}\n`,
        );
      if (gone) return false;
      told = true;
    }
    await sleep(pause.ms);
  }
}

function moveAside(path: string): void {
  try {
    renameOver(path, `${path}.away`);
  } catch {
    // Told below; tried again.
  }
}
