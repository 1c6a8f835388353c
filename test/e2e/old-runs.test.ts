import { expect, it } from 'vitest';
import { autolab, autolabJson } from '../support/autolab.ts';
import { openProject } from '../support/old-records.ts';
import { runIds, startsOf } from '../support/project.ts';
import { hasClaim, manifestOf } from '../support/runs.ts';

/** Local runs that an older version left open: continued in the format that they were opened with. */

it.each([
  ['open-local-running', 'whose entrypoint ended while no driver was there'],
  ['open-local-opened', 'that was about to be started'],
])('finishes %s, %s', async (name) => {
  const root = openProject(name);
  const resumed = await autolabJson(root, ['resume']);
  expect([resumed.status, resumed.json['code']], resumed.stderr).toEqual([0, 'run.completed']);
  const [runId = ''] = runIds(root);
  expect(startsOf(root, runId)).toBe(1);
  expect(hasClaim(root)).toBe(false);
  // The shape of format 1: what does not apply is null.
  expect(manifestOf(root, runId)).toMatchObject({ status: 'completed', job_id: null, slurm: null });
  expect((await autolab(root, ['manifest', runId, '--check'])).status).toBe(0);
  const verified = await autolab(root, ['verify', runId]);
  expect(verified.status, verified.stdout).toBe(0);
});
