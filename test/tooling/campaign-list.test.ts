import { expect, it } from 'vitest';
import { loadScript } from './scripts.ts';

interface Counted {
  readonly name: string;
  readonly cases: number;
  readonly outcomes: Readonly<Record<string, number>>;
}

const { campaignList, withList } = await loadScript<{
  campaignList: (families: readonly Counted[]) => string;
  withList: (text: string, list: string) => string;
}>('campaign-list.mjs');

it('makes a line of each family, the most frequent outcome first', () => {
  const families = [
    { name: 'torn writes', cases: 3, outcomes: { completed: 1, refused: 2 } },
    { name: 'clock', cases: 1, outcomes: { completed: 1 } },
  ];
  expect(campaignList(families).split('\n')).toEqual([
    '- **clock** (1): completed',
    '- **torn writes** (3): 2 refused, 1 completed',
  ]);
});

it('counts the kinds of many outcomes', () => {
  const outcomes = { a: 6, b: 5, c: 4, d: 3, e: 2, f: 1 };
  expect(campaignList([{ name: 'noise', cases: 21, outcomes }])).toBe('- **noise** (21): 6 kinds of outcome');
});

it('replaces the lines of the families that were tried now, and nothing else', () => {
  const [begin, end] = ['<!-- made by `npm run campaign -- --write` -->', '<!-- end of the list -->'];
  const text = `before\n\n${begin}\n\n- **clock** (1): a,\n  b\n- **races** (2): b\n\n${end}\n\nafter\n`;
  expect(withList(text, '- **races** (3): c\n- **all of it** (9): d')).toBe(
    `before\n\n${begin}\n\n- **all of it** (9): d\n- **clock** (1): a, b\n- **races** (3): c\n\n${end}\n\nafter\n`,
  );
  expect(() => withList('no marks', '')).toThrow('lacks the marks');
});
