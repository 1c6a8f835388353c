import type { Glyphs } from './glyphs.ts';

/** A series in one row of at most that many columns: each is the mean of its share of the values. Pure. */
export function sparkline(values: readonly number[], columns: number, { levels }: Glyphs): string {
  const finite = values.filter((value) => Number.isFinite(value));
  const means = meansOf(finite, Math.min(columns, finite.length));
  const low = Math.min(...means);
  const high = Math.max(...means);
  return means.map((value) => levelOf(levels, high > low ? (value - low) / (high - low) : 0.5)).join('');
}

function meansOf(values: readonly number[], columns: number): readonly number[] {
  return Array.from({ length: columns }, (_, column) => {
    const from = Math.floor((column * values.length) / columns);
    const to = Math.floor(((column + 1) * values.length) / columns);
    const part = values.slice(from, to);
    return part.reduce((sum, value) => sum + value / part.length, 0);
  });
}

function levelOf(levels: readonly string[], height: number): string {
  // The difference of two very large numbers may be too large for a number.
  const at = Number.isFinite(height) ? Math.round(height * (levels.length - 1)) : 0;
  return levels[at] ?? '';
}
