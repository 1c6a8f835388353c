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
