import { expect, it } from 'vitest';
import { MOST_POINTS, parseUsage, type UsagePoint } from '../../../records/usage-series.ts';
import { isDue, lineOf, nextSeries, NO_POINTS, type PointSeries } from './point-series.ts';

const at = (t: number, parts: Partial<UsagePoint> = {}): UsagePoint => ({
  t,
  cpu_seconds: t / 2,
  memory_bytes: 1024,
  ...parts,
});

/** As the supervisor samples: once a second. */
function after(seconds: number, pointAt: (t: number) => UsagePoint = at) {
  let series: PointSeries = NO_POINTS;
  let thinnings = 0;
  for (let t = 0; t <= seconds; t += 1) {
    if (!isDue(series, t)) continue;
    const next = nextSeries(series, pointAt(t));
    series = next.series;
    thinnings += next.thinned ? 1 : 0;
  }
  return { series, thinnings };
}

it('has the first sample at once, and then one a second', () => {
  let series = NO_POINTS;
  for (const t of [0.02, 0.05, 0.3, 0.95, 1.4, 1.9]) if (isDue(series, t)) ({ series } = nextSeries(series, at(t)));
  expect(series.points.map(({ t }) => t)).toEqual([0.02, 0.95, 1.9]);
});

it('keeps every second point when it is full, and doubles the interval', () => {
  const { series, thinnings } = after(MOST_POINTS - 1);
  expect([thinnings, series.everySeconds, series.points.length]).toEqual([1, 2, MOST_POINTS / 2 + 1]);
  expect(series.points.slice(0, 3).map(({ t }) => t)).toEqual([0, 2, 4]);
  expect(series.points.at(-1)?.t).toBe(MOST_POINTS - 1);
});

it('never has more points than there may be, also after a week', () => {
  const week = 7 * 24 * 3600;
  const { series } = after(week);
  expect(series.points.length).toBeLessThanOrEqual(MOST_POINTS);
  expect(series.points.length).toBeGreaterThan(MOST_POINTS / 4);
  expect(series.points[0]?.t).toBe(0);
  expect(week - (series.points.at(-1)?.t ?? 0)).toBeLessThanOrEqual(series.everySeconds);
});

it('keeps what a point that goes says of the GPUs', () => {
  const gpu = [{ util: 93, memory_bytes: 1 }];
  const { series } = after(MOST_POINTS - 1, (t) => at(t, t === 31 ? { gpu } : {}));
  expect(series.points.filter((point) => point.gpu !== undefined)).toEqual([at(32, { gpu })]);
});

it('writes lines that its reader understands', () => {
  const points = [at(0), at(1.05, { memory_bytes: null, gpu: [{ util: null, memory_bytes: 5 }] })];
  expect(parseUsage(points.map(lineOf).join(''))).toEqual({ points, bad_lines: 0 });
});
