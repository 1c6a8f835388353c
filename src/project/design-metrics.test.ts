import { describe, expect, it } from 'vitest';
import { parseDesign } from './design.ts';

const HEAD =
  'id: d1\niteration_id: iter1\nentrypoint: {command: [python, train.py]}\ncompute: {location: local, time: 10}\n';

function read(text: string): ReturnType<typeof parseDesign> {
  return parseDesign(`${HEAD}${text}`, 'design.yaml');
}

function complaints(text: string): readonly string[] {
  return read(text).problems.map(
    ({ line, column, pointer, code, message }) =>
      `${String(line)}:${String(column)} ${String(pointer)} ${code} ${message}`,
  );
}

describe('the metrics of a design', () => {
  it('may be left out', () => {
    expect(read('').value).toMatchObject({ metrics: null, baselines: [] });
    expect(read('metrics:\nbaselines:\n').value).toMatchObject({ metrics: null, baselines: [] });
  });

  it('have a file, a primary metric with its direction, and others', () => {
    const { value } = read(`metrics: {file: out/scores.json, primary: {name: val.loss, mode: min}, others: [accuracy]}
baselines:
  - {name: majority, value: 1.5, accuracy: 0.44}
  - {name: published, val.loss: 0.9, description: of 2021}
`);

    expect(value).toMatchObject({
      metrics: { file: 'out/scores.json', primary: { name: 'val.loss', mode: 'minimize' }, others: ['accuracy'] },
      baselines: [
        { name: 'majority', value: 1.5, others: { accuracy: 0.44 } },
        { name: 'published', value: 0.9, others: {} },
      ],
    });
  });

  it('may have the keys of the workflow around autolab', () => {
    const text =
      'metrics: {primary: {name: accuracy, unit: "%", mode: maximize}, secondary: [loss], success_delta: "+1", aggregation: mean, baseline_comparison: majority}\nbaselines: [{name: majority, description: the most frequent}]\n';

    expect(read(text)).toMatchObject({
      problems: [],
      value: { metrics: { others: ['loss'] }, baselines: [{ name: 'majority', value: null }] },
    });
  });

  it.each([
    ['metrics: [accuracy]', '5:10 /metrics value.type'],
    ['metrics: {primary: accuracy}', '5:20 /metrics/primary value.type'],
    ['metrics: {primary: {mode: max}}', '5:11 /metrics/primary/name value.missing'],
    ['metrics: {primary: {name: 3, mode: max}}', '5:27 /metrics/primary/name value.type'],
    ['metrics: {primary: {name: a}}', '5:11 /metrics/primary/mode value.missing'],
    ['metrics: {primary: {name: a, mode: maximise}}', '5:36 /metrics/primary/mode value.invalid'],
    ['metrics: {primry: {name: a, mode: max}}', '5:11 /metrics/primry value.unknown_key'],
    ['metrics: {file: ../metrics.json}', '5:17 /metrics/file value.invalid'],
    ['metrics: {file: "*.json"}', '5:17 /metrics/file value.invalid'],
    ['metrics: {file: [a]}', '5:17 /metrics/file value.invalid'],
    ['metrics: {others: loss}', '5:19 /metrics/others value.type'],
    ['metrics: {others: [a, a]}', '5:23 /metrics/others/1 value.conflict'],
    ['metrics: {others: [a], secondary: [b]}', '5:35 /metrics/secondary value.conflict'],
    ['baselines: 0.4', '5:12 /baselines value.type'],
    ['baselines: [0.4]', '5:13 /baselines/0 value.type'],
    ['baselines: [{value: 1}]', '5:13 /baselines/0/name value.missing'],
    ['baselines: [{name: a, value: .inf}]', '5:30 /baselines/0/value value.invalid'],
    ['baselines: [{name: a, value: "0.4"}]', '5:30 /baselines/0/value value.type'],
    ['baselines: [{name: a, valeu: 1}]', '5:23 /baselines/0/valeu value.unknown_key'],
    ['baselines: [{name: a, value: 1}, {name: a, value: 2}]', '5:41 /baselines/1/name value.conflict'],
  ])('%s is wrong at %s', (text, expected) => {
    const found = complaints(`${text}\n`);

    expect(found).toHaveLength(1);
    expect(found[0]).toContain(expected);
    expect(read(`${text}\n`).value).toBeNull();
  });

  it('are not misspelled at the top of the design', () => {
    expect(complaints('metric: {primary: {name: a, mode: max}}\n')).toEqual([
      '5:1 /metric value.unknown_key the key `metric` is not known and has no effect; did you mean `metrics`?',
    ]);
  });

  it('warn of keys that have no effect', () => {
    const { value, problems } = read('metrics: {plots: true}\nbaselines: [{name: a, f1: 0.2}]\n');

    expect(value).not.toBeNull();
    expect(problems.map(({ severity, pointer }) => [severity, pointer])).toEqual([
      ['warning', '/metrics/plots'],
      ['warning', '/baselines/0/f1'],
    ]);
  });
});
