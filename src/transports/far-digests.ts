import { LARGE_BYTES, SUMS_BY_OPENSSL } from '../platform/openssl-sums.ts';

/**
 * Digests of files on another host, as lines of sha256sum: of large ones by openssl, where it is there and reads all that it is
 * given. Pure: text for a POSIX shell with GNU find, xargs and coreutils.
 */

/** Words for `xargs`, which adds the paths: none that is like an option, or that sha256sum escapes. */
export const LARGE_SUMS = `sh -c 'sums=$(openssl dgst -sha256 -r "$@" 2>/dev/null) && printf "%s\\n" "$sums" | sed "s/ [*]/  /" || exec sha256sum -- "$@"' sh`;

const LARGE = `'(' -size +${LARGE_BYTES / 1024 - 1}k -readable ! -path "$odd" ')'`;

/** Digests every file below the working folder. */
export const SUMS_BELOW = `odd=$(printf '*[\\\\\\\\\\n\\r]*')
find . -mindepth 1 -type f ! ${LARGE} -print0 | xargs -0 -r sha256sum --
find . -mindepth 1 -type f ${LARGE} -print0 | xargs -0 -r ${LARGE_SUMS}`;

/** The lists for `COMPARE`: of large files with plain names, and of the others. */
export function listsToCompare<Entry extends { readonly path: string }>(
  entries: readonly Entry[],
  bytesOf: (path: string) => number,
): readonly [large: readonly Entry[], others: readonly Entry[]] {
  const isLarge = ({ path }: Entry): boolean => PLAIN.test(path) && bytesOf(path) >= LARGE_BYTES;
  const large = entries.filter(isLarge);
  // sha256sum takes an empty list for none.
  if (large.length === entries.length) return [[], entries];
  return [large, entries.filter((entry) => !isLarge(entry))];
}

/** sha256sum escapes the others, and openssl takes some for options. */
const PLAIN = /^[^-\\\n\r][^\\\n\r]*$/;

/**
 * Compares files with lists on standard input, and says which differ: $1 bytes of lines about large files with plain names, and
 * the others, at least one. Of openssl only an answer that is the very list counts.
 */
export const COMPARE = `large=$(head -c "$1") sums=
[ -z "$large" ] || sums=$(printf '%s\\n' "$large" | ${SUMS_BY_OPENSSL})
[ "$sums" != "$large" ] || exec sha256sum --check --strict --quiet -
{ [ -z "$large" ] || printf '%s\\n' "$large"; cat; } | sha256sum --check --strict --quiet -`;
