import { describe, expect, it } from 'vitest';
import { halved, parseUsage } from './usage-series.ts';

describe('usage.jsonl', () => {
  it('is points with what was known', () => {
    const text = '{"t":1.5,"cpu_seconds":1.2,"memory_bytes":1048576,"gpu":[{"util":93,"memory_bytes":1}]}\n{"t":2}\n';
    expect(parseUsage(text)).toEqual({
      points: [
        { t: 1.5, cpu_seconds: 1.2, memory_bytes: 1048576, gpu: [{ util: 93, memory_bytes: 1 }] },
        { t: 2, cpu_seconds: null, memory_bytes: null },
      ],
      bad_lines: 0,
    });
  });

  it('counts a torn line, and what was written in its place', () => {
    const text =
      '{"t":1}\n{"t":0.5}\n{"t":-1}\n{"t":"2"}\n{"t":NaN}\nnull\n[]\n\n{"t":3,"gpu":"all","memory_bytes":-1}\n{"t":4,"cpu';
    expect(parseUsage(text)).toEqual({
      points: [
        { t: 1, cpu_seconds: null, memory_bytes: null },
        { t: 3, cpu_seconds: null, memory_bytes: null },
      ],
      bad_lines: 7,
    });
  });
});

it('halves a series', () => {
  expect(halved([0, 1, 2, 3, 4])).toEqual([0, 2, 4]);
  expect(halved([0, 1, 2, 3])).toEqual([0, 2, 3]);
  expect(halved([])).toEqual([]);
});
