import { describe, expect, it } from 'vitest';
import { compareCells, meets, parseCondition, type RunCell, whyNotOrdered } from './where.ts';

function holds(cell: RunCell, text: string): boolean {
  const condition = parseCondition(text);
  if (condition === null) throw new Error(text);
  return meets(cell, condition);
}

describe('a condition on runs', () => {
  it.each<[RunCell, string, boolean]>([
    ['failed', 'status=failed', true],
    ['failed', 'status!=failed', false],
    ['local.failed', 'code=local.*', true],
    ['slurm.failed', 'code=local.*', false],
    ['3', 'epochs=3.0', true],
    [0.91, 'accuracy>0.9', true],
    [0.9, 'accuracy>0.9', false],
    [0.9, 'accuracy>=.9', true],
    [-1, 'delta<0', true],
    [null, 'job=', true],
    [null, 'job!=7', true],
    [null, 'accuracy>0', false],
    ['2026-11-24T03:15:00.000Z', 'started>2026-11-24', true],
    ['a=b', 'name=a=b', true],
    ['x', 'name>=5', true],
  ])('%j meets %s: %s', (cell, text, expected) => {
    expect(holds(cell, text)).toBe(expected);
  });

  it.each(['status', '=3', '', '>'])('%j is none', (text) => {
    expect(parseCondition(text)).toBeNull();
  });

  it('is about one order: numbers by value, then text', () => {
    expect(['b', '10', 9, 'a', '1e1'].sort(compareCells)).toEqual([9, '10', '1e1', 'a', 'b']);
  });

  it.each<[string, readonly RunCell[], string | null]>([
    ['accuracy>abc', [0.9, null], 'accuracy is a number, so accuracy> takes one, not "abc".'],
    ['accuracy<=', ['1', 2], 'accuracy is a number, so accuracy<= takes one, not "".'],
    ['accuracy>1e1', [0.9], null],
    ['accuracy=abc', [0.9], null],
    ['name>abc', ['5', 'x'], null],
    ['job>abc', [null], null],
  ])('%s of %j is refused: %s', (text, cells, expected) => {
    const condition = parseCondition(text);
    expect(condition === null ? text : whyNotOrdered(condition, cells)).toBe(expected);
  });
});
