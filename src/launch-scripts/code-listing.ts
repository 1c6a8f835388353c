import { sha256 } from '../platform/ids.ts';

/**
 * Which files are code, as git is asked, here and on the node: behind `git -C <root>`, without `--literal-pathspecs` (these
 * are patterns). The exclusions are what `isCode` of records/code/scope.ts leaves out; a test holds the two together.
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

/** What makes the listing the same before and after `git add`, which moves a file from one half of git's answer to the other. */
export const CODE_LISTING_SORT = 'LC_ALL=C sort -zu';

/** For `receipt/code.listing`: the digest that the node computes, of what git answers to `CODE_LISTING_ARGV`. 64 hex digits. */
export function codeListingDigest(answer: Buffer): string {
  const names = new Set(answer.toString('latin1').split('\0').slice(0, -1));
  // Every byte is one character of latin1, so this is the order of LC_ALL=C.
  const sorted = [...names].sort((a, b) => (a < b ? -1 : 1)).map((name) => `${name}\0`);
  return sha256(Buffer.from(sorted.join(''), 'latin1'));
}
