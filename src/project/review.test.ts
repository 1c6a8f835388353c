import { describe, expect, it } from 'vitest';
import { fc } from '../../test/support/properties.ts';
import { parseReview, reviewVerdict } from './review.ts';

const verdict = (fields: Record<string, unknown>) => {
  const { value, problems } = parseReview(JSON.stringify(fields), 'r');
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  return value === null ? [] : reviewVerdict(value).map(({ code, message }) => ({ code, message }));
};

describe('review (R4)', () => {
  it('lets pass what passed; skipped checks do not block', () => {
    expect(
      verdict({
        status: 'pass',
        blocking_findings: [],
        required_checks: { tests: 'pass', dry_run: 'skip' },
        reviewed_at: '2026-01-01T00:00:00.000Z',
      }),
    ).toEqual([]);
    expect(verdict({ status: 'pass' })).toEqual([]);
  });

  it('names every check and finding in the way', () => {
    expect(
      verdict({
        status: 'needs_retry',
        blocking_findings: ['loss is NaN', { severity: 'high', message: 'no seed' }, { odd: 1 }],
        required_checks: { tests: 'fail', mine: 'fail' },
      }),
    ).toEqual([
      { code: 'review.not_passed', message: 'the status of the review is `needs_retry`, not `pass`' },
      { code: 'review.check_failed', message: 'the required check `tests` failed' },
      { code: 'review.check_failed', message: 'the required check `mine` failed' },
      { code: 'review.blocking_findings', message: 'a blocking finding is open: `loss is NaN`' },
      { code: 'review.blocking_findings', message: 'a blocking finding is open: `no seed`' },
      { code: 'review.blocking_findings', message: 'a blocking finding is open: `{"odd":1}`' },
    ]);
  });

  it('refuses words it does not know, and warns of a misspelled check', () => {
    const { value, problems } = parseReview(
      '{"status": "passed",\n "required_checks": {"tests": true, "dry_rnu": "pass"}}',
      'r',
    );
    expect(value).toBeNull();
    expect(problems.map(({ line, severity, code }) => `${String(line)} ${severity} ${code}`)).toEqual([
      '1 error value.invalid',
      '2 error value.invalid',
      '2 warning value.unknown_key',
    ]);
  });

  it('never throws on any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const { value, problems } = parseReview(text, 'r');
        expect(value !== null || problems.length > 0).toBe(true);
      }),
    );
  });

  it('does not lose a check, whatever it is called', () => {
    const text = '{"status": "pass", "required_checks": {"constructor": "fail", "__proto__": "fail"}}';
    const { value, problems } = parseReview(text, 'review_result.json');
    expect(value).toBeNull();
    expect(problems.map(({ pointer, code }) => [pointer, code])).toEqual([
      ['/required_checks/__proto__', 'value.invalid'],
    ]);
  });
});
