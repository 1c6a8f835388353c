import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../test/support/project.ts';
import { run } from './process.ts';

const nap = new Int32Array(new SharedArrayBuffer(4));

/** Nothing else happens in this process meanwhile, as on a machine that gives it no time. */
function block(ms: number): void {
  Atomics.wait(nap, 0, 0, ms);
}

function blockUntil(holds: () => boolean): void {
  const end = performance.now() + 60_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error('waited in vain');
    block(10);
  }
}

/** It has ended, and its parent has not read its status yet. */
function isZombie(pid: number): boolean {
  return /^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

/**
 * Node hears of the end of all programs at once, after it has looked for output. If the program writes and ends in between, its
 * end is known first; and on a busy machine the next look may come late.
 */
test('gives the output of a program that ended before Node could read it', async () => {
  const folder = temporaryFolder();
  const pidFile = join(folder, 'pid');
  const go = join(folder, 'go');
  const said = join(folder, 'said');
  const program = `echo $$ > ${pidFile}; until [ -e ${go} ]; do sleep 0.02; done; echo out; echo err >&2`;
  const told = run(['sh', '-c', program], { timeoutMs: 60_000 });
  blockUntil(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8').endsWith('\n'));
  const pid = Number(readFileSync(pidFile, 'utf8'));

  const speaks = spawn('sh', ['-c', `echo x; : > ${said}; exec sleep 60`], { stdio: ['ignore', 'pipe', 'ignore'] });
  const ends = spawn('true', { stdio: 'ignore' });
  speaks.stdout.on('data', () => {
    writeFileSync(go, '');
    blockUntil(() => isZombie(pid));
  });
  ends.on('exit', () => {
    block(1500);
  });
  blockUntil(() => isZombie(ends.pid ?? 0) && existsSync(said));

  expect(await told).toMatchObject({ exitCode: 0, stdout: 'out\n', stderr: 'err\n' });
  speaks.kill();
});
