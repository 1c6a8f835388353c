import { describe, expect, it } from 'vitest';
import { checkPathId, checkRunId } from './ids.ts';

describe('checkPathId (R10)', () => {
  it.each(['iter1', 'a', 'a..b', 'Größe 2', 'x'.repeat(128), '2026-01-01', 'a:b'])('accepts %s', (id) => {
    expect(checkPathId(id)).toBeNull();
  });

  it.each([
    ['empty', ''],
    ['parent', '..'],
    ['dot', '.hidden'],
    ['slash', 'a/b'],
    ['escape', '../../etc'],
    ['backslash', 'a\\b'],
    ['option', '-rf'],
    ['newline', 'a\nb'],
    ['NUL', 'a\0b'],
    ['C1 control', 'a\u0085b'],
    ['direction mark', 'a\u202eb'],
    ['zero width space', 'a\u200bb'],
    ['half a surrogate pair', 'a\ud800'],
    ['129 bytes', 'x'.repeat(129)],
    ['129 bytes in 65 letters', 'é'.repeat(65)],
    ['ledger separator', 'a | job_id=1'],
    ['space at the end', 'a '],
    ['literal placeholder', '<ITERATION_ID>'],
    ['unresolved placeholder', '{{iteration_id}}'],
    ['placeholder inside', 'x-<RUN_ID>'],
  ])('refuses %s', (_, id) => {
    expect(checkPathId(id)).toMatch(/^(?:must|is|contains) /);
  });
});

describe('checkRunId (R10)', () => {
  it('keeps to its pattern', () => {
    expect(checkRunId('20261124T031500Z_3fa9c1')).toBeNull();
    expect(checkRunId('x'.repeat(64))).toBeNull();
    for (const id of ['', '-a', '.a', 'a b', 'a/b', 'x'.repeat(65), '<RUN_ID>', 'a\n'])
      expect(checkRunId(id)).not.toBeNull();
  });
});
