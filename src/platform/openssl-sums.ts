/**
 * Digests by openssl, as lines of sha256sum. coreutils is mostly built without the instructions that processors have for SHA-256;
 * openssl uses them, and is about five times as fast. So it is asked first about what is large; what it says counts only if it
 * is what is wanted, and otherwise sha256sum looks again. Pure: text for a POSIX shell with GNU xargs and coreutils.
 */

/** From here on files take longer than the start of some programs. */
export const LARGE_BYTES = 1024 * 1024;

/** Reads lines of `sha256sum`, and writes them for the files as they are: in another way for names that sha256sum escapes. */
export const SUMS_BY_OPENSSL = `cut -c 67- | xargs -d '\\n' openssl dgst -sha256 -r 2>/dev/null | sed 's/ [*]/  /'`;
