import type { ProcessResult } from '../platform/process.ts';
import { quotePosix } from '../platform/quoting.ts';

/** A git that is there and does not answer. */
export interface GitTrouble {
  readonly kind: 'failed';
  /** The repository, as an absolute path. */
  readonly folder: string;
  /** What git says, in one line. */
  readonly words: string;
  /** What to do. */
  readonly hint: string;
}

type Ended = Pick<ProcessResult, 'exitCode' | 'signal' | 'timedOut' | 'spawnError' | 'stderr'>;

/** What a failed call of git means. Pure. */
export function gitTrouble(folder: string, ended: Ended): GitTrouble {
  const words = wordsOf(ended);
  return { kind: 'failed', folder, words, hint: hintFor(folder, ended.stderr) };
}

function wordsOf({ exitCode, signal, timedOut, spawnError, stderr }: Ended): string {
  const said = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('hint:'));
  // A filter's own words come first; what git could not do because of them comes last.
  const fatal = said.filter((line) => /^(fatal|error):/.test(line));
  const chosen = fatal.length > 0 ? fatal : said;
  if (chosen.length > 0) return chosen.slice(0, 3).join('; ');
  if (spawnError !== null) return `git cannot be started: ${spawnError}`;
  if (timedOut) return 'git did not answer within an hour';
  return signal === null ? `git ended with status ${String(exitCode)}` : `git was ended by ${signal}`;
}

const HINTS: readonly (readonly [RegExp, (folder: string) => string])[] = [
  [
    /dubious ownership|unsafe repository/,
    (folder) =>
      `If you trust it: git config --global --add safe.directory ${quotePosix(folder)}. Otherwise give the folder back to its owner.`,
  ],
  [
    /git-lfs|filter '?lfs'?|lfs/i,
    () => 'Install git-lfs (then: git lfs install), or remove the `filter.lfs` settings from the git configuration.',
  ],
  [
    /(clean|smudge|process) filter|external filter/,
    () => 'Install the program that the filter names, or remove the filter from the git configuration.',
  ],
  [
    /index file (corrupt|smaller|is too)|bad (index|signature)|index.*(corrupt|version|extension)/i,
    (folder) =>
      `If another git made the index, use that version; otherwise: cd ${quotePosix(folder)} && rm .git/index && git reset`,
  ],
  [/index\.lock/, () => 'Wait for the other git to end; if there is none, remove the lock file.'],
  [
    /bad object|missing (blob|tree|commit)|unable to read|loose object|corrupt|invalid (object|sha1)|not our ref/i,
    (folder) => `Look what is lost: git -C ${quotePosix(folder)} fsck. Fetch it again, or clone the repository anew.`,
  ],
];

function hintFor(folder: string, stderr: string): string {
  const known = HINTS.find(([pattern]) => pattern.test(stderr));
  return known === undefined ? `Fix what this says: git -C ${quotePosix(folder)} status` : known[1](folder);
}
