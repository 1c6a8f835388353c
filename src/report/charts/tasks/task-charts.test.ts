import { describe, expect, it } from 'vitest';
import { heatKey } from './heat-key.ts';
import { type HeatCell, heatMap } from './heat-map.ts';
import { heatScaleOf } from './heat-scale.ts';
import { orderedValues } from './ordered-values.ts';
import { parallelChart } from './parallel.ts';
import { stateBar, stateMap } from './state-map.ts';
import { valuePlot } from './value-plot.ts';

const value = (number: number, parts: Partial<Extract<HeatCell, { kind: 'value' }>> = {}): HeatCell => ({
  ...{ kind: 'value', value: number, beside: '', part: false, best: false },
  ...parts,
});

const pathsOf = (picture: string): readonly string[] => picture.match(/class="[a-z0-9_-]+" d="[^"]*"/g) ?? [];

describe('shades', () => {
  it('are even, the better the stronger', () => {
    const up = heatScaleOf([0, 0.5, 1], 'maximize');
    expect([0, 0.12, 0.5, 0.9, 1].map(up.shadeOf)).toEqual([0, 1, 4, 8, 8]);
    expect([0, 1].map(heatScaleOf([0, 1], 'minimize').shadeOf)).toEqual([8, 0]);
    expect(heatScaleOf([3, 3], 'maximize')).toMatchObject({ low: 3, middle: 3, high: 3 });
    expect(heatScaleOf([3, 3], 'maximize').shadeOf(3)).toBe(4);
  });

  it('are by powers of ten if most values would be in one of them, and never not a number', () => {
    const diverged = heatScaleOf([0.1, 0.2, 0.3, 1000], 'minimize');
    expect([diverged.log, diverged.shadeOf(0.1), diverged.shadeOf(0.3), diverged.shadeOf(1000)]).toEqual([
      true,
      8,
      7,
      0,
    ]);
    const huge = heatScaleOf([-1e308, 1e308], 'maximize');
    expect([huge.shadeOf(-1e308), huge.shadeOf(0), huge.shadeOf(1e308), huge.middle]).toEqual([0, 4, 8, 0]);
  });

  it('have a legend with numbers', () => {
    const key = heatKey(heatScaleOf([1, 2], 'minimize'), ['best', 'failed'], 'h').markup;
    expect(key).toContain('aria-label="Shades from 1 over 1.5 to 2"');
    expect(key).toMatch(/class="h8" d="M0 0h22v12h-22z".*class="h0" d="M176 0/);
    expect(key).toContain('<li>darker is better</li>');
  });
});

describe('a heat map', () => {
  const map = heatMap({
    id: 'grid',
    title: 'accuracy',
    rows: orderedValues('width', ['64', '16']),
    columns: orderedValues('lr', ['0.1', '0.01', '1e-3']),
    cells: [
      [value(0.5), value(0.75, { best: true }), { kind: 'failed' }],
      [value(0.6, { part: true, beside: '±0.1' }), { kind: 'missing' }, null],
    ],
    scale: heatScaleOf([0.5, 0.6, 0.75], 'maximize'),
  }).markup;

  it('has a shade for every value, and lines for what has none', () => {
    expect(pathsOf(map)).toEqual([
      'class="h0" d="M26 22h84v40h-84z"',
      'class="h3" d="M26 62h84v40h-84z"',
      'class="h8" d="M110 22h84v40h-84z"',
      expect.stringMatching(/^class="hatch" d="M194.5 22.5h83v39h-83zM194 30L202 22M/),
      'class="none" d="M111 63h82v38h-82z"',
      'class="corner" d="M101 62h9v9z"',
      'class="best" d="M111 23h82v38h-82z"',
    ]);
  });

  it('has its numbers, names and values in their order', () => {
    expect(map.match(/>([^<>\n]+)<\/text>/g)).toEqual(
      ['0.5', '0.75', '0.6', '±0.1', '16', '64', '1e-3', '0.01', '0.1', 'width', 'lr'].map((text) => `>${text}</text>`),
    );
    expect(map).toContain('3 combinations of width and lr, from 0.5 to 0.75, best 0.75, 1 failed.');
  });

  it('takes little room with 10,000 cells', () => {
    const values = Array.from({ length: 100 }, (_, at) => String(at));
    const cells = values.map((_, row) => values.map((__, column) => value(row * column)));
    const axis = (name: string) => orderedValues(name, values);
    const scale = heatScaleOf([0, 9801], null);
    const large = heatMap({ id: 'grid', title: 'x', rows: axis('a'), columns: axis('b'), cells, scale }).markup;
    expect(large.length).toBeLessThan(300_000);
    expect(large).not.toContain('class="on-');
  });
});

it('draws settings as lines from parameter to parameter, the best last', () => {
  const lines = [
    { values: ['adam', '1'], value: 0.9 },
    { values: ['sgd', '2'], value: 0.5 },
    { values: ['sgd', '1'], value: null },
  ];
  const axes = [orderedValues('optimizer', ['adam', 'sgd']), orderedValues('layers', ['1', '2'])];
  const chart = parallelChart({ id: 'p', title: 'accuracy', axes, lines, scale: heatScaleOf([0.9, 0.5], 'maximize') });
  expect(pathsOf(chart.markup)).toEqual([
    'class="line-failed" d="M64 40L384 290"',
    'class="q0" d="M64 40L384 40L704 290"',
    'class="q8" d="M64 290L384 290L704 40"',
    'class="line-best" d="M64 290L384 290L704 40"',
    ...['64', '384', '704'].map((x) => `class="axis" d="M${x} 40v250"`),
  ]);
});

it('draws one parameter as dots with a line through the means, in its order', () => {
  const point = { failed: false, best: false, deviation: null };
  const plot = valuePlot({
    id: 'v',
    title: 'loss',
    across: orderedValues('lr', ['0.1', '0.01']),
    points: [
      { ...point, at: '0.1', values: [1, 3], mean: 2, deviation: 1, best: true },
      { ...point, at: '0.01', values: [4], mean: 4, failed: true },
    ],
    log: false,
  }).markup;
  expect(pathsOf(plot).slice(2)).toEqual([
    'class="whisker" d="M467.8 82h10M472.8 82V218M467.8 218h10"',
    'class="task-dots" d="M472.8 218h0M472.8 82h0M178.3 14h0"',
    'class="cross" d="M174.3 214l8 8m0-8l-8 8"',
    'class="best" d="M472.8 143a7 7 0 1 0 .1 0z"',
  ]);
  expect(plot).toContain('class="curve k0" d="M178.3 14L472.8 150"');
  expect(plot).toContain('3 tasks over lr, from 1 to 4, best 2 at 0.1.');
});

it('shows tasks by their state, told apart without colours, too', () => {
  const map = stateMap('s', ['completed', 'failed', 'completed', 'not_started']).markup;
  expect(pathsOf(map)).toEqual([
    'class="s-completed" d="M0.5 0.5h17v17h-17zM36.5 0.5h17v17h-17z"',
    'class="s-failed" d="M18.5 0.5h17v17h-17z"',
    'class="s-not_started" d="M54.5 0.5h17v17h-17z"',
    'class="s-mark" d="M22.5 13.5L31.5 4.5M22.5 4.5L31.5 13.5"',
  ]);
  const bar = stateBar(new Map([['completed', 3], ['failed', 1]]))?.markup ?? ''; // prettier-ignore
  expect(bar).toContain('aria-label="Tasks by state: 3 completed, 1 failed"');
  expect(bar).toContain('class="s-failed" x="75%" y="1" width="25%"');
});
