import { existsSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { autolab, autolabJson } from '../support/autolab.ts';
import { family, randomFrom, SEED, size } from '../support/campaign.ts';
import { runIds, temporaryFolder } from '../support/project.ts';
import { BIG, codeOf, makeWorld, type World } from '../support/random-repository.ts';
import { copyRun, gitState } from '../support/rebuilt.ts';
import { SLOW_MS } from '../support/runs.ts';

/**
 * Random repositories, changed in every way that git allows: what is rebuilt has the bytes that were there at the launch,
 * and everything else is named. `AUTOLAB_REBUILD_CASE=N` tries one case of a seed.
 */

const CASES = size(150, 6);
const ONLY = process.env['AUTOLAB_REBUILD_CASE'];

vi.setConfig({ testTimeout: SLOW_MS });

const { count } = family('rebuilt code');

const SECRET = /(^|\/)(\.env|[^/]*\.(pem|key))$/;

interface Rebuild {
  readonly here: string;
  readonly missing: ReadonlyMap<string, string>;
}

async function rebuild(root: string, runId: string, what: string): Promise<Rebuild> {
  const here = join(temporaryFolder(), 'tree');
  const ended = await autolabJson(root, ['code', runId, '--checkout', here]);
  expect(['ok', 'code.incomplete'], `${what}\n${ended.stdout}`).toContain(ended.json['code']);
  const missing = ended.json['missing'] as { path: string; reason: string }[];
  expect(ended.json['files'], what).toBe(Number(ended.json['rebuilt']) + missing.length);
  return { here, missing: new Map(missing.map(({ path, reason }) => [path, reason])) };
}

/** Rebuilt as it was, or named; and nothing that was not there. */
function expectSame(world: World, then: ReadonlyMap<string, string>, { here, missing }: Rebuild, what: string): void {
  const made = codeOf(world, here);
  const wrong = [...then].flatMap(([path, was]) =>
    made.get(path) === was || (!made.has(path) && missing.has(path))
      ? []
      : [`${path}: ${was}, ${String(made.get(path))}`],
  );
  expect(wrong, what).toEqual([]);
  expect(
    [...made.keys()].filter((path) => !then.has(path)),
    what,
  ).toEqual([]);
}

const numbers = Array.from({ length: CASES }, (_, index) => index);

// A test each: their folders are removed one after the other.
test.each(ONLY === undefined ? numbers : [Number(ONLY)])(
  'case %i: the code of a run is rebuilt as it was, here and in a fresh clone, or it is named',
  async (number) => {
    const random = randomFrom(SEED * 1000 + number);
    const world = makeWorld(random);
    const root = join(world.top, world.prefix);
    const then = codeOf(world);
    const what = `AUTOLAB_TEST_SEED=${SEED} AUTOLAB_REBUILD_CASE=${number}\n${world.story.join('\n')}`;
    const git = gitState(world.top);
    const launched = await autolab(root, ['launch']);
    expect(launched.status, `${what}\n${launched.stderr}`).toBe(0);
    const runId = runIds(root).at(-1) ?? '';
    expect([...codeOf(world)], what).toEqual([...then]);
    const mine = await rebuild(root, runId, what);
    expect(gitState(world.top), what).toBe(git);
    expectSame(world, then, mine, what);
    // Here nothing is lacking but what a record leaves out on purpose.
    const lacking = [...mine.missing].filter(([path]) => !SECRET.test(path) && !isBig(join(world.top, path)));
    expect(lacking, what).toEqual([]);

    const withFilters = random() < 0.7;
    const clone = world.freshClone(withFilters);
    const there = join(clone, world.prefix);
    copyRun(root, there, runId);
    const theirs = await rebuild(there, runId, what);
    expectSame(world, then, theirs, `${what}\nin a clone`);
    const reasons = [...theirs.missing].filter(([path]) => !mine.missing.has(path));
    expect(
      reasons.filter(([path]) => !SECRET.test(path) && (withFilters || !path.endsWith('.flt'))),
      `${what}\nin a clone`,
    ).toEqual([]);
    count(mine.missing.size === 0 ? 'all of it rebuilt' : 'rebuilt, but for secrets and large files');
  },
);

function isBig(path: string): boolean {
  return existsSync(path) && lstatSync(path).size >= BIG;
}
