/**
 * Tests that only ran out of patience, and are worth a second look by themselves.
 *
 * A test that waits has a bound, for what never comes. On a machine that has much other work, what does come may come
 * later than that. An assertion that failed is never looked at again: it says that something was wrong, not slow.
 */

/** So many files may be slow at once; with more, it is the change. */
const FILES = 3;

const OUT_OF_PATIENCE = /^(?:Error: )?(?:waited in vain: |Test timed out in |Hook timed out in )/;

/**
 * The files of the tests to run again: every failure of the report is one of patience, and they are few.
 *
 * @param {object | null} report what vitest's JSON reporter wrote
 * @returns {string[]} absolute paths; empty where there is nothing to look at again
 */
export function filesToRunAgain(report) {
  const failed = (report?.testResults ?? []).filter((file) => file.status === 'failed');
  if (failed.length > FILES || !failed.every(onlyRanOutOfPatience)) return [];
  return failed.map((file) => file.name);
}

function onlyRanOutOfPatience(file) {
  const failures = file.assertionResults.filter((test) => test.status === 'failed');
  return (
    failures.length > 0 &&
    failures.every(
      ({ failureMessages: told = [] }) => told.length > 0 && told.every((text) => OUT_OF_PATIENCE.test(text)),
    )
  );
}

/**
 * The report with the files that were run again put in the place of their first results.
 *
 * @param {object} report the first run's
 * @param {object | null} again the second run's, of some of its files
 * @returns {object}
 */
export function withSecondLook(report, again) {
  const second = new Map((again?.testResults ?? []).map((file) => [file.name, file]));
  return { ...report, testResults: report.testResults.map((file) => second.get(file.name) ?? file) };
}
