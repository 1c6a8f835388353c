import { beforeAll, it } from 'vitest';
import { family, randomFrom, SEED, size } from '../../support/campaign.ts';
import { eachOf, SLOW_MS } from '../../support/runs.ts';
import { type Choice, chosen, DESIGNS, ENDS, SITES } from '../../support/sites/designs.ts';
import { complaints } from '../../support/sites/oracle.ts';
import { play } from '../../support/sites/play.ts';
import { type Cluster, describeOnSlurm, type Site, siteCluster } from '../../support/slurm.ts';

/**
 * Designs on sites that are not like each other, with every kind of end, for real: what the manifest says against what Slurm, the
 * logs and the entrypoints' own marks say. `AUTOLAB_SITE_CASE=12,20-29` plays only these of a seed's cases.
 */

const CASES = size(200, 5);
const ONLY = process.env['AUTOLAB_SITE_CASE']?.split(',').map((word) => word.split('-').map(Number));
/** Jobs of one site beside each other: its nodes have eight CPUs. */
const SIDE_BY_SIDE = 3;

const { count } = family('sites and designs');

interface Numbered extends Choice {
  readonly index: number;
}

/** Every end on every site before any of them again; the designs by chance. */
function generated(): readonly Numbered[] {
  const random = randomFrom(SEED);
  const shuffled = <Item>(items: readonly Item[]): readonly Item[] =>
    items
      .map((item) => ({ item, at: random() }))
      .sort((a, b) => a.at - b.at)
      .map(({ item }) => item);
  const short = size(0, 1) === 1;
  const ends = ENDS.filter((end) => !short || end.slow !== true);
  const cases: Choice[] = [];
  for (let round = 0; cases.length < CASES && round < 100; round += 1) {
    for (const [site, end] of shuffled(SITES.flatMap((one) => ends.map((other) => [one, other] as const)))) {
      // In the short form every case is on a site of its own: they run side by side.
      if (short && cases.some((other) => other.site === site)) continue;
      const fitting = DESIGNS.map((design) => chosen(site, design, end)).filter((one) => one !== null);
      const one = fitting[Math.floor(random() * fitting.length)];
      if (one !== undefined) cases.push(one);
    }
  }
  return cases.slice(0, CASES).map((one, index) => ({ ...one, index }));
}

describeOnSlurm('designs on all kinds of sites', () => {
  const clusters = new Map<Site, Cluster>();
  const cases = generated().filter(
    ({ index }) => ONLY?.some(([from = 0, to = from]) => from <= index && index <= to) ?? true,
  );

  beforeAll(async () => {
    for (const site of new Set(cases.map((one) => one.site))) clusters.set(site, await siteCluster(site));
  });

  async function judged(one: Numbered): Promise<void> {
    const { index, site, design, end } = one;
    const cluster = clusters.get(site);
    if (cluster === undefined) throw new Error(site);
    const what = `case ${index} of seed ${SEED}: ${site}, ${design.name}, ${end.name}`;
    const seen = await play(one, cluster).catch((error: unknown) => {
      throw new Error(`${what}: ${String(error)}`, { cause: error });
    });
    const wrong = complaints(seen);
    if (wrong.length > 0)
      throw new Error([what, ...wrong, JSON.stringify({ rows: seen.rows, marks: seen.marks })].join('\n  '));
    count(String(seen.manifest['code']));
  }

  it(
    'have records that say only what was so',
    async () => {
      const sites = [...clusters.keys()];
      await eachOf(
        sites,
        async (site) => {
          const ofSite = cases.filter((one) => one.site === site);
          const [alone, beside] = [true, false].map((wanted) =>
            ofSite.filter(({ end }) => (end.alone === true) === wanted),
          );
          const failures: unknown[] = [];
          const keep = (failure: unknown): void => {
            failures.push(failure);
          };
          await eachOf(beside ?? [], judged, SIDE_BY_SIDE).catch(keep);
          await eachOf(alone ?? [], judged, 1).catch(keep);
          if (failures.length > 0) throw new Error(failures.map((failure) => (failure as Error).message).join('\n'));
        },
        size(3, 7),
      );
    },
    size(120, 1) * SLOW_MS,
  );
});
