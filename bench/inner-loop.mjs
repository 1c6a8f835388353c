import { compare, interleaved, QUICK, secondsOfProgram } from './measure.mjs';
import { ROOT } from './project.mjs';

const FILE = 'src/documents/source.test.ts';

/** What `npm test` adds to one unit test file: npm itself, the look at what is installed, and the build. */
export async function innerLoop() {
  const cwd = ROOT;
  const taken = await interleaved(QUICK ? 3 : 5, {
    node: () => secondsOfProgram([process.execPath, '-e', '0'], { cwd }),
    vitest: () => secondsOfProgram([process.execPath, 'node_modules/vitest/vitest.mjs', 'run', FILE], { cwd }),
    test: () => secondsOfProgram(['npm', 'test', '--', FILE], { cwd }),
  });
  const node = { name: '`node -e 0`', seconds: taken.node };
  return [
    compare('`npm test -- FILE`, all but `vitest run FILE`', { seconds: taken.test - taken.vitest }, node, '< 3'),
  ];
}
