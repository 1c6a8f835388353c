import { describe, expect, it } from 'vitest';
import { MOST_VALUES, parseMetricSeries } from './metric-series.ts';

const lines = (...texts: readonly string[]): string => texts.map((text) => `${text}\n`).join('');

describe('metrics.jsonl', () => {
  it('is points in the order of the lines', () => {
    const text = lines('{"step": 10, "loss": 0.5, "accuracy": 0.1}', '{"step": 20, "loss": 0.25}');
    expect(parseMetricSeries(text)).toEqual({
      points: [
        { step: 10, values: { loss: 0.5, accuracy: 0.1 } },
        { step: 20, values: { loss: 0.25 } },
      ],
      names: ['accuracy', 'loss'],
      bad_lines: 0,
    });
  });

  it('counts lines itself where a line has no step, and takes steps as they come', () => {
    const text = lines('{"loss": 3}', '{"step": "5", "loss": 2}', '{"step": 1, "loss": 1}', '{"step": 1, "loss": 0}');
    expect(parseMetricSeries(text).points.map(({ step }) => step)).toEqual([0, 1, 1, 1]);
  });

  it.each([
    ['no JSON', 'epoch 3: loss 0.5'],
    ['a torn line', '{"step": 3, "lo'],
    ['a list', '[1, 2]'],
    ['a number', '7'],
    ['a step alone', '{"step": 7}'],
    ['texts and truth values', '{"note": "0.5", "done": true, "nested": {"loss": 1}}'],
    ['not a number', '{"step": 1, "loss": NaN}'],
    ['infinite', '{"step": 1, "loss": -Infinity, "x": 1e999}'],
  ])('counts a bad line: %s', (_what, bad) => {
    const { points, bad_lines } = parseMetricSeries(lines('{"loss": 1}', bad, '', '{"loss": 2}'));
    expect([points.length, bad_lines]).toEqual([2, 1]);
  });

  it('keeps the other values of a line in which one is not a number, as Python writes it', () => {
    const text = lines('{"step": 3, "loss": NaN, "a NaN, \\"-Infinity\\"": 0.5, "x": [NaN, Infinity]}');
    expect(parseMetricSeries(text).points).toEqual([{ step: 3, values: { 'a NaN, "-Infinity"': 0.5 } }]);
  });

  it('reads a last line without its end, and line ends of other systems', () => {
    expect(parseMetricSeries('{"loss": 1}\r\n{"loss": 2}').points.map(({ values }) => values['loss'])).toEqual([1, 2]);
  });

  it.each(['__proto__', 'constructor', '</script>', 'a\nb', '\u001b[31m', 'größe', '{{x}}', '', '--'])(
    'takes the name %j as it is',
    (name) => {
      const { points, names } = parseMetricSeries(
        `${JSON.stringify({ step: 1 }).slice(0, -1)},${JSON.stringify(name)}:2}`,
      );
      expect(names).toEqual([name]);
      expect(Object.entries(points[0]?.values ?? {})).toEqual([[name, 2]]);
    },
  );

  it('leaves out names that are too long or too many', () => {
    const many = Array.from({ length: 5000 }, (_, index) => `{"m${index}": 1, "${'x'.repeat(500)}": 1}`);
    const { names, bad_lines } = parseMetricSeries(lines(...many));
    expect([names.length, names.some((name) => name.length > 200), bad_lines]).toEqual([200, false, 0]);
  });

  it('thins each metric by itself, and keeps its last value', () => {
    const text = Array.from({ length: 100_001 }, (_, n) => `{"step":${n},"${n % 2 === 0 ? 'train' : 'test'}":${n}}\n`);
    const { points } = parseMetricSeries(text.join(''));
    for (const [name, last] of [
      ['train', 100_000],
      ['test', 99_999],
    ] as const) {
      const values = points.flatMap(({ values: { [name]: value } }) => (value === undefined ? [] : [value]));
      expect(values.length).toBeLessThanOrEqual(MOST_VALUES);
      expect(values.length).toBeGreaterThan(MOST_VALUES / 4);
      expect(values.at(-1)).toBe(last);
    }
    expect(points.map(({ step }) => step)).toEqual(points.map(({ step }) => step).toSorted((a, b) => a - b));
  });
});
