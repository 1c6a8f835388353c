/** Whether a whole path matches, byte by byte as bash does in the locale C. `source`: as in `ignore-pattern.ts`; '' matches nothing. Pure. */
export function pathMatcher(source: string): (path: string | Buffer) => boolean {
  if (source === '') return () => false;
  const pattern = new RegExp(`^(?:${asBytes(source)})$`, 's');
  return (path) => pattern.test(asBytes(path));
}

/** One character per byte. */
function asBytes(text: string | Buffer): string {
  if (typeof text !== 'string') return text.toString('latin1');
  return /[^\x00-\x7F]/.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;
}
