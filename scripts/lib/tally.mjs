/** Counts what came of tests and checks, for the closing lines of `npm test`. */
export function newTally() {
  const tally = {
    passed: 0,
    skipped: 0,
    /** @type {string[]} */
    failures: [],
    fail(name) {
      tally.failures.push(name);
    },
    addCheck(name, ok) {
      if (ok) tally.passed += 1;
      else tally.fail(`check: ${name}`);
    },
    /** @param {{passed: number, skipped: number, failures: string[]}} counted */
    addTests({ passed, skipped, failures }) {
      tally.passed += passed;
      tally.skipped += skipped;
      tally.failures.push(...failures);
    },
  };
  return tally;
}

/** @returns {string} the last line is `N passed, N failed, N skipped` */
export function closingLines({ passed, failures, skipped }) {
  const list = failures.length === 0 ? '' : `\nFailed:\n${failures.map((name) => `  ✗ ${name}`).join('\n')}\n\n`;
  return `${list}${passed} passed, ${failures.length} failed, ${skipped} skipped`;
}
