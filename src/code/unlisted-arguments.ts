import { posix } from 'node:path';
import { lstatOrNull, realPathOr } from '../platform/files.ts';
import type { FoundCode } from './find.ts';

/**
 * Words of a command that name a file of the work tree which is not code, such as one that git ignores: what it says is not
 * in the record. `root`: where the command runs.
 */
export function unlistedArguments(root: string, argv: readonly string[], found: FoundCode): readonly string[] {
  const listed = new Set(found.names);
  const real = realPathOr(root);
  const unlisted = filesNamed(argv).filter((word) => {
    const path = realPathOr(posix.resolve(real, word));
    if (!path.startsWith(`${found.base}/`) || lstatOrNull(path)?.isFile() !== true) return false;
    return !listed.has(path.slice(found.base.length + 1));
  });
  return [...new Set(unlisted)];
}

/** Words that may be paths: themselves, behind `=`, and modules of Python. */
function filesNamed(argv: readonly string[]): readonly string[] {
  return argv.flatMap((word, at) => {
    const value = word.includes('=') ? [word.slice(word.indexOf('=') + 1)] : [];
    const module = argv[at - 1] === '-m' && /^[\w.]+$/.test(word) ? word.replaceAll('.', '/') : null;
    return [word, ...value, ...(module === null ? [] : [`${module}.py`, `${module}/__main__.py`])];
  });
}
