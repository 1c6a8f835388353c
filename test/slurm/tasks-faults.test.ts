import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { parseTaskClaim, type TaskClaim } from '../../src/records/tasks/task-receipt.ts';
import { autolabJson, type Ended, inRun, parseJson, type Running, startAutolab } from '../support/autolab.ts';
import { crash, freeNodes, reportOf, savedState, setNodes } from '../support/controller-crash.ts';
import { fakeCommands, read, runIds, until } from '../support/project.ts';
import { hasClaim, manifestOf, SLOW_MS, stateOf, stoppedAt } from '../support/runs.ts';
import { becomes, type Cluster, describeOnSlurm, ownCluster, recorded } from '../support/slurm.ts';
import { beginAgain, journalOf, slurm } from '../support/slurm-project.ts';
import { beganIn, endsIn, expectArraysOnce, runOf, tasksProject, UNTIL_GO } from '../support/tasks/slurm-tasks.ts';

/** The cluster fails around an array: each task begins once an attempt, and the record says what was so (X1, X9, X15). */

let cluster: Cluster;

/** Of the whole node: the two of a run lie on two nodes. */
const WHOLE = { cpus: 4 };
const SHORT_BOOKS =
  'poll: {min_seconds: 5, max_seconds: 20}\nsubmit: {reconcile_seconds: 2, chunk_tasks: 2}\nconfirm: {timeout_seconds: 20}\n';

const LONG_BOOKS = SHORT_BOOKS.replace('timeout_seconds: 20', 'timeout_seconds: 600');
const CONNECT_FAILURE =
  'echo "sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)" >&2\nexit 1';

/** Lines of bash that stand for the first calls of sbatch with the run's second array. */
function secondArrayFails(root: string, lines: string, times = 1): Readonly<Record<string, string>> {
  const calls = join(root, '.autolab/calls-for-second-array');
  const sbatch = `PATH="\${PATH#*:}"\ncase "$*" in *--parsable*.1\\ *) ;; *) exec sbatch "$@";; esac\necho >> '${calls}'\n(($(wc -l < '${calls}') <= ${times})) || exec sbatch "$@"`;
  return fakeCommands({ sbatch: `${sbatch}\n${lines}` });
}

/** The calls of sbatch: array and attempt. */
function triesIn({ root, runId }: Pick<Waiting, 'root' | 'runId'>): readonly string[] {
  const tries = journalOf(root, runId).filter(({ event }) => event === 'submit.tried');
  return tries.map(({ data }) => `${String(data['chunk'])}.${String(data['attempt'])}`);
}

function adoptedIn({ root, runId }: Pick<Waiting, 'root' | 'runId'>): readonly unknown[] {
  const jobs = journalOf(root, runId).filter(({ event }) => event === 'job.submitted');
  return jobs.map(({ data }) => data['adopted']);
}

/** For how long the queue has not answered, by the driver's clock. */
function silenceIn({ root, runId }: Pick<Waiting, 'root' | 'runId'>): number {
  const reads = journalOf(root, runId).filter(({ event }) => event === 'scheduler.read');
  const last = reads.findLastIndex(({ data }) => !String(data['answer']).includes('no answer'));
  const [first, end] = [reads[last + 1], reads.at(-1)];
  return first === undefined || end === undefined ? 0 : Date.parse(end.at) - Date.parse(first.at);
}

interface Waiting {
  readonly root: string;
  readonly runId: string;
  readonly driver: Running;
}

/** Launches tasks that wait for `letGo`; resolves when two run. */
async function running(options: Partial<Parameters<typeof tasksProject>[0]> = {}): Promise<Waiting> {
  const root = tasksProject({ count: 3, body: UNTIL_GO, ...options, compute: { ...WHOLE, ...options.compute } });
  const driver = startAutolab(root, ['launch', '--json'], { env: cluster.env });
  const runId = await runOf(root);
  await until('two tasks have begun', () => beganIn(root, runId).length === 2);
  return { root, runId, driver };
}

function letGo({ root, runId }: Pick<Waiting, 'root' | 'runId'>): void {
  writeFileSync(inRun(root, 'iter1', runId, 'go'), '');
}

function claimOf({ root, runId }: Pick<Waiting, 'root' | 'runId'>, task: number, attempt = 0): TaskClaim {
  const claim = parseTaskClaim(read(root, `experiments/iter1/runs/${runId}/receipts/claim.${task}.${attempt}`));
  if (claim === null) throw new Error(`no claim of task ${task}`);
  return claim;
}

function receiptOf({ root, runId }: Pick<Waiting, 'root' | 'runId'>, name: string): string {
  return inRun(root, 'iter1', runId, 'receipts', name);
}

function elementOf(run: Pick<Waiting, 'root' | 'runId'>, task: number): string {
  const { array_job_id, array_task_id } = claimOf(run, task);
  return `${String(array_job_id)}_${String(array_task_id)}`;
}

/** What Slurm says, and what the tasks themselves wrote. */
function expectEnded(run: Pick<Waiting, 'root' | 'runId'>, end: Ended, status: number, code: string): void {
  const ends = endsIn(run.root, run.runId).map(
    ({ message, ...task }) => `${task.index} ${task.attempts}: ${String(message)}`,
  );
  expect([end.status, parseJson(end)['code']], `${end.stderr}\n${ends.join('\n')}`).toEqual([status, code]);
}

function statesIn({ root, runId }: Pick<Waiting, 'root' | 'runId'>): readonly string[] {
  return endsIn(root, runId).map(({ state, code, attempts }) => `${state} ${String(code)} ${attempts}`);
}

/** A job of another user's kind that takes the node of a task. */
function takeNode(node: string): string {
  const argv = ['sbatch', '--parsable', '-p', 'urgent', '-w', node, '-c', '4', '-o', '/dev/null', '--wrap', 'sleep 1'];
  return slurm(cluster.env, argv).trim();
}

describeOnSlurm('an array on a cluster that fails', () => {
  beforeAll(async () => {
    cluster = await ownCluster({ minJobAge: 10 });
  });
  afterEach(async () => {
    await freeNodes(cluster);
  });

  it(
    'loses one task to a failing node and one to a more urgent job; the others run once',
    async () => {
      const run = await running({ count: 4 });
      const [lost, victim] = beganIn(run.root, run.runId);
      slurm(cluster.env, ['scontrol', 'update', `nodename=${claimOf(run, lost ?? 0).node}`, 'state=down', 'reason=x']);
      takeNode(claimOf(run, victim ?? 1).node);
      await becomes(() => recorded(cluster, elementOf(run, lost ?? 0)), /^NODE_FAIL/);
      await becomes(() => recorded(cluster, elementOf(run, victim ?? 1)), /^PREEMPTED/);
      await freeNodes(cluster);
      letGo(run);
      expectEnded(run, await run.driver.ended, 10, 'tasks.unfinished');
      expect(beganIn(run.root, run.runId)).toEqual([0, 1, 2, 3]);
      expect(statesIn(run)).toEqual([
        'failed slurm.node_fail 1',
        'failed slurm.preempted 1',
        'completed null 1',
        'completed null 1',
      ]);
      expect(stateOf(run.root)['stage_attempt']).toBe(0);
    },
    SLOW_MS,
  );

  it(
    'begins a task once more if it was requeued, by hand or for a more urgent job',
    async () => {
      // An end before a requeue is not a failure.
      const run = await running({ compute: { partition: 'scavenge', requeue: true }, more: ['max_failures: 1'] });
      const [victim = 0, byHand = 1] = beganIn(run.root, run.runId);
      slurm(cluster.env, ['scontrol', 'requeue', elementOf(run, byHand)]);
      takeNode(claimOf(run, victim).node);
      for (const task of [victim, byHand]) await beginAgain(cluster.env, elementOf(run, task));
      letGo(run);
      expectEnded(run, await run.driver.ended, 0, 'run.completed');
      expect(beganIn(run.root, run.runId)).toEqual([0, 0, 1, 1, 2]);
      expect(statesIn(run)).toEqual(['completed null 2', 'completed null 2', 'completed null 1']);
      for (const task of [victim, byHand]) expect(claimOf(run, task, 1).restart_count).toBe(1);
    },
    SLOW_MS,
  );

  it(
    'is confirmed when accounting is there again, which was away at its end',
    async () => {
      const run = await running({ count: 2 });
      await cluster.stopDbd();
      letGo(run);
      const asked = (): boolean =>
        journalOf(run.root, run.runId).some(
          ({ event, data }) => event === 'scheduler.read' && data['command'] === 'sacct',
        );
      await until('sacct was asked in vain', asked);
      await cluster.startDbd();
      expectEnded(run, await run.driver.ended, 0, 'run.completed');
      expect(beganIn(run.root, run.runId)).toEqual([0, 1]);
      expect(manifestOf(run.root, run.runId)['slurm']['confirmation']).toMatchObject({ source: 'sacct' });
    },
    SLOW_MS,
  );

  it(
    'does not take the rest with it if the site refuses an array: the sentence is in the record',
    async () => {
      const root = tasksProject({ count: 4, launchYaml: SHORT_BOOKS });
      const stopped = await stoppedAt(root, ['launch', '--json'], 'journal.submit.chunk.planned.after#2', cluster.env);
      const run = { root, runId: runIds(root)[0] ?? '' };
      await until('the first array has begun', () => beganIn(root, run.runId).length === 2);
      const limit = (time: string): string =>
        slurm(cluster.env, ['scontrol', 'update', 'partitionname=main', `maxtime=${time}`]);
      limit('1');
      stopped.go();
      const end = await stopped.ended;
      limit('1-00:00:00');
      expectEnded(run, end, 10, 'tasks.failed');
      expect(beganIn(root, run.runId)).toEqual([0, 1]);
      expect(statesIn(run)).toEqual([
        ...['completed null 1', 'completed null 1', 'not_started slurm.refused 0', 'not_started slurm.refused 0'],
      ]);
      expect(endsIn(root, run.runId)[3]?.message).toContain('Requested time limit is invalid');
    },
    SLOW_MS,
  );

  it.each([
    { hold: true, times: 1 },
    // More than at once: meanwhile, the first array ends.
    { hold: false, times: 3 },
  ])(
    'submits an array again whose sbatch found no controller ($times times, hold: $hold)',
    async ({ hold, times }) => {
      const launchYaml = SHORT_BOOKS.replace('submit: {', `submit: {hold: ${String(hold)}, `);
      const root = tasksProject({ count: 5, launchYaml });
      const env = { ...cluster.env, ...secondArrayFails(root, CONNECT_FAILURE, times) };
      const end = await autolabJson(root, ['launch'], { env });
      const run = { root, runId: runIds(root)[0] ?? '' };
      expect([end.status, end.json['code']], end.stderr).toEqual([0, 'run.completed']);
      await expectArraysOnce(cluster.env, root, run.runId, { count: 5, arrays: 3 });
      const tries = Array.from({ length: times + 1 }, (_, index) => `1.${index + 1}`);
      expect(triesIn(run)).toEqual(['0.1', ...tries, '2.1']);
    },
    SLOW_MS,
  );

  it(
    'waits out a long absence of the controller while tasks run, in which the answer to the next array got lost',
    async () => {
      const root = tasksProject({ count: 4, body: UNTIL_GO, launchYaml: LONG_BOOKS });
      const accepted = `sbatch "$@" >/dev/null\n${CONNECT_FAILURE}`;
      const env = { ...cluster.env, ...secondArrayFails(root, accepted), AUTOLAB_TEST_SPEED: '10' };
      const stopped = await stoppedAt(root, ['launch', '--json'], 'submit.answered#2', env);
      const run = { root, runId: runIds(root)[0] ?? '' };
      await until('two tasks have begun', () => beganIn(root, run.runId).length === 2);
      await cluster.stopController();
      stopped.go();
      // By then, a driver of a single job has left.
      await until('the controller did not answer for long', () => silenceIn(run) > 240_000);
      await cluster.startController();
      await until('the array was found', () => triesIn(run).length === 2 && adoptedIn(run).length === 2);
      letGo(run);
      expectEnded(run, await stopped.ended, 0, 'run.completed');
      await expectArraysOnce(cluster.env, root, run.runId, { count: 4, arrays: 2 });
      expect(adoptedIn(run)).toEqual([false, true]);
      expect(triesIn(run)).toEqual(['0.1', '1.1']);
    },
    SLOW_MS,
  );

  it(
    'survives a controller that dies, lost the release of one array and the whole of the next',
    async () => {
      setNodes(cluster, 'drain');
      const root = tasksProject({ count: 4, launchYaml: SHORT_BOOKS });
      const stopped = await stoppedAt(root, ['launch', '--json'], 'submit.listed', cluster.env);
      const run = { root, runId: runIds(root)[0] ?? '' };
      const key = manifestOf(root, run.runId)['slurm']['submit_key'] as string;
      const state = await savedState(cluster, 'the held array', (saved) => saved.includes(key));
      stopped.go();
      const released = (): number => journalOf(root, run.runId).filter(({ event }) => event === 'job.released').length;
      await until('both are released', () => released() === 2);
      await crash(cluster, { state });
      await freeNodes(cluster);
      expectEnded(run, await stopped.ended, 10, 'tasks.unfinished');
      expect(beganIn(root, run.runId)).toEqual([0, 1]);
      expect(statesIn(run)).toEqual([
        ...['completed null 1', 'completed null 1', 'not_started slurm.vanished 0', 'not_started slurm.vanished 0'],
      ]);
      expect(hasClaim(root)).toBe(false);
    },
    SLOW_MS,
  );

  it(
    'says nothing of a start that the controller lost before its node has reported',
    async () => {
      setNodes(cluster, 'drain');
      const root = tasksProject({ count: 2, body: UNTIL_GO, compute: WHOLE, launchYaml: SHORT_BOOKS });
      const detached = await autolabJson(root, ['launch', '--detach'], { env: cluster.env });
      expect(detached.json['outcome'], detached.stderr).toBe('submitted');
      const run = { root, runId: detached.json['run_id'] as string };
      const jobId = detached.json['job_id'] as string;
      slurm(cluster.env, ['scontrol', 'update', `jobid=${jobId}`, `admincomment=mark-${run.runId}`]);
      const state = await savedState(cluster, 'the release', (saved) => saved.includes(`mark-${run.runId}`));
      setNodes(cluster, 'resume');
      await until('both have begun', () => beganIn(root, run.runId).length === 2);

      const { node } = claimOf(run, 0);
      const number = cluster.nodes[0] === node ? 1 : 2;
      const other = cluster.nodes[number === 1 ? 1 : 0];
      await cluster.stopNode(number, { signal: 'SIGKILL' });
      await crash(cluster, { state });
      // The second starts are made on the other node.
      await freeNodes(cluster, [other]);
      for (const task of [0, 1]) await becomes(() => recorded(cluster, elementOf(run, task)), /^FAILED 98:0$/);
      expect(reportOf(cluster, node)).toBeNull();
      const paused = await autolabJson(root, ['resume'], { env: cluster.env });
      expect([paused.status, paused.json['code']], paused.stderr).toEqual([14, 'slurm.undetermined']);
      expect(paused.json['message']).toContain(`on ${node}`);
      expect(paused.json['hint']).toContain(`scontrol show node ${node}`);
      expect(hasClaim(root)).toBe(true);

      await cluster.startNode(number);
      expectEnded(run, await autolabJson(root, ['resume'], { env: cluster.env }), 10, 'tasks.unfinished');
      expect(beganIn(root, run.runId)).toEqual([0, 1]);
      // Slurm ends the first starts, and may let them leave a receipt of that.
      for (const state of statesIn(run)) expect(state).toMatch(/^(end_unknown tasks|failed slurm)\.end_unknown 1$/);
      expect([stateOf(root)['stage_attempt'], hasClaim(root)]).toEqual([0, false]);
    },
    SLOW_MS,
  );

  it(
    'gives the rest to workers that start a second time, and what they had in hand begins once',
    async () => {
      setNodes(cluster, 'drain');
      const root = tasksProject({
        ...{ count: 6, more: ['workers: 2'], compute: WHOLE, launchYaml: SHORT_BOOKS },
        body: `[ "$1" -gt 1 ] || ${UNTIL_GO}`,
      });
      const detached = await autolabJson(root, ['launch', '--detach'], { env: cluster.env });
      expect(detached.json['outcome'], detached.stderr).toBe('submitted');
      const run = { root, runId: detached.json['run_id'] as string };
      const jobId = detached.json['job_id'] as string;
      slurm(cluster.env, ['scontrol', 'update', `jobid=${jobId}`, `admincomment=mark-${run.runId}`]);
      const state = await savedState(cluster, 'the release', (saved) => saved.includes(`mark-${run.runId}`));
      setNodes(cluster, 'resume');
      await until('each worker has a task in hand', () => beganIn(root, run.runId).length === 2);
      await crash(cluster, { state });
      // Slurm takes a node out of service that has a start which it does not know: at once, or later.
      const ended = (): string => [2, 3, 4, 5].filter((task) => existsSync(receiptOf(run, `${task}.exit`))).join();
      await becomes(async () => {
        await freeNodes(cluster);
        return ended();
      }, /^2,3,4,5$/);

      let last = await autolabJson(root, ['resume'], { env: cluster.env });
      // Until Slurm says how the workers ended.
      for (let again = 0; last.status === 14 && again < 3; again += 1)
        last = await autolabJson(root, ['resume'], { env: cluster.env });
      expectEnded(run, last, 10, 'tasks.unfinished');
      expect(beganIn(root, run.runId)).toEqual([0, 1, 2, 3, 4, 5]);
      for (const state of statesIn(run).slice(0, 2))
        expect(state).toMatch(/^((end_unknown tasks|failed slurm)\.end_unknown|cancelled slurm\.cancelled) 1$/);
      expect(statesIn(run).slice(2)).toEqual(Array.from({ length: 4 }, () => 'completed null 1'));
      expect([stateOf(root)['stage_attempt'], hasClaim(root)]).toEqual([0, false]);
    },
    SLOW_MS,
  );
});
