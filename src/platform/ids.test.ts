import { expect, test } from 'vitest';
import { newRunId } from './ids.ts';

const AT = '2026-11-24T03:15:00.250Z';

test('a new run id comes after those of the same second', () => {
  const taken = [
    '20261124T031500Z_7fffff',
    '20261124T031500Z_000001',
    '20261124T031501Z_ffffff',
    '20261124T031500Z_mine',
  ];
  for (let times = 0; times < 200; times += 1) {
    const id = newRunId(AT, taken);
    expect(id).toMatch(/^20261124T031500Z_[0-9a-f]{6}$/);
    expect(id > '20261124T031500Z_7fffff').toBe(true);
  }
});

test('the last suffix of a second, or none, leaves all of them', () => {
  expect(newRunId(AT, ['20261124T031500Z_fffffe'])).toBe('20261124T031500Z_ffffff');
  expect(newRunId(AT, ['20261124T031500Z_ffffff'])).toMatch(/^20261124T031500Z_[0-9a-f]{6}$/);
  expect(newRunId(AT)).toMatch(/^20261124T031500Z_[0-9a-f]{6}$/);
});
