import { expect, test, vi } from 'vitest';
import { autolab, autolabJson } from '../support/autolab.ts';
import { killedAt, placesOf } from '../support/crashes.ts';
import { eachOf, expectClosed, SLOW_MS } from '../support/runs.ts';
import { inSnapshots, rewound, snapshotProject } from '../support/snapshots.ts';

vi.setConfig({ testTimeout: 3 * SLOW_MS });

const COMPLETED = { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 };

test('killed at any place while the snapshot is made, a launch makes it with the next call', async () => {
  const places = (await placesOf(snapshotProject(), ['launch'])).filter((place) => place.startsWith('snapshot.'));
  expect(places).toEqual(['begun', 'filled', 'synced', 'stored', 'named', 'linked'].map((name) => `snapshot.${name}`));
  await eachOf(places, async (place) => {
    const root = snapshotProject();
    await killedAt(root, place, ['launch']);
    const again = await autolabJson(root, ['launch']);
    expect([again.status, again.json['code']], place).toEqual([0, 'run.completed']);
    expectClosed(root, COMPLETED, place);
    const left = inSnapshots(root).filter((name) => !/^[0-9a-f]{64}$/.test(name));
    expect(left, place).toEqual(['runs', 'store']);
  });
});

test('killed at any place, autolab clean is continued by the next call, and the next launch works', async () => {
  const used = async (): Promise<string> => {
    const root = snapshotProject();
    expect((await autolab(root, ['launch'])).status).toBe(0);
    rewound(root);
    return root;
  };
  const places = (await placesOf(await used(), ['clean'])).filter((place) => place.startsWith('clean.'));
  expect(places).toEqual(
    ['links_removed', 'tree_renamed', 'tree_removed', 'store_swept'].map((name) => `clean.${name}`),
  );
  await eachOf(places, async (place) => {
    const root = await used();
    await killedAt(root, place, ['clean']);
    if (place === 'clean.tree_renamed') expect((await autolab(root, ['launch'])).status, place).toBe(0);
    expect((await autolab(root, ['clean'])).status, place).toBe(0);
    expect([inSnapshots(root), inSnapshots(root, 'store'), inSnapshots(root, 'runs')], place).toEqual([
      ['runs', 'store'],
      [],
      [],
    ]);
    if (place === 'clean.tree_renamed') rewound(root);
    expect((await autolab(root, ['launch'])).status, place).toBe(0);
  });
});
