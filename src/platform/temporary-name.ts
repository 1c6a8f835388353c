import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';

/** The names of files that are about to be renamed, or removed at once: a process that is killed leaves one behind. */

/** For bash (ERE) and JavaScript alike. Nobody else's files are called that. */
export const TEMPORARY_NAME = '\\.[^/]+\\.[0-9a-f]{16}\\.tmp';

const WHOLE = new RegExp(`^${TEMPORARY_NAME}$`);

/** A new one, beside the file. */
export function temporaryFor(path: string): string {
  return join(dirname(path), `.${basename(path).slice(0, 100)}.${randomBytes(8).toString('hex')}.tmp`);
}

export function isTemporaryName(name: string): boolean {
  return WHOLE.test(name);
}
