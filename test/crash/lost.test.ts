import { existsSync, readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { autolab, autolabJson, inRun, parseJson, startAutolab } from '../support/autolab.ts';
import { makeProject, runIds, temporaryFolder, until } from '../support/project.ts';
import {
  begun,
  eventsOf,
  expectClosed,
  hasClaim,
  kill,
  letEnd,
  lives,
  manifestOf,
  pidIn,
  processesOf,
  SLOW_MS,
  stateOf,
  supervisorOf,
  WAITING,
} from '../support/runs.ts';

vi.setConfig({ testTimeout: SLOW_MS });

const LOST = { code: 'local.lost', stage: 'launch', attempt: 0, starts: 1 };
/** Leaves a child in a session of its own behind. */
const WITH_CHILD = `setsid bash -c 'echo $$ > "$AUTOLAB_RUN_DIR/child"; exec sleep 300' &\n${WAITING}`;

test('driver and supervisor killed while the entrypoint lives: it is ended, and the run is lost', async () => {
  const root = makeProject({ entrypoint: WITH_CHILD });
  const driver = startAutolab(root, ['launch']);
  const runId = await begun(root);
  const [supervisor, entrypoint, child] = [
    await supervisorOf(root, runId),
    await pidIn(root, runId),
    await pidIn(root, runId, 'child'),
  ];
  const started = inRun(root, 'iter1', runId, 'receipt/started.json');
  await until('the supervisor has recorded the start', () => existsSync(started));
  driver.child.kill('SIGKILL');
  kill(supervisor);
  await driver.ended;
  await until('the supervisor is dead', () => !lives(supervisor));
  expect([lives(entrypoint), lives(child)]).toEqual([true, true]);
  const status = await autolabJson(root, ['status']);
  expect([status.status, status.json['entrypoint'], status.json['driver']]).toEqual([0, 'lost', 'nobody']);

  const again = await autolabJson(root, ['launch']);
  expect([again.status, again.json['code'], again.json['outcome']]).toEqual([10, 'local.lost', 'needs_retry']);
  expect([lives(entrypoint), lives(child)]).toEqual([false, false]);
  expectClosed(root, LOST, 'lost');
  const { local } = manifestOf(root, runId);
  expect(local.evidence.join('\n')).toContain(`the entrypoint was process ${entrypoint}`);
  expect(local.leftovers_ended.join('\n')).toContain(`(${child})`);

  // The next launch is a new run.
  const next = startAutolab(root, ['launch', '--json']);
  await until('a second run begins', () => runIds(root).length === 2);
  letEnd(root, await begun(root));
  expect(parseJson(await next.ended)['code']).toBe('run.completed');
});

test('what a lost run left is found by its environment, also in a folder with letters that are not ASCII', async () => {
  const root = join(temporaryFolder(), 'größe');
  makeProject({ root, entrypoint: WITH_CHILD });
  await autolab(root, ['launch', '--detach']);
  const runId = await begun(root);
  const [supervisor, child] = [await supervisorOf(root, runId), await pidIn(root, runId, 'child')];
  kill(supervisor);
  await until('the supervisor is dead', () => !lives(supervisor));
  kill(await pidIn(root, runId));
  expect((await autolabJson(root, ['launch'])).json['code']).toBe('local.lost');
  expect(lives(child)).toBe(false);
});

test('the supervisor alone killed: the driver that waits ends the entrypoint and the run at once', async () => {
  const root = makeProject({ entrypoint: WITH_CHILD });
  const driver = startAutolab(root, ['launch', '--json']);
  const runId = await begun(root);
  const child = await pidIn(root, runId, 'child');
  kill(await supervisorOf(root, runId));
  const ended = await driver.ended;
  expect([ended.status, parseJson(ended)['code']]).toEqual([10, 'local.lost']);
  expect(lives(child)).toBe(false);
  expectClosed(root, LOST, 'lost');
});

test('a machine that was started anew has lost its run, even where a pid lives again', async () => {
  const root = makeProject({ entrypoint: WAITING });
  const driver = startAutolab(root, ['launch'], { env: { AUTOLAB_TEST_BOOT_ID: 'first' } });
  const runId = await begun(root);
  const supervisor = await supervisorOf(root, runId);
  driver.child.kill('SIGKILL');
  await driver.ended;
  // The supervisor goes on: under another boot its pid is a stranger's, and the run is lost all the same.
  const same = await autolabJson(root, ['status'], { env: { AUTOLAB_TEST_BOOT_ID: 'first' } });
  expect(same.json['entrypoint']).toBe('running');
  const again = await autolabJson(root, ['resume'], { env: { AUTOLAB_TEST_BOOT_ID: 'second' } });
  expect([again.status, again.json['code']]).toEqual([10, 'local.lost']);
  expect(again.json['message']).toContain('machine was restarted');
  expect(manifestOf(root, runId)['local'].evidence.join('\n')).toContain('boot id was first and is second');
  await until('nothing of the run lives', () => processesOf(runId).length === 0 && !lives(supervisor));
  expectClosed(root, LOST, 'rebooted');
});

test('a receipt that was written before the machine went down still counts', async () => {
  const root = makeProject({ entrypoint: WAITING });
  await autolab(root, ['launch', '--detach'], { env: { AUTOLAB_TEST_BOOT_ID: 'first' } });
  const runId = await begun(root);
  const supervisor = await supervisorOf(root, runId);
  letEnd(root, runId);
  await until('the supervisor has ended', () => !lives(supervisor));
  const again = await autolabJson(root, ['resume'], { env: { AUTOLAB_TEST_BOOT_ID: 'second' } });
  expect([again.status, again.json['code']]).toEqual([0, 'run.completed']);
});

test('so does that the entrypoint began, if the power took the sign that the script left of it', async () => {
  const root = makeProject({ entrypoint: WAITING });
  await autolab(root, ['launch', '--detach'], { env: { AUTOLAB_TEST_BOOT_ID: 'first' } });
  const runId = await begun(root);
  const supervisor = await supervisorOf(root, runId);
  letEnd(root, runId);
  await until('the supervisor has ended', () => !lives(supervisor));
  rmSync(inRun(root, 'iter1', runId, 'receipt/entrypoint.json'));
  const again = await autolabJson(root, ['resume'], { env: { AUTOLAB_TEST_BOOT_ID: 'second' } });
  expect([again.status, again.json['code']], again.stdout).toEqual([0, 'run.completed']);
});

const ALPHA = { AUTOLAB_TEST_HOST: 'alpha', AUTOLAB_TEST_BOOT_ID: 'a', AUTOLAB_TEST_MACHINE_ID: 'a' };
const BETA = { AUTOLAB_TEST_HOST: 'beta', AUTOLAB_TEST_BOOT_ID: 'b', AUTOLAB_TEST_MACHINE_ID: 'b' };

/** As after five minutes without a heartbeat. */
function ageLease(root: string): void {
  const folder = join(root, '.autolab');
  const lock =
    readdirSync(folder)
      .filter((name) => name.startsWith('driver.lock.'))
      .at(-1) ?? '';
  const past = new Date(Date.now() - 300_000);
  utimesSync(join(folder, lock), past, past);
}

test('another host cannot tell whether the driver lives: it asks for unlock, and then for a person', async () => {
  const root = makeProject({ entrypoint: WAITING });
  const driver = startAutolab(root, ['launch'], { env: ALPHA });
  const runId = await begun(root);
  for (const words of [['launch'], ['resume']]) {
    const held = await autolabJson(root, words, { env: BETA });
    expect([held.status, held.json['code']], words.join(' ')).toEqual([13, 'lease.other_host']);
    expect(held.json['message']).toMatch(/process \d+ on alpha.*heartbeat is \d+ s old/);
    expect(held.json['hint']).toContain(`autolab unlock --run ${runId}`);
  }
  const fresh = await autolabJson(root, ['unlock', '--run', runId], { env: BETA });
  expect([fresh.status, fresh.json['code']]).toEqual([13, 'lease.fresh']);
  const wrong = await autolabJson(root, ['unlock', '--run', 'r9'], { env: BETA });
  expect([wrong.status, wrong.json['code']]).toEqual([12, 'run.not_found']);
  const alive = await autolabJson(root, ['unlock', '--run', runId], { env: ALPHA });
  expect([alive.status, alive.json['code']]).toEqual([13, 'lease.held']);
  driver.child.kill('SIGKILL');
  await driver.ended;

  ageLease(root);
  const stale = await autolabJson(root, ['cancel'], { env: BETA });
  expect([stale.status, stale.json['code']]).toEqual([13, 'lease.other_host']);
  const unlocked = await autolabJson(root, ['unlock', '--run', runId], { env: BETA });
  expect([unlocked.status, unlocked.json['code']]).toEqual([0, 'ok']);

  for (const words of [['resume'], ['launch'], ['cancel']]) {
    const asked = await autolabJson(root, words, { env: BETA });
    expect([asked.status, asked.json['code']], words.join(' ')).toEqual([14, 'run.undetermined']);
  }
  const refused = await autolabJson(root, ['cancel', '--force', '--by', 'ada', '--note', 'n'], { env: ALPHA });
  expect([refused.status, refused.json['code']]).toEqual([12, 'run.not_abandonable']);
  const given = await autolabJson(root, ['cancel', '--force', '--by', 'ada', '--note', 'alpha was scrapped'], {
    env: BETA,
  });
  expect([given.status, given.json['code'], given.json['status']]).toEqual([10, 'run.abandoned', 'failed']);
  expect(given.json['message']).toMatch(/ada.*alpha was scrapped.*supervisor \d+ on alpha/);
  expect([stateOf(root)['stage'], stateOf(root)['stage_attempt'], hasClaim(root)]).toEqual(['launch', 0, false]);
  expect(eventsOf(root, runId).filter((event) => event === 'run.closed')).toHaveLength(1);
  letEnd(root, runId);
  await until('the run that was given up ends by itself', () => processesOf(runId).length === 0);
});

test('a driver that was taken over stops without another line', async () => {
  const root = makeProject({ entrypoint: WAITING });
  const driver = startAutolab(root, ['launch', '--json'], { env: ALPHA });
  const runId = await begun(root);
  await until('the start is written down', () => eventsOf(root, runId).includes('run.started'));
  // Its heart beats every five seconds: the look of an old one does not last, so it is tried until it is believed.
  let unlocked = 13;
  for (let tries = 0; unlocked !== 0 && tries < 50; tries += 1) {
    ageLease(root);
    unlocked = (await autolab(root, ['unlock', '--run', runId], { env: BETA })).status ?? 1;
  }
  expect(unlocked).toBe(0);
  const before = readFileSync(inRun(root, 'iter1', runId, 'journal.jsonl'), 'utf8');
  const ended = await driver.ended;
  expect([ended.status, parseJson(ended)['code']]).toEqual([13, 'lease.lost']);
  expect(readFileSync(inRun(root, 'iter1', runId, 'journal.jsonl'), 'utf8')).toBe(before);
  letEnd(root, runId);
  const again = await autolabJson(root, ['resume'], { env: ALPHA });
  expect([again.status, again.json['code']]).toEqual([0, 'run.completed']);
  expectClosed(root, { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 }, 'taken over');
});
