import { sha256 } from '../platform/ids.ts';

/**
 * Which files count as code, as arguments of git, here and on the node: after `git -C <root>`, without
 * `--literal-pathspecs` (these are patterns). The exclusions are the same as `isCode` of records/code/scope.ts; a test
 * compares the two.
 */
export const CODE_LISTING_ARGV = [
  'ls-files',
  '-z',
  '--cached',
  '--others',
  '--exclude-standard',
  '--',
  '.',
  ':(exclude).autolab',
  ':(exclude,glob)experiments/*/runs/**',
  ':(exclude,glob)experiments/*/launch/**',
  ':(exclude)docs/slurm_job_list.md',
] as const;

/**
 * Makes the listing the same before and after `git add`, which moves a file from one half of git's answer to the other.
 */
export const CODE_LISTING_SORT = 'LC_ALL=C sort -zu';

/**
 * For `receipt/code.listing`: the digest of git's answer to `CODE_LISTING_ARGV`, which the node also computes. 64 hex
 * digits.
 */
export function codeListingDigest(answer: Buffer): string {
  const names = new Set(answer.toString('latin1').split('\0').slice(0, -1));
  // Every byte is one character of latin1, so this is the order of LC_ALL=C.
  const sorted = [...names].sort((a, b) => (a < b ? -1 : 1)).map((name) => `${name}\0`);
  return sha256(Buffer.from(sorted.join(''), 'latin1'));
}
