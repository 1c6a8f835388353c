import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/project.ts';

/** A process that takes the lease and gives it back, again and again, and counts the times when it was not alone. */
const CONTENDER = `
import { unlinkSync, writeFileSync } from 'node:fs';
import { takeLease } from './lease.ts';
const [, , root] = process.argv;
const inside = root + '/inside';
const seen = { taken: 0, lost: 0, together: 0 };
while (seen.taken < 80) {
  const attempt = takeLease(root, 'contender');
  if (!attempt.ok) continue;
  seen.taken += 1;
  try { writeFileSync(inside, '', { flag: 'wx' }); } catch { seen.together += 1; }
  try { attempt.lease.assertHeld(); } catch { seen.lost += 1; }
  try { unlinkSync(inside); } catch { seen.together += 1; }
  attempt.lease.release();
}
console.log(JSON.stringify(seen));
`;

test('eight processes that take the lease in turns never have it together', async () => {
  const root = temporaryFolder();
  mkdirSync(join(root, '.autolab'));
  const program = join(root, 'contender.mjs');
  await build({
    stdin: { contents: CONTENDER, resolveDir: resolve('src/run'), loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: program,
  });
  const run = promisify(execFile);
  const results = await Promise.all(
    Array.from({ length: 8 }, async () => (await run(process.execPath, [program, root])).stdout.trim()),
  );
  expect(results).toEqual(results.map(() => JSON.stringify({ taken: 80, lost: 0, together: 0 })));
});
