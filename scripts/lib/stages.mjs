import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { OUTPUT, tool } from './paths.mjs';
import { runProgram } from './process.mjs';

/** The checks, each a name and a function that gives `{status, output, seconds}`. Slow ones first: two run at a time. */
export const STAGES = [
  { name: 'lint', run: () => runProgram([...tool('eslint/bin/eslint.js'), '.', '--max-warnings', '0']) },
  { name: 'types', run: () => runProgram([...tool('typescript/bin/tsc'), '-p', '.', '--pretty', 'false']) },
  { name: 'package', run: checkPackage },
  {
    name: 'dead code',
    run: () => runProgram([...tool('knip/bin/knip.js'), '--no-progress', '--treat-config-hints-as-errors']),
  },
  {
    name: 'format',
    run: () => runProgram([...tool('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.']),
  },
  {
    name: 'boundaries',
    run: () =>
      runProgram([
        ...tool('dependency-cruiser/bin/dependency-cruise.mjs'),
        'src',
        '--config',
        '.dependency-cruiser.cjs',
      ]),
  },
  { name: 'generated docs', run: () => runProgram([process.execPath, 'scripts/docs.mjs', '--check']) },
];

/**
 * Runs stages, `width` at a time, and tells of each as it ends.
 *
 * @returns {Promise<{name: string, ok: boolean, output: string}[]>} in the order of the stages
 */
export async function runStages(stages, width, log) {
  const results = [];
  const queue = [...stages.entries()];
  const lane = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [index, { name, run }] = next;
      const { status, output, seconds } = await run();
      results[index] = { name, ok: status === 0, output };
      log(`${status === 0 ? '✓' : '✗'} ${name} (${seconds.toFixed(1)} s)`);
      if (status !== 0) log(output.trimEnd().replaceAll(/^/gm, '    '));
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  return results;
}

/** Packs the package as it would be published, and looks at that: what is in it, and what its exports lead to. */
async function checkPackage() {
  const began = performance.now();
  const folder = join(OUTPUT, 'package');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // dist/ was built before the checks; building it again, clean, is for publishing.
  const packed = await runProgram([
    'npm',
    'pack',
    '--ignore-scripts',
    '--loglevel=error',
    '--pack-destination',
    folder,
  ]);
  const results = [packed];
  const file = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  if (packed.status === 0 && file !== undefined) {
    const tarball = join(folder, file);
    results.push(await runProgram([...tool('publint/src/cli.js'), 'run', tarball, '--strict']));
    results.push(
      await runProgram([
        ...tool('@arethetypeswrong/cli/dist/index.js'),
        tarball,
        '--profile',
        'esm-only',
        '--format',
        'table',
        '--no-color',
        '--no-emoji',
      ]),
    );
  }
  const failed = results.filter((result) => result.status !== 0);
  return {
    status: failed.length,
    output: failed.map((result) => result.output).join('\n'),
    seconds: (performance.now() - began) / 1000,
  };
}
