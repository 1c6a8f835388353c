import { expect, it } from 'vitest';
import { type LineChart, lineChart } from './line-chart.ts';
import { pathOfPieces, thinnedPieces } from './thinned.ts';

const chartOf = (points: readonly (readonly [number, number | null])[], more: Partial<LineChart> = {}): string =>
  lineChart({
    id: 'c',
    title: 'loss',
    curves: [{ name: 'loss', points: points.map(([x, y]) => ({ x, y })) }],
    x: { name: 'step', unit: 'number' },
    y: { unit: 'number' },
    ...more,
  })?.markup ?? '';

it('keeps the lowest and the highest of 100,000 points in a few kilobytes', () => {
  const points = Array.from({ length: 100_000 }, (_, x) => [x, (x * 7919) % 101] as const).map(
    ([x, y]) => [x, x === 50_000 ? 900 : y] as const,
  );
  const page = chartOf(points);
  expect(page.length).toBeLessThan(16_000);
  expect(page).toContain('100000 points over step');
  expect(page).toContain('highest 900 at 50000');
});

it('thins to what can be seen: first, lowest, highest and last of a column', () => {
  const piece = Array.from({ length: 3000 }, (_, index) => ({
    x: Math.floor(index / 10),
    y: index === 1234 ? -50 : index % 7,
  }));
  const [thinned = []] = thinnedPieces(piece);
  expect(thinned.length).toBeLessThan(130);
  expect(Math.min(...thinned.map(({ y }) => y))).toBe(-50);
  expect(thinned.at(-1)).toEqual(piece.at(-1));
});

it('breaks the curve at a gap, and where a step goes back', () => {
  const path = (points: readonly { x: number; y: number | null }[]): string => pathOfPieces(thinnedPieces(points));
  expect(path([{ x: 0, y: 5 }, { x: 10, y: 3 }, { x: 20, y: null }, { x: 30, y: 4 }])).toBe('m0 5l10-2m20 1h0'); // prettier-ignore
  expect(path([{ x: 0, y: 0 }, { x: 20, y: 0 }, { x: 10, y: 9 }, { x: 20, y: 9 }])).toBe('m0 0l20 0m-10 9l10 0'); // prettier-ignore
});

it('is bounded however jagged the curve is', () => {
  const jagged = Array.from({ length: 50_000 }, (_, index) => [index % 2 === 0 ? index : 0, index % 3] as const);
  expect(chartOf(jagged).length).toBeLessThan(20_000);
  const holes = Array.from({ length: 50_000 }, (_, x) => [x, x % 2 === 0 ? null : x] as const);
  expect(chartOf(holes).length).toBeLessThan(20_000);
});

it('draws nothing for nothing, and leaves out what cannot be drawn', () => {
  expect(chartOf([])).toBe('');
  expect(chartOf([[1, null], [2, NaN], [3, Infinity]])).toBe(''); // prettier-ignore
  expect(chartOf([[1, 5], [2, NaN], [3, 1e300], [4, 6]])).toContain('2 points over step'); // prettier-ignore
  expect(chartOf([[1, 5]])).toContain('h0"');
});

it('has the limit in it, or says that it is far above', () => {
  const limit = { name: 'limit', value: 4 * 1024 ** 3 };
  const units = { y: { unit: 'bytes', from: 0 } } as const;
  const near = chartOf([[0, 1e9], [9, 3e9]], { ...units, limit }); // prettier-ignore
  expect(near).toContain('class="limit"');
  expect(near).toContain('>limit 4 GiB</text>');
  const far = chartOf([[0, 1e6], [9, 3e6]], { ...units, limit }); // prettier-ignore
  expect(far).not.toContain('class="limit"');
  expect(far).toContain('limit 4 GiB, far above');
});

it('says what it shows to those who do not see it, and escapes names', () => {
  const points = [{ x: 0, y: 1 }, { x: 10, y: 3 }]; // prettier-ignore
  const curves = [{ name: '</svg><script>', points }, { name: 'b"', points }]; // prettier-ignore
  const page = chartOf([], { curves, title: '"><img>' });
  expect(page).toContain('role="img" aria-labelledby="c-t c-d"');
  expect(page).toContain('&lt;/svg&gt;&lt;script&gt;: 2 points over step: first 1 at 0');
  expect(page).toContain('<th scope="row">10</th><td>3</td><td>3</td>');
  expect(page).not.toMatch(/<script|<img/);
});

it('has all numbers of a short curve, and says how many it has of a long one', () => {
  const line = (count: number) => Array.from({ length: count }, (_, x) => [x, x] as const);
  const rowsOf = (page: string): number => page.match(/<th scope="row">/g)?.length ?? 0;
  const short = chartOf(line(40));
  expect([rowsOf(short), short.includes('<caption>')]).toEqual([40, false]);
  const long = chartOf(line(220));
  expect(rowsOf(long)).toBe(11);
  expect(long).toContain('<caption>11 of 220 points</caption>');
});

it('has the numbers of every curve, also where the longest has none', () => {
  const curves = [
    { name: 'train', points: [1, 2, 3].map((x) => ({ x, y: x })) },
    { name: 'val', points: [{ x: 2.5, y: 9 }] },
  ];
  expect(chartOf([], { curves })).toContain('<th scope="row">2.5</th><td>–</td><td>9</td>');
});

it('is logarithmic if an even axis would press most of the curve to its bottom', () => {
  const falling = Array.from({ length: 50 }, (_, x) => [x, 10 / (1 + x * x)] as const);
  expect(chartOf(falling)).toContain('log scale');
  const rising = Array.from({ length: 50 }, (_, x) => [x, 0.005 + 0.9 * (1 - 1 / (1 + x))] as const);
  expect(chartOf(rising)).not.toContain('log scale');
  expect(chartOf([...falling, [60, 0]])).not.toContain('log scale');
});
