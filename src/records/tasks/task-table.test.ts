import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { fc } from '../../../test/support/properties.ts';
import { canonicalLine } from '../canonical.ts';
import { formatTaskTable } from './task-table.ts';

/** As a script reads the table: every cell into a variable, decoded, and written with NUL behind it. */
const READ = `set -euo pipefail
while IFS=$'\\x1f' read -r -a cells; do
  for cell in "\${cells[@]}"; do
    printf -v value '%b' "$cell"
    printf '%s\\0' "$value"
  done
done`;

function throughBash(names: readonly string[], rows: readonly (readonly string[])[]): string[][] {
  const tasks = rows.map((row, index) => ({
    index,
    params: Object.fromEntries(names.map((name, at) => [name, row[at] ?? ''])),
  }));
  const table = formatTaskTable({ names, tasks });
  expect(table.split('\n')).toHaveLength(rows.length + 1);
  const said = execFileSync('bash', ['--noprofile', '--norc', '-c', READ], { input: table, env: {} }).toString('utf8');
  const cells = said.split('\0').slice(0, -1);
  return rows.map((_, at) => cells.slice(at * (names.length + 1), (at + 1) * (names.length + 1)));
}

function expectSame(names: readonly string[], rows: readonly (readonly string[])[]): void {
  const wanted = rows.map((row) => [
    ...row,
    canonicalLine(Object.fromEntries(names.map((name, at) => [name, row[at]]))),
  ]);
  expect(throughBash(names, rows)).toEqual(wanted);
}

describe('the table of tasks that scripts read', () => {
  it('gives bash the same bytes for hostile values', () => {
    expectSame(
      ['a', 'b'],
      [
        ['', ''],
        ['two\nlines\n', '\n'],
        ['\ttab\t', ' blanks '],
        ['back\\slash \\n \\0101 \\x41 \\c', '\\'],
        ['$(touch x) `id` ${HOME} $0', '"double" \'single\''],
        ['%s %d %b %%', '-n'],
        ['--', '../../etc'],
        ['é 😀 \u202E\uFEFF', '*?[a]'],
        ['{{run_id}}', '#!;&|<>'],
      ],
    );
  });

  it('gives bash the same bytes for any values', () => {
    // What the reader of designs accepts: control characters other than tab and line break are refused there.
    const value = fc.string({ unit: 'binary', maxLength: 12 }).filter((text) => !/[\p{Cs}\0]/u.test(text));
    const rows = fc.array(fc.tuple(value, value), { minLength: 20, maxLength: 60 });
    fc.assert(
      fc.property(rows, (each) => {
        expectSame(['x', 'y'], each);
      }),
      { numRuns: 10 },
    );
  });
});
