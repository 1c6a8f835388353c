import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { call } from '../support/contract.ts';
import { makeProject, read } from '../support/project.ts';
import { begun, letEnd } from '../support/runs.ts';

/** Projects on one host do not know of each other, and may give their runs the same id. */

const ENTRYPOINT = `touch "$AUTOLAB_SCRATCH/mine"
printf %s "$AUTOLAB_SCRATCH" > "$AUTOLAB_RUN_DIR/where"
echo started >> "$AUTOLAB_RUN_DIR/marker"
until [ -e "$AUTOLAB_RUN_DIR/go" ]; do sleep 0.05; done
ls "$AUTOLAB_SCRATCH/mine" > "$AUTOLAB_RUN_DIR/metrics.json"
`;

it('the end of a run leaves the processes and the scratch folder of its namesake alone, and removes its own', async () => {
  const [first, second] = [makeProject({ entrypoint: ENTRYPOINT }), makeProject({ entrypoint: ENTRYPOINT })];
  for (const root of [first, second]) {
    await call(root, ['launch', '--detach', '--run-id', 'namesake']);
    await begun(root);
  }

  letEnd(first, 'namesake');
  const one = await call(first, ['resume']);
  const status = await call(second, ['status']);
  letEnd(second, 'namesake');
  const other = await call(second, ['resume']);

  expect(one).toMatchObject({ status: 0, json: { code: 'run.completed' } });
  expect(status.json).toMatchObject({ entrypoint: 'running' });
  expect(other).toMatchObject({ status: 0, json: { code: 'run.completed' } });
  for (const root of [first, second])
    expect(existsSync(read(root, 'experiments/iter1/runs/namesake/where'))).toBe(false);
});
