import { expect } from 'vitest';
import { autolab, autolabJson, startAutolab } from './autolab.ts';
import { family, randomFrom, SEED, selected, size } from './campaign.ts';
import { closedPlaces, placesOf } from './crashes.ts';
import { runIds } from './project.ts';
import { eachOf, expectClosed } from './runs.ts';
import { expectOnce, type SlurmEnv } from './slurm-project.ts';

/** Drivers of Slurm runs that are killed, wherever the cluster is: the same families on a shared file system and over ssh. */
export interface ClusterSite {
  /** As in the table, such as `Slurm over ssh`. */
  readonly name: string;
  /** An approved experiment that has not been launched. */
  readonly project: () => string;
  /** Of the launcher. */
  readonly env: () => SlurmEnv;
  /** Of Slurm's commands. */
  readonly slurm: () => SlurmEnv;
  /** Which of the places are of interest; all of them when left out. */
  readonly places?: RegExp;
  /** How often the entrypoint starts, if it is not once. */
  readonly starts?: number;
  /** How many cases of a family `npm test` tries, if it is not 6 places and 4 rounds. */
  readonly few?: number;
  /** Passes of a place after its first one that are tried as well. */
  readonly again?: RegExp;
  /** What must hold of jobs and ledger of a run that is over; as of one job when left out. */
  readonly once?: (root: string, runId: string, what: string) => Promise<void>;
  /** What else must hold of a run that is over. */
  readonly after?: (root: string, what: string) => Promise<void>;
}

/** Launches wait for a cluster most of the time. */
export const SIDE_BY_SIDE = 6;
const COMPLETED = { code: 'run.completed', stage: 'extract_results', attempt: 0 };
/** Once the claim is gone the run is over, and a second launch has nothing to do. */
const OVER = [12, 'state.wrong_stage'];

function endOf({ starts }: ClusterSite): string {
  return starts === undefined ? 'completed, one started job' : 'completed, each task once';
}

/** The same command again ends the run that was left; then all holds that must hold of a run with one start. */
async function expectCarriedOn(site: ClusterSite, root: string, ends: readonly unknown[], what: string): Promise<void> {
  const again = await autolabJson(root, ['launch'], { env: site.env() });
  expect(ends, `${what}: ${again.stdout}${again.stderr}`).toContainEqual([again.status, again.json['code']]);
  await expectOver(site, root, what);
}

/** All that must hold of the only run of a project, which is over. */
export async function expectOver(site: ClusterSite, root: string, what: string): Promise<void> {
  expectClosed(root, { ...COMPLETED, starts: site.starts ?? 1 }, what);
  const [runId = ''] = runIds(root);
  if (site.once === undefined) await expectOnce(site.slurm(), root, runId);
  else await site.once(root, runId, what);
}

/** Every named place that a launch passes (a few of them in `npm test`): killed there, carried on by the next launch. */
export function crashMatrix(site: ClusterSite): () => Promise<void> {
  const { count } = family(`crash matrix, ${site.name}`);
  return async () => {
    const places = await placesOf(site.project(), ['launch'], site.env(), site.again);
    expect(places.length).toBeGreaterThan(80);
    const closed = closedPlaces(places);
    const wanted = places.filter((place) => site.places?.test(place) ?? true);
    expect(wanted.length).toBeGreaterThan(5);
    const tried = selected(wanted, site.few ?? (site.places === undefined ? 6 : 2));
    let killed = 0;
    await eachOf(
      tried,
      async (place) => {
        const root = site.project();
        const first = await autolab(root, ['launch'], { env: { ...site.env(), AUTOLAB_CRASH_AT: place } });
        // How often the queue is asked depends on the cluster: a place on that way may not be passed again.
        if (first.signal === 'SIGKILL') killed += 1;
        else expect(first.status, `${place}: ${first.stdout}${first.stderr}`).toBe(0);
        const over = first.signal === null || closed.includes(place);
        await expectCarriedOn(site, root, over ? [OVER] : [[0, 'run.completed']], place);
        await site.after?.(root, place);
        count(endOf(site));
      },
      SIDE_BY_SIDE,
    );
    expect(killed, 'drivers that were killed').toBeGreaterThanOrEqual(Math.floor(tried.length * 0.8));
  };
}

/** What is done in a second terminal while the driver is killed in the first one. */
const BESIDE = [null, 'status', 'launch'] as const;
/** The run went to the one or to the other, or is over. */
const ENDS_BESIDE = {
  status: [0],
  launch: [0, 12, 13],
} as const;

async function beside(site: ClusterSite, root: string, word: (typeof BESIDE)[number], what: string): Promise<void> {
  if (word === null) return;
  const ended = await autolab(root, [word], { env: site.env() });
  expect(ENDS_BESIDE[word], `${what}, ${word} beside it: ${ended.stdout}${ended.stderr}`).toContain(ended.status);
}

/** Killed once or twice, at any moment of the time that a launch takes; in two of three rounds somebody else is there. */
export function randomKills(site: ClusterSite): () => Promise<void> {
  const { count } = family(`random kills, ${site.name}`);
  return async () => {
    const rounds = size(200, site.few ?? 4);
    const random = randomFrom(SEED);
    const began = performance.now();
    await autolab(site.project(), ['launch'], { env: site.env() });
    // With others beside it a launch takes longer; instants after its end are part of the test.
    const longestMs = 2 * (performance.now() - began);
    const plan = Array.from({ length: rounds }, (_, round) => ({
      round,
      word: BESIDE[round % BESIDE.length] ?? null,
      // Spread over the time, also where they are few.
      instants: Array.from({ length: 1 + (round % 2) }, () => Math.round(((round + random()) / rounds) * longestMs)),
      // So long after the driver began; about when it dies.
      laterMs: Math.round(random() * longestMs),
    }));
    let killed = 0;
    await eachOf(
      plan,
      async ({ round, word, instants, laterMs }) => {
        const what = `seed ${SEED}, round ${round}, killed after ${instants.join(' and ')} ms, ${word ?? 'nothing'} after ${laterMs} ms`;
        const root = site.project();
        for (const instant of instants) {
          const driver = startAutolab(root, ['launch'], { env: site.env() });
          const timer = setTimeout(() => driver.child.kill('SIGKILL'), instant);
          const second = new Promise((resolve) => setTimeout(resolve, laterMs)).then(() =>
            beside(site, root, word, what),
          );
          const [ended] = await Promise.all([driver.ended, second]);
          clearTimeout(timer);
          if (ended.signal === 'SIGKILL') killed += 1;
        }
        await expectCarriedOn(site, root, [[0, 'run.completed'], OVER], what);
        count(endOf(site));
      },
      SIDE_BY_SIDE,
    );
    expect(killed, 'drivers that were killed in time').toBeGreaterThan(rounds / 8);
  };
}
