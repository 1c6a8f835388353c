import { expect, it } from 'vitest';
import { loadScript } from './scripts.ts';

interface Counted {
  readonly name: string;
  readonly found: string;
  readonly cases: number;
  readonly outcomes: Readonly<Record<string, number>>;
}

const { campaignTable, withTable } = await loadScript<{
  campaignTable: (families: readonly Counted[]) => string;
  withTable: (text: string, table: string) => string;
}>('campaign-table.mjs');

it('makes a row of each family, the most frequent outcome first', () => {
  const families = [
    { name: 'torn writes', found: 'a|b', cases: 3, outcomes: { completed: 1, refused: 2 } },
    { name: 'clock', found: 'nothing', cases: 1, outcomes: { completed: 1 } },
  ];
  expect(campaignTable(families).split('\n').slice(2)).toEqual([
    '| clock | 1 | 1 completed | nothing |',
    '| torn writes | 3 | 2 refused, 1 completed | a\\|b |',
  ]);
});

it('replaces the table in the document, and nothing else', () => {
  const [begin, end] = ['<!-- made by `npm run campaign -- --write` -->', '<!-- end of the table -->'];
  const text = `before\n\n${begin}\n\nold\n\n${end}\n\nafter\n`;
  expect(withTable(text, 'new')).toBe(text.replace('old', 'new'));
  expect(() => withTable('no marks', 'new')).toThrow('lacks the marks');
});
