import { readFileSync, rmSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { autolab, autolabJson, inRun, parseJson, startAutolab } from '../support/autolab.ts';
import { makeProject, startsOf, until } from '../support/project.ts';
import {
  begun,
  eventsOf,
  expectClosed,
  hasClaim,
  kill,
  letEnd,
  lives,
  pidIn,
  SLOW_MS,
  WAITING,
} from '../support/runs.ts';

vi.setConfig({ testTimeout: SLOW_MS });

/** What an entrypoint makes of the claim that its supervisor linked. */
const FORGERIES = [
  ['junk', 'printf junk > claim'],
  ['JSON of another shape', 'echo null > claim'],
  ['nothing', 'rm claim'],
  ['a folder', 'rm claim; mkdir claim'],
  ['a named pipe', 'rm claim; mkfifo claim'],
  ['nothing, like all the rest of the receipt', 'rm *'],
] as const;

const forging = (forgery: string): string => `(cd "$AUTOLAB_RUN_DIR/receipt" && { ${forgery}; })\n${WAITING}`;
/** The driver dies before it has written down who owns the run; the supervisor and the entrypoint go on. */
const UNSEEN = { AUTOLAB_CRASH_AT: 'journal.execute.run.started.before' };
/** The leader of the entrypoint's session is the supervisor's child. */
function supervisorBehind(entrypoint: number): number {
  const fields = (pid: number): readonly string[] =>
    (readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1] ?? '').split(' ');
  return Number(fields(Number(fields(entrypoint)[3]))[1]);
}

const GIVE_UP = ['cancel', '--force', '--by', 'ada', '--note', 'the claim is junk'];

const SIGNED = { status: 0, code: 'run.completed', stage: 'extract_results', attempt: 0 } as const;
const NO_SIGN = { status: 10, code: 'local.not_started', stage: 'launch', attempt: 1 } as const;

test.each(FORGERIES)(
  'a claim that the entrypoint made %s of: the journal knows who owns the run',
  async (_, forgery) => {
    const root = makeProject({ entrypoint: forging(forgery) });
    expect((await autolab(root, ['launch', '--detach'])).status).toBe(0);
    const runId = await begun(root);

    const status = await autolabJson(root, ['status']);
    expect([status.status, status.json['entrypoint']]).toEqual([0, 'running']);
    for (const words of [['runs'], ['logs'], ['manifest']]) expect((await autolab(root, words)).status).toBe(0);
    const waiting = await autolabJson(root, ['launch', '--wait-timeout', '1']);
    expect([waiting.status, waiting.json['code']]).toEqual([14, 'run.still_going']);

    letEnd(root, runId);
    const ended = await autolabJson(root, ['resume']);
    // Without the sign that the entrypoint began nobody can say that it did.
    const expected = forgery === 'rm *' ? NO_SIGN : SIGNED;
    expect([ended.status, ended.json['code']]).toEqual([expected.status, expected.code]);
    const { code, stage, attempt } = expected;
    expectClosed(root, { code, stage, attempt, starts: 1 }, forgery);
  },
);

test.each(FORGERIES)('a claim of %s, and no driver that saw another: the supervisor is found', async (_, forgery) => {
  const root = makeProject({ entrypoint: forging(forgery) });
  await autolab(root, ['launch'], { env: UNSEEN });
  const runId = await begun(root);
  expect(eventsOf(root, runId)).not.toContain('run.started');

  const waiting = await autolabJson(root, ['launch', '--detach']);
  expect([waiting.status, waiting.json['code']]).toEqual([0, 'run.submitted']);
  const cancelled = await autolabJson(root, ['cancel']);

  expect([cancelled.status, cancelled.json['code']]).toEqual([0, 'run.cancelled']);
  expectClosed(root, { code: 'run.cancelled', stage: 'launch', attempt: 0, starts: 1 }, forgery);
});

test('nobody knows who owns the run and its supervisor is dead: nothing is started, and giving it up ends the rest', async () => {
  const root = makeProject({ entrypoint: forging('echo junk | tee claim started.json order.json') });
  await autolab(root, ['launch'], { env: UNSEEN });
  const runId = await begun(root);
  const entrypoint = await pidIn(root, runId);
  kill(supervisorBehind(entrypoint));

  for (const words of [['launch'], ['resume'], ['cancel']]) {
    const asked = await autolabJson(root, words);
    expect([asked.status, asked.json['code']], words.join(' ')).toEqual([14, 'run.undetermined']);
    expect(asked.json['hint'], words.join(' ')).toContain('autolab cancel --force --by WHO --note WHY');
  }
  expect((await autolabJson(root, ['status'])).json['entrypoint']).toBe('unknown');
  const given = await autolabJson(root, GIVE_UP);
  expect([given.status, given.json['code'], given.json['status']]).toEqual([10, 'run.abandoned', 'failed']);
  expect(given.json['message']).toContain(`(${entrypoint})`);
  expect(lives(entrypoint)).toBe(false);
  expect([startsOf(root, runId), hasClaim(root)]).toEqual([1, false]);
});

test('the supervisor dies after its claim was forged: the run is lost, and what is left of it is ended', async () => {
  const root = makeProject({ entrypoint: `setsid sleep 300 &\n${forging('echo junk | tee claim order.json')}` });
  const driver = startAutolab(root, ['launch', '--json']);
  kill(supervisorBehind(await pidIn(root, await begun(root))));

  const ended = parseJson(await driver.ended);

  expect(ended['code']).toBe('local.lost');
  expectClosed(root, { code: 'local.lost', stage: 'launch', attempt: 0, starts: 1 }, 'forged, then lost');
});

test('a claim that is gone when the run has ended, and that no driver saw: the receipt counts', async () => {
  const root = makeProject({ entrypoint: WAITING });
  await autolab(root, ['launch'], { env: UNSEEN });
  const runId = await begun(root);
  letEnd(root, runId);
  const exit = inRun(root, 'iter1', runId, 'receipt/exit.json');
  await until('the receipt is written', () => {
    try {
      return readFileSync(exit, 'utf8') !== '';
    } catch {
      return false;
    }
  });
  rmSync(inRun(root, 'iter1', runId, 'receipt/claim'));

  const ended = await autolabJson(root, ['launch']);

  expect([ended.status, ended.json['code']]).toEqual([0, 'run.completed']);
  expect(startsOf(root, runId)).toBe(1);
});
