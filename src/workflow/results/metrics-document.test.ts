import { describe, expect, it } from 'vitest';
import { fc } from '../../../test/support/properties.ts';
import { metricIn, metricsDocument } from './metrics-document.ts';

function look(text: string, name: string): string {
  const found = metricIn(metricsDocument(text, 'metrics.json'), name);
  return 'value' in found
    ? `${found.pointer} ${String(found.value)}`
    : `${String(found.line)}:${String(found.column)} ${String(found.pointer)} ${found.code} ${found.message}`;
}

describe('a metric', () => {
  it.each([
    ['{"accuracy": 0.5}', 'accuracy', '/accuracy 0.5'],
    ['\uFEFF{"accuracy": 1e-3}\r\n', 'accuracy', '/accuracy 0.001'],
    ['{"val": {"loss": -2}}', 'val.loss', '/val/loss -2'],
    ['{"val.loss": 1, "val": {"loss": 2}}', 'val.loss', '/val.loss 1'],
    ['{"folds": [{"f1": 0.25}]}', '/folds/0/f1', '/folds/0/f1 0.25'],
    ['{"a/b": 3}', '/a~1b', '/a~1b 3'],
    ['{"a/b": 3}', 'a/b', '/a~1b 3'],
    ['{"__proto__": 1}', '__proto__', '/__proto__ 1'],
    ['{"history": [NaN, -Infinity], "loss": 4}', 'loss', '/loss 4'],
    ['{"note": "NaN \\" Infinity", "loss": 4}', 'loss', '/loss 4'],
  ])('in %s called %s is %s', (text, name, expected) => {
    expect(look(text, name)).toBe(expected);
  });

  it.each([
    ['{"accurracy": 1}', 'accuracy', '1:1 /accuracy value.missing', 'did you mean `accurracy`?'],
    ['{"val": {}}', 'val.loss', '1:2 /val/loss value.missing', 'the file has `val`'],
    ['{}', 'loss', '1:1 /loss value.missing', 'the file is empty'],
    ['{\n  "loss": "0.1"\n}', 'loss', '2:11 /loss value.type', 'must be a number; it says `"0.1"`'],
    ['{"loss": null}', 'loss', '1:10 /loss value.type', 'it says `null`'],
    ['{"loss": {"mean": 1}}', 'loss', '1:10 /loss value.type', 'must be a number'],
    ['{"loss": NaN}', 'loss', '1:10 /loss value.invalid', 'is NaN; it must be a finite number'],
    ['{"a": [NaN], "loss": -Infinity}', 'loss', '1:22 /loss value.invalid', 'is -Infinity'],
    ['{"loss": 1e999}', 'loss', '1:10 /loss value.invalid', 'is too large for a number: `1e999`'],
    ['{"a": 1}', 'toString', '1:1 /toString value.missing', 'is missing'],
  ])('in %s called %s is wrong', (text, name, place, words) => {
    const found = look(text, name);

    expect(found).toContain(place);
    expect(found).toContain(words);
  });

  it('is not looked for in a text that is not JSON', () => {
    const problems = (text: string): readonly string[] =>
      metricsDocument(text, 'm').document.problems.map(
        ({ line, column, code }) => `${String(line)}:${String(column)} ${code}`,
      );

    expect(problems('{"a": 1, "a": 2}')).toEqual(['1:10 file.duplicate_key']);
    expect(problems('{"a": nan}')).toEqual(['1:7 file.syntax']);
    expect(problems('{"a": NaNs}')).toEqual(['1:10 file.syntax']);
    expect(problems('[1]')).toEqual(['1:1 value.type']);
    expect(problems(`{"a": [${'0,'.repeat(100_000)}0]}`)).toEqual([expect.stringMatching(/ file\.syntax$/)]);
  });

  it('is found wherever JSON.stringify puts it', () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 4 }), finite, (path, value) => {
        const pointer = path.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
        const nested = path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
        expect(metricIn(metricsDocument(JSON.stringify(nested), 'm'), pointer)).toEqual({ pointer, value: value + 0 });
      }),
    );
  });
});
