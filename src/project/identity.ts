/** People as git names them and as a reviewer names himself. Pure. */

/** Several authors are kept in one text. */
const BETWEEN = '; ';

export function joinAuthors(authors: readonly string[]): string | null {
  const known = [...new Set(authors.map((author) => author.trim()).filter((author) => author !== ''))];
  return known.length === 0 ? null : known.join(BETWEEN);
}

/**
 * Whether a reviewer is one of the authors: `by` is the name, the address, the part of the address before the `@`, or
 * `NAME <ADDRESS>`, whatever the case and the spaces.
 */
export function isOneOf(by: string, authors: string): boolean {
  const mine = formsOf(by);
  return authors.split(BETWEEN).some((author) => formsOf(author).some((form) => mine.includes(form)));
}

/** Why an approval by `by` is not that of another person; null if it is. */
export function whyNotOther(by: string | null, authors: string | null): string | null {
  if (by === null) return 'the review does not say who reviewed it, and launch.yaml asks for four eyes';
  if (authors === null) return 'git does not say who wrote what was reviewed, and launch.yaml asks for four eyes';
  return isOneOf(by, authors) ? `${by} approved what is by ${authors}, and launch.yaml asks for four eyes` : null;
}

function formsOf(text: string): readonly string[] {
  const plain = text.trim().replaceAll(/\s+/g, ' ').toLowerCase();
  const [, name = '', inBrackets = ''] = /^(.*?)\s*<([^<>]*)>$/.exec(plain) ?? [];
  const address = inBrackets !== '' ? inBrackets : plain.includes('@') ? plain : '';
  return [plain, name, address, address.split('@')[0] ?? ''].filter((form) => form !== '');
}
