import { expect, it } from 'vitest';
import { loadScript } from './scripts.ts';

interface Counted {
  readonly name: string;
  readonly cases: number;
  readonly outcomes: Readonly<Record<string, number>>;
}

const { campaignTable, withTable } = await loadScript<{
  campaignTable: (families: readonly Counted[]) => string;
  withTable: (text: string, table: string) => string;
}>('campaign-table.mjs');

it('makes a row of each family, the most frequent outcome first', () => {
  const families = [
    { name: 'torn writes', cases: 3, outcomes: { 'a|b': 1, refused: 2 } },
    { name: 'clock', cases: 1, outcomes: { completed: 1 } },
  ];
  expect(campaignTable(families).split('\n').slice(2)).toEqual([
    '| clock | 1 | 1 completed |',
    '| torn writes | 3 | 2 refused, 1 a\\|b |',
  ]);
});

it('sums up outcomes beyond the most frequent ones', () => {
  const outcomes = { a: 6, b: 5, c: 4, d: 3, e: 2, f: 1 };
  expect(campaignTable([{ name: 'noise', cases: 21, outcomes }])).toContain('3 d, 3 otherwise (2 ways) |');
});

it('replaces the rows of the families that were tried now, and nothing else', () => {
  const [begin, end] = ['<!-- made by `npm run campaign -- --write` -->', '<!-- end of the table -->'];
  const head = '| family | cases |\n| ------ | ----- |';
  const text = `before\n\n${begin}\n\n${head}\n| clock | 1 |\n| races | 2 |\n\n${end}\n\nafter\n`;
  const table = '| family | cases |\n| --- | --- |\n| races | 3 |\n| all of it | 9 |';
  expect(withTable(text, table)).toBe(
    `before\n\n${begin}\n\n| family | cases |\n| --- | --- |\n| all of it | 9 |\n| clock | 1 |\n| races | 3 |\n\n${end}\n\nafter\n`,
  );
  expect(() => withTable('no marks', table)).toThrow('lacks the marks');
});
