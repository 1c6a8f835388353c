import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { errorCodeOf } from './files.ts';

/** The one door to the system's temporary folder (`TMPDIR`), which may not be there, may be a file, or may be full. */

/** Where every Linux has one. */
const OTHERS = ['/tmp', '/var/tmp', '/dev/shm'];

/** A private folder for this process; the caller removes it. Throws if none can be made anywhere. */
export function makeTemporaryFolder(prefix: string): string {
  const named = tmpdir();
  let first: unknown = null;
  for (const place of [...(isAbsolute(named) ? [named] : []), ...OTHERS]) {
    try {
      return mkdtempSync(join(place, prefix));
    } catch (error) {
      first ??= error;
    }
  }
  throw first instanceof Error ? first : new Error('no temporary folder can be made');
}

export interface TemporaryPlace {
  readonly path: string;
  /** Why nothing can be made in it; null if something can. */
  readonly trouble: string | null;
}

/** The temporary folder that this process was given, tried out. */
export function temporaryPlace(): TemporaryPlace {
  const path = tmpdir();
  // Relative to which folder, every program would answer for itself.
  if (!isAbsolute(path)) return { path, trouble: 'it is not an absolute path' };
  try {
    rmdirSync(mkdtempSync(join(path, 'autolab-probe-')));
    return { path, trouble: null };
  } catch (error) {
    return { path, trouble: WORDS[errorCodeOf(error)] ?? errorCodeOf(error) };
  }
}

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'it is not a folder',
  EACCES: 'it is not writable',
  EPERM: 'it is not writable',
  EROFS: 'it is read-only',
  ENOSPC: 'it is full',
  EDQUOT: 'its quota is used up',
};
