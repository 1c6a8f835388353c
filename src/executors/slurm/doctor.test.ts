import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { thisHost } from '../../sites/site.ts';
import { checkSlurm } from './doctor.ts';

const empty = mkdtempSync(join(tmpdir(), 'autolab-test-'));

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(empty, { recursive: true, force: true });
});

it('says once that no command of Slurm can be used, and where to load them', async () => {
  vi.stubEnv('PATH', empty);

  const checks = await checkSlurm(thisHost(empty));

  expect(checks).toMatchObject([{ name: 'Slurm commands', status: 'fail' }]);
  expect(checks[0]?.found).toContain('sbatch, squeue, sacct, scontrol, scancel');
  expect(checks[0]?.mend).toContain('setup: module load slurm');
});
