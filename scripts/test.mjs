// npm test [-- PATH or option of vitest...]: on a fresh clone, installs what is missing, builds, and runs every check and
// every test. With words after `--` it runs only the tests they select. The last line is `N passed, N failed, N skipped`.
// npm run test:watch [-- PATH...]: runs the tests again, with the program built anew, whenever a file changes.
import { build } from './lib/builder.mjs';
import { prepare } from './lib/prerequisites.mjs';
import { closingLines, newTally } from './lib/tally.mjs';

const words = process.argv.slice(2);
const watch = words.includes('--watch');
const selection = words.filter((word) => word !== '--watch');
const tally = newTally();

async function runEverything() {
  const [{ runStages, STAGES }, { runAllTests }] = await Promise.all([
    import('./lib/stages.mjs'),
    import('./lib/tests.mjs'),
  ]);
  await build({ log: console.log });
  // Tests wait for processes most of the time, checks compute: side by side they take little more than the longer one.
  const [tests, checks] = await Promise.all([runAllTests(), runStages(STAGES, 1, console.log)]);
  tally.addTests(tests);
  for (const { name, ok } of checks) tally.addCheck(name, ok);
}

async function runSelection() {
  const { runSelectedTests } = await import('./lib/tests.mjs');
  await build({ types: false, log: console.log });
  await runSelectedTests(selection, (tests) => {
    tally.addTests(tests);
    close();
  });
}

async function runWatching() {
  const { watchTests } = await import('./lib/tests.mjs');
  await watchTests(selection);
}

function close() {
  console.log(closingLines(tally));
  process.exitCode = tally.failures.length === 0 ? 0 : 1;
}

try {
  await prepare(console.log);
  if (watch) await runWatching();
  else if (selection.length > 0) await runSelection();
  else {
    await runEverything();
    close();
  }
} catch (error) {
  console.log(error.message);
  tally.fail('preparation');
  close();
}
