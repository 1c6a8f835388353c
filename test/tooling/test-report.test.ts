import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadScript } from './scripts.ts';

interface Counted {
  readonly passed: number;
  readonly skipped: number;
  readonly failures: readonly string[];
}

const { countTests } = await loadScript<{ countTests: (report: unknown, status: number) => Counted }>(
  'test-report.mjs',
);

interface FileResult {
  readonly status?: string;
  readonly message?: string;
  readonly tests: Readonly<Record<string, string>>;
}

/** A report as vitest 3.2 writes it, as far as it is read. */
function reportOf(...files: readonly FileResult[]): unknown {
  return {
    testResults: files.map(({ status = 'passed', message = '', tests }) => ({
      name: resolve('src/a.test.ts'),
      status,
      message,
      assertionResults: Object.entries(tests).map(([fullName, result]) => ({ fullName, status: result })),
    })),
  };
}

const { filesToRunAgain, withSecondLook } = await loadScript<{
  filesToRunAgain: (report: unknown) => readonly string[];
  withSecondLook: (report: unknown, again: unknown) => unknown;
}>('second-look.mjs');

describe('counting tests', () => {
  it('adds up what passed, failed and was skipped', () => {
    const report = reportOf({
      status: 'failed',
      tests: { one: 'passed', two: 'failed', three: 'pending', four: 'todo' },
    });
    expect(countTests(report, 1)).toEqual({ passed: 1, skipped: 2, failures: ['src/a.test.ts > two'] });
  });

  it('takes a file that cannot be loaded for a failure', () => {
    const report = reportOf(
      { tests: { one: 'passed' } },
      { status: 'failed', message: 'Cannot find module', tests: {} },
    );
    expect(countTests(report, 1).failures).toEqual(['src/a.test.ts: Cannot find module']);
  });

  it('takes a failure outside of any test for a failure', () => {
    expect(countTests(reportOf({ tests: { one: 'passed' } }), 1).failures).toEqual([
      'vitest ended with status 1, outside of any test',
    ]);
  });

  it('is not green when no test ran', () => {
    expect(countTests(reportOf(), 0).failures).toEqual(['no test ran']);
    expect(countTests(reportOf({ tests: { one: 'pending' } }), 0).failures).toEqual(['no test ran']);
  });

  it('is not green when vitest died', () => {
    expect(countTests(null, 0).failures).toHaveLength(1);
  });
});

/** A report with one file for each list of failures; an empty list is a file that passed. */
function reportOfFailures(...files: readonly (readonly string[])[]): unknown {
  return {
    testResults: files.map((failures, index) => ({
      name: `/tests/${String(index)}`,
      status: failures.length === 0 ? 'passed' : 'failed',
      message: '',
      assertionResults: [
        { fullName: 'sound', status: 'passed', failureMessages: [] },
        ...failures.map((text) => ({ fullName: text, status: 'failed', failureMessages: [text] })),
      ],
    })),
  };
}

describe('a second look', () => {
  const VAIN = 'Error: waited in vain: the entrypoint begins\n    at until';
  const TIMEOUT = 'Error: Test timed out in 240000ms.';

  it('is taken at files whose tests only ran out of patience', () => {
    expect(filesToRunAgain(reportOfFailures([], [VAIN, TIMEOUT], [VAIN]))).toEqual(['/tests/1', '/tests/2']);
  });

  it.each([
    ['an assertion failed, too', [[VAIN], ['AssertionError: expected 1 to be 2']]],
    ['an assertion failed in the same file', [[VAIN, 'AssertionError: waited in vain: no']]],
    ['many files were slow', [[VAIN], [VAIN], [VAIN], [VAIN]]],
    ['nothing failed', [[], []]],
  ])('is not taken where %s', (_what, files) => {
    expect(filesToRunAgain(reportOfFailures(...files))).toEqual([]);
  });

  it('is not taken without a report, nor at a file that could not be loaded', () => {
    expect(filesToRunAgain(null)).toEqual([]);
    expect(filesToRunAgain(reportOf({ status: 'failed', message: 'Cannot find module', tests: {} }))).toEqual([]);
  });

  it('counts in the place of the first one, passed or failed', () => {
    const first = reportOfFailures([], [VAIN]);
    expect(countTests(withSecondLook(first, null), 1).failures).toHaveLength(1);
    const again = reportOfFailures([], []) as { testResults: unknown[] };
    expect(countTests(withSecondLook(first, { testResults: again.testResults.slice(1) }), 0)).toEqual({
      passed: 2,
      skipped: 0,
      failures: [],
    });
  });
});
