import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startProgram } from '../support/autolab.ts';
import { until } from '../support/project.ts';
import { smallCheckout, writeInto } from './small-checkout.ts';

let root = '';

beforeEach(() => {
  root = smallCheckout();
  writeInto(
    root,
    'test/program.test.ts',
    `import { execFileSync } from 'node:child_process';
     import { expect, it } from 'vitest';
     it('prints', () => {
       expect(execFileSync(process.execPath, ['dist/main.js', 'two'], { encoding: 'utf8' })).toBe('1 two\\n');
     });`,
  );
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

function start(...words: readonly string[]) {
  return startProgram([process.execPath, 'scripts/test.mjs', ...words], root, { env: { CI: undefined } });
}

/** The last line of what it printed. */
function lastLine({ stdout }: { readonly stdout: string }): string | undefined {
  return stdout.trimEnd().split('\n').at(-1);
}

describe('npm test -- PATH', () => {
  it('runs the selected tests on the program built from the sources, and counts them in its last line', async () => {
    const passed = await start('test/program.test.ts').ended;
    expect({ status: passed.status, last: lastLine(passed) }).toEqual({
      status: 0,
      last: '1 passed, 0 failed, 0 skipped',
    });
    writeInto(root, 'src/cli/main.ts', `console.log('something else');`);
    const failed = await start('test/program.test.ts').ended;
    expect({ status: failed.status, last: lastLine(failed) }).toEqual({
      status: 1,
      last: '0 passed, 1 failed, 0 skipped',
    });
    expect(failed.stdout).toContain('  ✗ test/program.test.ts > prints\n');
  });

  it.each([
    ['selects nothing', 'test/none.test.ts', 'no test ran'],
    ['is an option that vitest does not know', '--sideways', 'Unknown option `--sideways`'],
  ])('fails where PATH %s', async (_, word, message) => {
    const ended = await start(word).ended;
    expect(ended.stdout).toContain(message);
    expect({ status: ended.status, last: lastLine(ended) }).toEqual({
      status: 1,
      last: '0 passed, 1 failed, 0 skipped',
    });
  });

  it('counts a failure outside of any test', async () => {
    writeInto(
      root,
      'test/leaves.test.ts',
      `import { it } from 'vitest'; it('leaves', () => { void Promise.reject(new Error('nobody waits')); });`,
    );
    const ended = await start('test/leaves.test.ts').ended;
    expect({ status: ended.status, last: lastLine(ended) }).toEqual({
      status: 1,
      last: '1 passed, 1 failed, 0 skipped',
    });
  });
});

describe('npm run test:watch', () => {
  it('builds the program and runs the tests again when a source changes', async () => {
    const watching = start('--watch', 'test/program.test.ts');
    const seen = { text: '' };
    watching.child.stdout?.on('data', (chunk: Buffer) => (seen.text += chunk.toString()));
    await until(
      'the first run',
      () => /Tests +1 passed/.test(seen.text) && seen.text.includes('Waiting for file changes'),
    );
    writeInto(root, 'src/cli/main.ts', `console.log('something else');`);
    await until('a run of the new program', () => /Tests +1 failed/.test(seen.text));
    writeInto(root, 'src/cli/main.ts', `this is no program`);
    await until('a build that fails', () => /build: /.test(seen.text + watching.stderrSoFar()));
    writeInto(root, 'src/cli/main.ts', `console.log('1 two');`);
    await until('a run of the repaired program', () => /Tests +1 passed[^]*Tests +1 passed/.test(seen.text));
    watching.child.kill('SIGTERM');
    await watching.ended;
  });
});
