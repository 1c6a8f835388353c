// npm test [-- PATH or option of vitest...]: on a fresh clone, installs what is missing, builds, and runs every check and
// every test. With words after `--` it runs only the tests they select. The last line is `N passed, N failed, N skipped`.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './lib/builder.mjs';
import { OUTPUT, tool } from './lib/paths.mjs';
import { prepare } from './lib/prerequisites.mjs';
import { runProgram } from './lib/process.mjs';
import { runStages,STAGES } from './lib/stages.mjs';
import { countTests } from './lib/test-report.mjs';

const REPORT = join(OUTPUT, 'vitest.json');

const words = process.argv.slice(2);
const totals = { passed: 0, failed: 0, skipped: 0 };
const failures = [];

function fail(name) {
  totals.failed += 1;
  failures.push(name);
}

async function runTests() {
  mkdirSync(OUTPUT, { recursive: true });
  rmSync(REPORT, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`];
  // vitest colours its output wherever CI is set.
  const env = process.stdout.isTTY ? {} : { NO_COLOR: '1' };
  const { status } = await runProgram([...tool('vitest/vitest.mjs'), 'run', ...reporters, ...words], {
    inherit: true,
    env,
  });
  const report = existsSync(REPORT) ? JSON.parse(readFileSync(REPORT, 'utf8')) : null;
  const counted = countTests(report, status);
  totals.passed += counted.passed;
  totals.skipped += counted.skipped;
  for (const name of counted.failures) fail(name);
}

async function runChecks() {
  for (const { name, ok } of await runStages(STAGES, 1, console.log)) {
    if (ok) totals.passed += 1;
    else fail(`check: ${name}`);
  }
}

try {
  await prepare(console.log);
  await build({ types: words.length === 0, log: console.log });
  // Tests wait for processes most of the time, checks compute: side by side they take little more than the longer one.
  await Promise.all(words.length === 0 ? [runTests(), runChecks()] : [runTests()]);
} catch (error) {
  console.log(error.message);
  fail('preparation');
}

if (failures.length > 0) console.log(`\nFailed:\n${failures.map((name) => `  ✗ ${name}`).join('\n')}\n`);
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed === 0 ? 0 : 1;
