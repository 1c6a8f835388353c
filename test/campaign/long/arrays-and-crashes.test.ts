import { existsSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { isCode } from '../../../src/errors/catalog.ts';
import { autolab, type Ended, inRun, parseJson } from '../../support/autolab.ts';
import { family } from '../../support/campaign.ts';
import { attended, crash, freeNodes, savedState } from '../../support/controller-crash.ts';
import { durable, placesOf } from '../../support/crashes.ts';
import { keepUntilEnd, runIds } from '../../support/project.ts';
import { eachOf, hasClaim, manifestOf, processesOf, SLOW_MS, stoppedAt } from '../../support/runs.ts';
import { type Cluster, describeOnSlurm, ownCluster } from '../../support/slurm.ts';
import { slurm, untilSlurm } from '../../support/slurm-project.ts';
import { beganIn, resultsIn, tasksProject } from '../../support/tasks/slurm-tasks.ts';

/**
 * slurmctld dies in every step of a run of three arrays, while elements wait, run and end, and is started again with what it
 * had saved: last, or before the launch. Not in `npm test`: what Slurm then makes of its nodes has no bound in time.
 */

const { count } = family('crashes of the controller, Slurm arrays');

const clusters: Cluster[] = [];

const QUICK =
  'poll: {min_seconds: 5, max_seconds: 20}\nsubmit: {reconcile_seconds: 4, chunk_tasks: 2}\nconfirm: {timeout_seconds: 20}\n';
/** Of tasks; none blames the experiment. A node that refuses a start may cancel the whole array, as user 0. */
const OF_A_CRASH =
  /^(slurm\.(vanished|start_failed|node_fail|cancelled|end_unknown)|tasks\.(end_unknown|not_started))$/;
const MOST_CALLS = 6;
/** How often the rest is launched: a node may refuse jobs until somebody has seen to it. */
const MOST_RUNS = 4;

interface Case {
  readonly place: string;
  readonly since: 'last' | 'before the launch';
}

function project(): string {
  const options = { git: true, body: 'sleep 2', compute: { time: '"00:02:00"' }, launchYaml: QUICK };
  return keepUntilEnd(tasksProject({ count: 5, ...options }));
}

/**
 * Each array is brought in as the first one is. How often Slurm is asked on the way depends on it, so those places are left out, and
 * what comes after the last look at the queue: then nobody sees what a controller has back.
 */
async function placesOfArrays(cluster: Cluster): Promise<readonly string[]> {
  const again = /^(journal\.submit\.(?!scheduler\.)|submit\.|ledger\.)/;
  const all = durable(await placesOf(project(), ['launch'], cluster.env, again));
  const wanted = /^(journal\.submit\.(?!scheduler\.)|submit\.|ledger\.|journal\.(wait\.step|confirm\.step\.intent)\.)/;
  return all.filter((place) => wanted.test(place) && !/\.(before|torn)|#[4-9]/.test(place));
}

async function call(cluster: Cluster, root: string, words: readonly string[]): Promise<Ended> {
  return seenTo(cluster, root, autolab(root, [...words, '--json'], { env: cluster.env }));
}

async function seenTo<T>(cluster: Cluster, root: string, work: Promise<T>): Promise<T> {
  return attended(cluster, work, () => runIds(root).some((runId) => processesOf(runId, root).length > 0));
}

/** Calls again, as the answer says, until the run is over; the codes on the way. */
async function untilClosed(cluster: Cluster, root: string, first: Ended, what: string): Promise<readonly string[]> {
  const codes: string[] = [];
  for (let end = first; ; end = await call(cluster, root, ['resume'])) {
    const code = String(parseJson(end)['code']);
    expect(isCode(code) && code !== 'internal', `${what}: ${end.stdout}${end.stderr}`).toBe(true);
    codes.push(`${code}: ${String(parseJson(end)['message'])}`);
    if (!hasClaim(root)) return codes;
    if (codes.length === MOST_CALLS) throw new Error(`${what}: still open after\n${codes.join('\n')}`);
  }
}

/** What must hold of a run that is over, by what its tasks wrote; how many of them completed. */
async function expectTrue(cluster: Cluster, root: string, what: string): Promise<number> {
  const runId = runIds(root).at(-1) ?? '';
  const began = beganIn(root, runId);
  const results = resultsIn(root, runId);
  const told = `${what}: ${results.map(({ index, state, code }) => `${index} ${state} ${String(code)}`).join(', ')}`;
  expect(began, told).toEqual([...new Set(began)]);
  expect(
    results.map(({ index }) => index),
    told,
  ).toEqual([0, 1, 2, 3, 4]);
  for (const { index, state, reused_from: reused } of results) {
    const ran = began.includes(index);
    const isWhole = existsSync(inRun(root, 'iter1', runId, 'tasks', String(index), 'metrics.json'));
    if (state === 'completed') expect([ran, isWhole], told).toEqual([reused === null, true]);
    if (state === 'not_started') expect(ran, told).toBe(false);
  }
  const codes = results.flatMap(({ state, code }) => (state === 'completed' ? [] : [String(code)]));
  expect(
    codes.filter((code) => !OF_A_CRASH.test(code)),
    told,
  ).toEqual([]);
  if (!codes.includes('slurm.cancelled'))
    expect(['run.completed', 'tasks.unfinished'], told).toContain(manifestOf(root, runId)['code']);
  const verified = await autolab(root, ['verify', runId], { env: cluster.env });
  expect(verified.status, `${told}\n${verified.stdout}`).toBe(0);
  const left = (): string => slurm(cluster.env, ['squeue', '--me', '-h', '-o', '%j']);
  const noneLeft = untilSlurm(`${told}: no array is left`, () => !left().includes(`autolab-${runId}-`));
  await seenTo(cluster, root, noneLeft);
  return results.filter(({ state }) => state === 'completed').length;
}

/** Until all tasks have completed; how many more runs that took. */
async function finish(cluster: Cluster, root: string, completed: number, what: string): Promise<number> {
  let done = completed;
  for (let runs = 0; ; runs += 1) {
    if (done === 5) return runs;
    expect(runs, `${what}: runs of the rest`).toBeLessThan(MOST_RUNS);
    const first = await call(cluster, root, done === 0 ? ['launch'] : ['launch', '--failed-only']);
    await untilClosed(cluster, root, first, what);
    const now = await expectTrue(cluster, root, `${what}, the rest`);
    expect(now, what).toBeGreaterThanOrEqual(done);
    done = now;
  }
}

/** The jobs as they are now, with a held one that says which state it is. */
async function stateNow(cluster: Cluster, mark: string): Promise<Buffer> {
  slurm(cluster.env, ['sbatch', '--hold', `--job-name=${mark}`, '--output=/dev/null', '--wrap=true']);
  return savedState(cluster, 'the job before', (saved) => saved.includes(mark));
}

async function crashedAt(cluster: Cluster, { place, since }: Case): Promise<void> {
  const what = `${place}, saved ${since}`;
  await freeNodes(cluster);
  const root = project();
  const mark = `before-${root.replace(/.*-/, '')}`;
  const state = since === 'last' ? {} : { state: await stateNow(cluster, mark) };
  const driver = await stoppedAt(root, ['launch', '--json'], place, cluster.env);
  await crash(cluster, state);
  driver.go();
  const codes = await untilClosed(cluster, root, await seenTo(cluster, root, driver.ended), what);
  const told = `${what}: ${codes.join('\n')}`;
  const completed = await expectTrue(cluster, root, told);
  const runs = await finish(cluster, root, completed, told);
  slurm(cluster.env, ['scancel', `--name=${mark}`]);
  const code = codes.at(-1)?.replace(/:.*/s, '') ?? '';
  count(runs === 0 ? code : `${code}, the rest later`);
}

describeOnSlurm('a controller that dies while arrays are submitted', () => {
  beforeAll(async () => {
    clusters.push(await ownCluster(), await ownCluster());
  });

  it(
    'and is started again with what it has saved: each task begins once, and the rest is launched again',
    async () => {
      const [first] = clusters;
      if (first === undefined) throw new Error('no cluster');
      const places = await placesOfArrays(first);
      expect(places.length).toBeGreaterThan(30);
      const cases = places.flatMap((place): readonly Case[] => [
        { place, since: 'last' },
        { place, since: 'before the launch' },
      ]);
      const free = [...clusters];
      await eachOf(
        cases,
        async (one) => {
          const cluster = free.pop() as Cluster;
          await crashedAt(cluster, one).finally(() => free.push(cluster));
        },
        clusters.length,
      );
    },
    30 * SLOW_MS,
  );
});
