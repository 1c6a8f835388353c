const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;

/**
 * One word for a POSIX shell (sh, dash, bash): inside single quotes nothing is special but the quote itself.
 * A NUL cannot be passed to any program; callers refuse it before.
 */
export function quotePosix(word: string): string {
  if (PLAIN.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command line that a person can paste. */
export function quoteArgv(argv: readonly string[]): string {
  return argv.map(quotePosix).join(' ');
}
