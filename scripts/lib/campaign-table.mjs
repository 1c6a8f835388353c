/** The campaign's counts as a table for docs/reference/reliability.md. */

const BEGIN = '<!-- made by `npm run campaign -- --write` -->';
const END = '<!-- end of the table -->';

/**
 * @param {{name: string, found: string, cases: number, outcomes: Record<string, number>}[]} families
 * @returns {string} Markdown
 */
export function campaignTable(families) {
  const rows = [...families]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, cases, outcomes, found }) => [name, String(cases), told(outcomes), found]);
  const head = ['family', 'cases', 'how they ended', 'found, and mended'];
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function told(outcomes) {
  return Object.entries(outcomes)
    .sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1))
    .map(([outcome, count]) => `${count} ${outcome}`)
    .join(', ');
}

/**
 * The document with the table between its two marks. Rows of families that were not tried now stay as they are.
 *
 * @param {string} text
 * @param {string} table
 * @returns {string}
 */
export function withTable(text, table) {
  const [before, rest] = text.split(BEGIN);
  const [old, after] = rest?.split(END) ?? [];
  if (after === undefined) throw new Error(`docs/reference/reliability.md lacks the marks ${BEGIN} and ${END}`);
  const [head = '', rule = '', ...rows] = table.split('\n');
  const now = new Map(rows.map((row) => [nameIn(row), row]));
  const kept = old.split('\n').filter((line) => line.startsWith('| ') && !/^\| (family|-+) /.test(line));
  const all = new Map([...kept.map((row) => [nameIn(row), row]), ...now]);
  const sorted = [...all.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  return `${before}${BEGIN}\n\n${[head, rule, ...sorted].join('\n')}\n\n${END}${after}`;
}

function nameIn(row) {
  return row.split(' |')[0].slice(1).trim();
}
