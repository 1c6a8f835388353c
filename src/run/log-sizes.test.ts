import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { logSizes } from './log-sizes.ts';

const folder = mkdtempSync(join(tmpdir(), 'autolab-sizes-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

it('records the sizes of the logs of a run at once, and not at every look', () => {
  for (const name of ['stdout.log', 'slurm-1.err', 'driver.log', 'sbatch.1.txt'])
    writeFileSync(join(folder, name), 'x');
  const written: unknown[] = [];
  const look = logSizes(folder, (sizes) => written.push(sizes));
  for (let count = 0; count < 100; count += 1) look();

  expect(written).toEqual([{ type: 'log_sizes', sizes: { 'slurm-1.err': 1, 'stdout.log': 1 }, held_until: null }]);
});

it('disturbs nobody if the folder cannot be read, or the disk is full', () => {
  writeFileSync(join(folder, 'no folder'), '');
  logSizes(join(folder, 'no folder', 'logs'), () => undefined)();
  logSizes(folder, () => {
    throw new Error('ENOSPC');
  })();
});
