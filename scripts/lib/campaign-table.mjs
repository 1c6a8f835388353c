/** The campaign's counts as a table for docs/reference/reliability.md. */

const BEGIN = '<!-- made by `npm run campaign -- --write` -->';
const END = '<!-- end of the table -->';

/** Outcomes that a row names; the rest is summed up. */
const NAMED = 4;

/**
 * @param {{name: string, cases: number, outcomes: Record<string, number>}[]} families
 * @returns {string} Markdown
 */
export function campaignTable(families) {
  const rows = [...families]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, cases, outcomes }) => [name, String(cases), summaryOf(outcomes)]);
  const head = ['family', 'cases', 'how they ended'];
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function summaryOf(outcomes) {
  const sorted = Object.entries(outcomes).sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1));
  const named = sorted.length > NAMED + 1 ? sorted.slice(0, NAMED) : sorted;
  const others = sorted.slice(named.length);
  const words = named.map(([outcome, count]) => `${count} ${outcome}`);
  const rest = others.reduce((sum, [, count]) => sum + count, 0);
  return [...words, ...(others.length === 0 ? [] : [`${rest} otherwise (${others.length} ways)`])].join(', ');
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
