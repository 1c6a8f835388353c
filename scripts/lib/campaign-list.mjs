/** The campaign's counts as a list for docs/reference/reliability.md. */

const BEGIN = '<!-- made by `npm run campaign -- --write` -->';
const END = '<!-- end of the list -->';
/** More kinds of outcomes than this are only counted. */
const NAMED = 4;

/**
 * @param {{name: string, cases: number, outcomes: Record<string, number>}[]} families
 * @returns {string} Markdown, a line a family
 */
export function campaignList(families) {
  return [...families]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, cases, outcomes }) => `- **${name}** (${cases}): ${summaryOf(outcomes, cases)}`)
    .join('\n');
}

function summaryOf(outcomes, cases) {
  const sorted = Object.entries(outcomes).sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1));
  if (sorted.length > NAMED) return `${sorted.length} kinds of outcome`;
  return sorted.map(([outcome, count]) => (count === cases ? outcome : `${count} ${outcome}`)).join(', ');
}

/**
 * The document with the list between its two marks. Lines of families that were not tried now stay as they are.
 *
 * @param {string} text
 * @param {string} list
 * @returns {string}
 */
export function withList(text, list) {
  const [before, rest] = text.split(BEGIN);
  const [old, after] = rest?.split(END) ?? [];
  if (after === undefined) throw new Error(`docs/reference/reliability.md lacks the marks ${BEGIN} and ${END}`);
  const unwrapped = old.replaceAll(/\n +/g, ' ');
  const lines = [...unwrapped.split('\n'), ...list.split('\n')].filter((line) => line.startsWith('- **'));
  const all = new Map(lines.map((line) => [nameIn(line), line]));
  const sorted = [...all.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line);
  return `${before}${BEGIN}\n\n${sorted.join('\n')}\n\n${END}${after}`;
}

function nameIn(line) {
  return line.split('**')[1];
}
