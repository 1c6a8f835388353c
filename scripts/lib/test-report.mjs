import { relative } from 'node:path';
import { ROOT } from './paths.mjs';

/**
 * What vitest's JSON report and its exit status come to.
 *
 * Counts what the report's own totals leave out: a file that could not be loaded, a run without a test, and a failure
 * outside of any test (an unhandled rejection) each count as one failure. Green means that tests ran and passed.
 *
 * @param {object | null} report null where vitest wrote none
 * @param {number} status exit status of vitest
 * @returns {{passed: number, skipped: number, failures: string[]}}
 */
export function countTests(report, status) {
  if (report === null) return { passed: 0, skipped: 0, failures: ['vitest ended without a report'] };
  let passed = 0;
  let skipped = 0;
  const failures = [];
  for (const file of report.testResults) {
    const path = relative(ROOT, file.name);
    for (const test of file.assertionResults) {
      if (test.status === 'passed') passed += 1;
      else if (test.status === 'failed') failures.push(`${path} > ${test.fullName}`);
      else skipped += 1;
    }
    if (file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed')) {
      failures.push(`${path}: ${file.message || 'the file failed outside of its tests'}`);
    }
  }
  if (passed + failures.length === 0) failures.push('no test ran');
  if (status !== 0 && failures.length === 0) failures.push(`vitest ended with status ${status}, outside of any test`);
  return { passed, skipped, failures };
}
