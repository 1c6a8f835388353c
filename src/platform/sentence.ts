/** Words that come from several places, put together as sentences. */

/** With its full stop, unless it ends as a sentence already. */
export function sentence(words: string): string {
  return /[.?!…]$/.test(words) ? words : `${words}.`;
}

/** One after the other; the last stays as it is, since it may be a command to copy. */
export function sentences(...parts: readonly string[]): string {
  return parts.map((part, index) => (index === parts.length - 1 ? part : sentence(part))).join(' ');
}
