import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { autolab, autolabJson, inRun, parseJson, startAutolab } from '../support/autolab.ts';
import { commitAll, makeProject, runIds, startsOf, temporaryFolder, treeDigest, until } from '../support/project.ts';
import {
  begun,
  begunAndRecorded,
  eventsOf,
  expectClosed,
  hasClaim,
  kill,
  letEnd,
  lives,
  pidIn,
  SLOW_MS,
  stateOf,
  supervisorOf,
} from '../support/runs.ts';

/** What people do to the folder of a project while a run goes on: they move it, copy it, and clean it. */

vi.setConfig({ testTimeout: SLOW_MS });

/** By paths that go along when the folder is moved, as the working folder does. */
const MOVABLE = `run="experiments/iter1/runs/$AUTOLAB_RUN_ID"
echo $$ > "$run/pid"
echo "$AUTOLAB_SCRATCH" > "$run/scratch"
echo started >> "$run/marker"
until [ -e "$run/go" ]; do sleep 0.05; done
mkdir -p "$AUTOLAB_RUN_DIR/made_anew"
echo '{"accuracy": 1}' > "$run/metrics.json"
`;
const COMPLETED = { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 };
const GIVE_UP = ['cancel', '--force', '--by', 'ada', '--note', 'a copy to play with'];

function places(): { readonly root: string; readonly elsewhere: string } {
  const folder = temporaryFolder();
  const root = makeProject({ root: join(folder, 'project'), entrypoint: MOVABLE });
  return { root, elsewhere: join(folder, 'elsewhere') };
}

/** As `cp -a`. */
function copy(from: string, to: string): void {
  // A driver may be at work: what it writes before a rename may be gone when it is copied.
  cpSync(from, to, { recursive: true, preserveTimestamps: true, filter: (path) => !path.endsWith('.tmp') });
}

test('moved under a driver: that stops, the run goes on, and is finished in the new place', async () => {
  const { root, elsewhere } = places();
  const driver = startAutolab(root, ['launch', '--json']);
  const runId = await begunAndRecorded(root);
  await until('the start is written down', () => eventsOf(root, runId).includes('run.started'));
  renameSync(root, elsewhere);
  const stopped = await driver.ended;
  const told = parseJson(stopped);
  expect([stopped.status, told['code']], stopped.stderr).toEqual([13, 'project.moved']);
  expect(told['message']).toContain(root);
  expect(told['hint']).toContain('autolab resume');
  expect(lives(await pidIn(elsewhere, runId))).toBe(true);

  const resumed = startAutolab(elsewhere, ['resume', '--json']);
  await until('it is driven there', () => eventsOf(elsewhere, runId).includes('run.resumed'));
  letEnd(elsewhere, runId);
  const ended = await resumed.ended;
  expect([ended.status, parseJson(ended)['code']], ended.stderr).toEqual([0, 'run.completed']);
  expectClosed(elsewhere, COMPLETED, 'moved');
});

test('moved while nobody drives it: the end of the run is found in the new place', async () => {
  const { root, elsewhere } = places();
  await autolab(root, ['launch', '--detach']);
  const runId = await begunAndRecorded(root);
  const supervisor = await supervisorOf(root, runId);
  renameSync(root, elsewhere);
  letEnd(elsewhere, runId);
  await until('the supervisor has ended', () => !lives(supervisor));
  // The entrypoint knows its old folder only, and makes it again: that is no run.
  expect(existsSync(inRun(root, 'iter1', runId, 'made_anew'))).toBe(true);
  const ended = await autolabJson(elsewhere, ['launch']);
  expect([ended.status, ended.json['code']], ended.stderr).toEqual([0, 'run.completed']);
  expectClosed(elsewhere, COMPLETED, 'moved and ended');
});

test('a copy of a project with a living run does nothing to it; given up there, the run goes on', async () => {
  const { root, elsewhere } = places();
  const driver = startAutolab(root, ['launch', '--json']);
  const runId = await begunAndRecorded(root);
  await until('the start is written down', () => eventsOf(root, runId).includes('run.started'));
  copy(root, elsewhere);
  const before = treeDigest(elsewhere);
  for (const words of [['launch'], ['resume'], ['cancel'], ['launch', '--detach']]) {
    const refused = await autolabJson(elsewhere, words);
    expect([refused.status, refused.json['code']], words.join(' ')).toEqual([13, 'run.copied']);
    expect(refused.json['message']).toContain(root);
  }
  const status = await autolabJson(elsewhere, ['status']);
  expect([status.status, status.json['driver']]).toEqual([0, 'nobody']);
  expect(status.json['message']).toContain(`belongs to ${root}`);
  expect(treeDigest(elsewhere)).toBe(before);

  const given = await autolabJson(elsewhere, GIVE_UP);
  expect([given.status, given.json['code']], given.stderr).toEqual([10, 'run.abandoned']);
  expect([hasClaim(elsewhere), stateOf(elsewhere)['stage']]).toEqual([false, 'launch']);
  const scratch = readFileSync(inRun(root, 'iter1', runId, 'scratch'), 'utf8').trim();
  expect([lives(await pidIn(root, runId)), existsSync(scratch)]).toEqual([true, true]);

  // The copy is a project of its own now.
  const anew = startAutolab(elsewhere, ['launch', '--json']);
  await until('a second run begins', () => runIds(elsewhere).length === 2);
  const second = await begun(elsewhere);
  letEnd(elsewhere, second);
  expect(parseJson(await anew.ended)['code']).toBe('run.completed');
  expect([startsOf(elsewhere, second), startsOf(elsewhere, runId)]).toEqual([1, 1]);

  letEnd(root, runId);
  expect(parseJson(await driver.ended)['code']).toBe('run.completed');
  expectClosed(root, COMPLETED, 'copied');
});

/** A copy, however it came about, ends nothing and is told whose the run is; the original goes on and completes. */
async function expectCopy(copied: string, original: string, runId: string): Promise<void> {
  for (const words of [['cancel'], ['resume', '--detach']]) {
    const refused = await autolabJson(copied, words);
    expect([refused.status, refused.json['code']], `${words.join(' ')}: ${refused.stdout}`).toEqual([13, 'run.copied']);
    expect(refused.json['message']).toContain(original);
  }
  expect(lives(await pidIn(original, runId))).toBe(true);
  letEnd(original, runId);
  const ended = await autolabJson(original, ['resume']);
  expect([ended.status, ended.json['code']], ended.stdout).toEqual([0, 'run.completed']);
  expect(startsOf(original, runId)).toBe(1);
}

test('a copy is known as one also where the original was moved', async () => {
  const { root, elsewhere } = places();
  await autolab(root, ['launch', '--detach']);
  const runId = await begunAndRecorded(root);
  copy(root, `${root}-copy`);
  renameSync(root, elsewhere);
  await expectCopy(`${root}-copy`, elsewhere, runId);
});

test('a copy of a project that was moved and gone on with there is known as one', async () => {
  const { root, elsewhere } = places();
  await autolab(root, ['launch', '--detach']);
  const runId = await begunAndRecorded(root);
  renameSync(root, elsewhere);
  expect((await autolabJson(elsewhere, ['resume', '--detach'])).json['code']).toBe('run.submitted');
  copy(elsewhere, root);
  await expectCopy(root, elsewhere, runId);
});

test('a copy by hard links shares no line of the journal', async () => {
  const { root, elsewhere } = places();
  await autolab(root, ['launch', '--detach']);
  const runId = await begunAndRecorded(root);
  execFileSync('cp', ['-al', root, elsewhere]);
  const given = await autolabJson(elsewhere, GIVE_UP);
  expect([given.status, given.json['code']], given.stdout).toEqual([10, 'run.abandoned']);
  expect(eventsOf(root, runId)).not.toContain('run.closed');
  letEnd(root, runId);
  expect((await autolabJson(root, ['resume'])).json['code']).toBe('run.completed');
  expect(eventsOf(elsewhere, runId)).toContain('run.abandon');
});

test('moved, and a copy put in its place: whoever waits there is not told that the run was lost', async () => {
  const { root, elsewhere } = places();
  const driver = startAutolab(root, ['launch', '--json']);
  const runId = await begunAndRecorded(root);
  await until('the start is written down', () => eventsOf(root, runId).includes('run.started'));
  copy(root, `${root}-new`);
  renameSync(root, elsewhere);
  renameSync(`${root}-new`, root);
  const stopped = await driver.ended;
  expect(parseJson(stopped)['code'], stopped.stdout).toBe('project.moved');
  const supervisor = await supervisorOf(elsewhere, runId);
  letEnd(elsewhere, runId);
  await until('the supervisor has ended', () => !lives(supervisor));
  // Its outputs are in the folder that was moved; the run is not lost, and is not repeated.
  const waiting = await autolabJson(root, ['resume']);
  expect([waiting.status, waiting.json['code'], runIds(root)]).toEqual([10, 'artifacts.missing', [runId]]);
  cpSync(inRun(elsewhere, 'iter1', runId, 'metrics.json'), inRun(root, 'iter1', runId, 'metrics.json'));
  expect((await autolabJson(root, ['launch'])).json['code']).toBe('run.completed');
});

test('a copy of a run that is over is finished there as well, and takes nothing from the original', async () => {
  const { root, elsewhere } = places();
  await autolab(root, ['launch', '--detach']);
  const runId = await begunAndRecorded(root);
  const supervisor = await supervisorOf(root, runId);
  letEnd(root, runId);
  await until('the supervisor has ended', () => !lives(supervisor));
  copy(root, elsewhere);
  expect((await autolabJson(elsewhere, ['resume'])).json['code']).toBe('run.completed');
  const scratch = readFileSync(inRun(root, 'iter1', runId, 'scratch'), 'utf8').trim();
  expect(existsSync(scratch)).toBe(true);
  expect((await autolabJson(root, ['resume'])).json['code']).toBe('run.completed');
  expect(existsSync(scratch)).toBe(false);
  for (const each of [root, elsewhere]) expectClosed(each, COMPLETED, each);
});

test('a claim without a run goes on in the original, and not in a copy', async () => {
  const { root, elsewhere } = places();
  await autolab(root, ['launch'], { env: { AUTOLAB_CRASH_AT: 'claim.made' } });
  copy(root, elsewhere);
  const refused = await autolabJson(elsewhere, ['launch']);
  expect([refused.status, refused.json['code']], refused.stdout).toEqual([13, 'run.copied']);
  expect(refused.json['hint']).toContain('autolab cancel');
  expect((await autolab(elsewhere, ['cancel'])).status).toBe(0);
  expect(hasClaim(elsewhere)).toBe(false);
  const driver = startAutolab(root, ['launch', '--json']);
  letEnd(root, await begun(root));
  expect(parseJson(await driver.ended)['code']).toBe('run.completed');
});

test('a person decides nothing about the run of another project in its copy', async () => {
  const { root, elsewhere } = places();
  await autolab(root, ['launch', '--detach']);
  const runId = await begunAndRecorded(root);
  copy(root, elsewhere);
  const state = join(elsewhere, '.autolab/state.json');
  writeFileSync(state, readFileSync(state, 'utf8').replace('"stage": "launch"', '"stage": "human_review"'));
  const stopped = await autolabJson(elsewhere, ['review', 'stop', '--by', 'ada', '--note', 'n']);
  expect([stopped.status, stopped.json['code']], stopped.stdout).toEqual([13, 'run.copied']);
  letEnd(root, runId);
  expect((await autolabJson(root, ['resume'])).json['code']).toBe('run.completed');
});

test('a damaged journal of a project that was moved: its run is ended first', async () => {
  const { root, elsewhere } = places();
  await autolab(root, ['launch', '--detach']);
  const runId = await begunAndRecorded(root);
  renameSync(root, elsewhere);
  const journal = inRun(elsewhere, 'iter1', runId, 'journal.jsonl');
  writeFileSync(journal, readFileSync(journal, 'utf8').replace('step.intent', 'step.imtent'));
  const pid = await pidIn(elsewhere, runId);
  const given = await autolabJson(elsewhere, GIVE_UP);
  expect([given.status, given.json['code']], given.stdout).toEqual([10, 'run.abandoned']);
  expect(lives(pid)).toBe(false);
});

test('a damaged journal in a copy of a project: the run of the original is left alone', async () => {
  const { root, elsewhere } = places();
  await autolab(root, ['launch', '--detach']);
  const runId = await begunAndRecorded(root);
  copy(root, elsewhere);
  const journal = inRun(elsewhere, 'iter1', runId, 'journal.jsonl');
  writeFileSync(journal, readFileSync(journal, 'utf8').replace('step.intent', 'step.imtent'));
  expect((await autolabJson(elsewhere, GIVE_UP)).json['code']).toBe('run.abandoned');
  expect(lives(await pidIn(root, runId))).toBe(true);
});

test('a copy that was made before the run was started does not start it', async () => {
  const { root, elsewhere } = places();
  const killed = await autolab(root, ['launch'], { env: { AUTOLAB_CRASH_AT: 'execute.ordered' } });
  expect(killed.signal).toBe('SIGKILL');
  copy(root, elsewhere);
  const refused = await autolabJson(elsewhere, ['launch']);
  expect([refused.status, refused.json['code']]).toEqual([13, 'run.copied']);
  const [runId = ''] = runIds(elsewhere);
  expect(startsOf(elsewhere, runId)).toBe(0);

  const driver = startAutolab(root, ['launch', '--json']);
  letEnd(root, await begun(root));
  expect(parseJson(await driver.ended)['code']).toBe('run.completed');
  expectClosed(root, COMPLETED, 'copied early');
});

test('a copy whose original is gone is the project', async () => {
  const { root, elsewhere } = places();
  await autolab(root, ['launch', '--detach']);
  const runId = await begunAndRecorded(root);
  const [supervisor, entrypoint] = [await supervisorOf(root, runId), await pidIn(root, runId)];
  copy(root, elsewhere);
  kill(supervisor);
  kill(entrypoint);
  await until('nothing of it lives', () => !lives(supervisor) && !lives(entrypoint));
  rmSync(root, { recursive: true });
  const ended = await autolabJson(elsewhere, ['resume']);
  expect([ended.status, ended.json['code']]).toEqual([10, 'local.lost']);
});

function clean(root: string): void {
  // What is written into a folder while it is removed, by a supervisor or a driver, keeps the folder.
  const isClean = (): boolean => spawnSync('git', ['clean', '-fdx', '--quiet'], { cwd: root }).status === 0;
  let tries = 50;
  while (!isClean() && tries > 0) tries -= 1;
  expect(tries).toBeGreaterThan(0);
  execFileSync('git', ['checkout', '--quiet', '.'], { cwd: root });
}

async function expectAlive(root: string, runId: string, supervisor: number): Promise<void> {
  for (const words of [['launch'], ['launch', '--dry-run'], ['resume']]) {
    const refused = await autolabJson(root, words);
    expect([refused.status, refused.json['code']], words.join(' ')).toEqual([13, 'run.other_active']);
    expect(refused.json['message']).toContain(
      `${runId} is alive, and its record was removed: its supervisor is process ${supervisor} here`,
    );
    expect(refused.json['hint']).toContain('autolab cancel --force');
  }
  const status = await autolabJson(root, ['status']);
  expect([status.status, status.json['code']]).toEqual([0, 'run.none_active']);
  expect(status.json['message']).toContain(`${runId} is alive`);
}

test('cleaned by git while nobody drives it: no second run beside the one that lives', async () => {
  const { root } = places();
  commitAll(root);
  await autolab(root, ['launch', '--detach']);
  const runId = await begunAndRecorded(root);
  const [supervisor, entrypoint] = [await supervisorOf(root, runId), await pidIn(root, runId)];
  clean(root);
  expect(runIds(root)).toEqual([]);
  await expectAlive(root, runId, supervisor);
  kill(supervisor, 'SIGTERM');
  await until('nothing of it lives', () => !lives(supervisor) && !lives(entrypoint));
  const next = startAutolab(root, ['launch', '--json']);
  letEnd(root, await begun(root));
  expect(parseJson(await next.ended)['code']).toBe('run.completed');
});

test.each([
  [
    'called by a link',
    (root: string, elsewhere: string) => {
      symlinkSync(root, elsewhere);
    },
    false,
  ],
  ['moved since', () => undefined, true],
] as const)('cleaned by git, and %s: the run is found all the same', async (_what, link, moves) => {
  const { root, elsewhere } = places();
  commitAll(root);
  link(root, elsewhere);
  await autolab(root, ['-C', moves ? root : elsewhere, 'launch', '--detach']);
  const runId = await begunAndRecorded(root);
  const supervisor = await supervisorOf(root, runId);
  if (moves) renameSync(root, elsewhere);
  const today = moves ? elsewhere : root;
  clean(today);
  await expectAlive(today, runId, supervisor);
  kill(supervisor, 'SIGTERM');
  await until('it has ended', () => !lives(supervisor));
});

test('cleaned by git under a driver: that says so, and what to do', async () => {
  const { root } = places();
  commitAll(root);
  const driver = startAutolab(root, ['launch', '--json']);
  const runId = await begunAndRecorded(root);
  await until('the start is written down', () => eventsOf(root, runId).includes('run.started'));
  const supervisor = await supervisorOf(root, runId);
  clean(root);
  const stopped = await driver.ended;
  expect([stopped.status, parseJson(stopped)['code']], stopped.stdout).toEqual([13, 'project.moved']);
  expect(parseJson(stopped)['message']).toContain('cleared');
  kill(supervisor, 'SIGTERM');
  await until('it has ended', () => !lives(supervisor));
});

test('a new project in the place of one that was moved is not kept from launching', async () => {
  const { root, elsewhere } = places();
  await autolab(root, ['launch', '--detach']);
  const runId = await begunAndRecorded(root);
  renameSync(root, elsewhere);
  makeProject({ root });
  expect((await autolabJson(root, ['launch'])).json['code']).toBe('run.completed');
  letEnd(elsewhere, runId);
  expect((await autolabJson(elsewhere, ['resume'])).json['code']).toBe('run.completed');
});
