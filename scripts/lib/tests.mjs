import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { OUTPUT, ROOT, tool } from './paths.mjs';
import { countTests } from './test-report.mjs';

const REPORT = join(OUTPUT, 'vitest.json');
// The configuration is plain JavaScript: Node loads it without a bundler.
const OPTIONS = ['--configLoader=native', '--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`];
const [, VITEST] = tool('vitest/vitest.mjs');

function beginReport() {
  process.env['AUTOLAB_BUILT'] = '1';
  mkdirSync(OUTPUT, { recursive: true });
  rmSync(REPORT, { force: true });
  // vitest colours its output wherever CI is set.
  if (!process.stdout.isTTY) process.env['NO_COLOR'] = '1';
}

function countReport(status) {
  return countTests(existsSync(REPORT) ? JSON.parse(readFileSync(REPORT, 'utf8')) : null, status);
}

/** @returns {Promise<ReturnType<typeof countTests>>} of every test; dist/ is up to date */
export async function runAllTests() {
  const { runProgram } = await import('./process.mjs');
  beginReport();
  const { status } = await runProgram([process.execPath, VITEST, 'run', ...OPTIONS], { inherit: true });
  return countReport(status);
}

/**
 * Runs vitest's command line in this process: another process would take longer than a small test. vitest ends the process,
 * or lets it end; `report` is called as its last act, whichever way it ends.
 *
 * @param {string[]} words paths and options of vitest; dist/ is up to date
 * @param {(counted: ReturnType<typeof countTests>) => void} report
 */
export async function runSelectedTests(words, report) {
  beginReport();
  process.on('exit', (status) => report(countReport(status)));
  process.argv.splice(1, Infinity, VITEST, 'run', ...OPTIONS, ...words);
  try {
    await import(pathToFileURL(VITEST).href);
  } catch (error) {
    // An option that it does not know.
    console.log(error.message);
    process.exitCode = 1;
  }
}

/** Runs until the process is ended: the selected tests, and at each change those that it concerns. */
export async function watchTests(words) {
  const { parseCLI, startVitest } = await import('vitest/node');
  // Without words the unit tests: all of the tests at each change would never end.
  const { filter, options } = parseCLI(['vitest', 'watch', ...(words.length === 0 ? ['src/'] : words)]);
  const vitest = await startVitest('test', filter, options);
  let waiting;
  vitest.vite.watcher.on('all', (_event, path) => {
    if (!path.startsWith(join(ROOT, 'src') + sep) || path.endsWith('.test.ts')) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => void runProgramTestsAgain(vitest), 100);
  });
}

/** The tests that run the built program. Which others a source concerns vitest knows, by what they import. */
async function runProgramTestsAgain(vitest) {
  const files = vitest.state.getFilepaths().filter((path) => path.startsWith(join(ROOT, 'test') + sep));
  if (files.length > 0)
    await vitest.rerunTestSpecifications(files.flatMap((file) => vitest.getModuleSpecifications(file)));
}
