import { expect, it } from 'vitest';
import { autolab, autolabJson } from '../support/autolab.ts';
import { openProject } from '../support/old-records.ts';
import { runIds, startsOf, temporaryFolder } from '../support/project.ts';
import { hasClaim, manifestOf } from '../support/runs.ts';

/** Local runs that an older version left open: continued in the format that they were opened with. */

/** What is null where it does not apply, which newer formats leave out. */
const NULLS = {
  1: { job_id: null, slurm: null },
  2: { resource_request: { nodes: null, ntasks: null, nice: null }, todo: { open: [] } },
  3: {},
  4: {},
} as const;

it.each([
  // The entrypoint ended while no driver was there.
  [1, 'open-local-running'],
  [2, 'open-local-running'],
  [3, 'open-local-running'],
  [4, 'open-local-running'],
  // The run was about to be started.
  [1, 'open-local-opened'],
] as const)('finishes format-%i/%s', async (format, name) => {
  const root = openProject(name, [], temporaryFolder(), format);
  const resumed = await autolabJson(root, ['resume']);
  expect([resumed.status, resumed.json['code']], resumed.stderr).toEqual([0, 'run.completed']);
  const [runId = ''] = runIds(root);
  expect(startsOf(root, runId)).toBe(1);
  expect(hasClaim(root)).toBe(false);
  expect(manifestOf(root, runId)).toMatchObject({ status: 'completed', ...NULLS[format] });
  expect((await autolab(root, ['manifest', runId, '--check'])).status).toBe(0);
  const verified = await autolab(root, ['verify', runId]);
  expect(verified.status, verified.stdout).toBe(0);
});
