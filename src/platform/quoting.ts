const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;

/**
 * One word for a POSIX shell (sh, dash, bash): inside single quotes only the quote itself is special. A program cannot
 * be passed a NUL; callers reject it first.
 */
export function quotePosix(word: string): string {
  if (PLAIN.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command line for a user to paste. */
export function quoteArgv(argv: readonly string[]): string {
  return argv.map(quotePosix).join(' ');
}
