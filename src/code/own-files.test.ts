import { expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/project.ts';
import { isOwnFile } from './own-files.ts';

it.each([
  ['docs/slurm_job_list.md', true],
  // Elements of the first array begin while the driver writes the line of the second one.
  ['docs/.slurm_job_list.md.lock.1', true],
  ['docs/.slurm_job_list.md.lock.12', true],
  ['docs/..slurm_job_list.md.lock.1.0123456789abcdef.tmp', true],
  ['docs/.slurm_job_list.md.lock', false],
  ['docs/slurm_job_list.md.lock.1', false],
  ['other/.slurm_job_list.md.lock.1', false],
  ['docs/notes.md', false],
])('%s is a file that autolab writes: %s', (name, own) => {
  expect(isOwnFile(temporaryFolder())(name)).toBe(own);
});
