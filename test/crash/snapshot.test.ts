import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { autolabJson } from '../support/autolab.ts';
import { killedAt, placesOf } from '../support/crashes.ts';
import { commitAll, edit, makeProject, write } from '../support/project.ts';
import { eachOf, expectClosed, SLOW_MS } from '../support/runs.ts';

vi.setConfig({ testTimeout: 3 * SLOW_MS });

const COMPLETED = { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 };

function project(): string {
  const root = makeProject();
  write(root, '.autolab/launch.yaml', 'host_mode: local\ncode: {run_from: snapshot}\n');
  edit(root, '.gitignore', (text) => `${text}.autolab/snapshots/\n`);
  commitAll(root);
  return root;
}

test('killed at any place while the snapshot is made, a launch makes it with the next call', async () => {
  const places = (await placesOf(project(), ['launch'])).filter((place) => place.startsWith('snapshot.'));
  expect(places).toEqual(['begun', 'filled', 'synced', 'stored', 'named', 'linked'].map((name) => `snapshot.${name}`));
  await eachOf(places, async (place) => {
    const root = project();
    await killedAt(root, place, ['launch']);
    const again = await autolabJson(root, ['launch']);
    expect([again.status, again.json['code']], place).toEqual([0, 'run.completed']);
    expectClosed(root, COMPLETED, place);
    const left = readdirSync(join(root, '.autolab/snapshots')).filter((name) => !/^[0-9a-f]{64}$/.test(name));
    expect(left.sort(), place).toEqual(['runs', 'store']);
  });
});
