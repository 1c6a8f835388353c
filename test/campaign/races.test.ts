import { expect, test, vi } from 'vitest';
import { autolab, autolabJson, parseJson, startAutolab } from '../support/autolab.ts';
import { family, randomFrom, SEED, selected, size } from '../support/campaign.ts';
import { killedAt, placesOf } from '../support/crashes.ts';
import { edit, json, makeProject, read, startsOf, write } from '../support/project.ts';
import {
  begun,
  eachOf,
  expectClosed,
  hasClaim,
  historyOf,
  letEnd,
  SLOW_MS,
  stateOf,
  WAITING,
} from '../support/runs.ts';

/** Many hands at once on one project (R18, R20, X1). */

vi.setConfig({ testTimeout: 5 * SLOW_MS });

const COMPLETED = { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 };
const SHORT_RUN =
  'echo started >> "$AUTOLAB_RUN_DIR/marker"\nsleep 0.3\necho \'{"accuracy": 1}\' > "$AUTOLAB_RUN_DIR/metrics.json"\n';

const { count } = family('races');

const LAUNCHERS = size(50, 12);

test(`${LAUNCHERS} launchers at once: one run, one start`, async () => {
  const root = makeProject({ entrypoint: SHORT_RUN });
  const all = await Promise.all(Array.from({ length: LAUNCHERS }, async () => autolabJson(root, ['launch'])));
  const ends = all.map(({ status, json: result }) => `${String(status)} ${String(result['code'])}`);
  for (const end of ends) expect(['0 run.completed', '13 lease.held', '12 state.wrong_stage']).toContain(end);
  expect(ends.filter((end) => end === '0 run.completed').length).toBeGreaterThan(0);
  expectClosed(root, COMPLETED, 'many launchers');
  count('one start');
});

test('several launchers at once carry on with a run whose driver died', async () => {
  const places = await placesOf(makeProject(), ['launch']);
  const open = places.slice(0, places.indexOf('close.claim_cleared'));
  await eachOf(selected(open, 4), async (place) => {
    const root = makeProject();
    await killedAt(root, place, ['launch']);
    const all = await Promise.all(Array.from({ length: 4 }, async () => autolabJson(root, ['launch'])));
    const codes = all.map(({ json: result }) => String(result['code']));
    for (const code of codes) expect(['run.completed', 'lease.held', 'state.wrong_stage'], place).toContain(code);
    // Where all gave way to one another, or to one that was done, the next one finds what is left to do.
    await autolab(root, ['launch']);
    expectClosed(root, COMPLETED, place);
    count('one start');
  });
});

test('a cancel at any moment of a launch, its end included: completed or cancelled, and both tell the same', async () => {
  const random = randomFrom(SEED);
  const instants = Array.from({ length: size(60, 6) }, () => Math.round(random() * 1200));
  await eachOf(instants, async (instant) => {
    const what = `seed ${SEED}, cancelled after ${instant} ms`;
    const root = makeProject({ entrypoint: SHORT_RUN });
    const driver = startAutolab(root, ['launch', '--json']);
    await new Promise((resolve) => setTimeout(resolve, instant));
    const cancel = await autolabJson(root, ['cancel']);
    const launched = parseJson(await driver.ended);
    const codes = [cancel.json['code'], launched['code']];
    expect(['run.cancelled', 'run.completed', 'run.none_active'], `${what}: ${codes.join()}`).toContain(codes[0]);
    expect(['run.cancelled', 'run.completed'], `${what}: ${codes.join()}`).toContain(codes[1]);
    if (codes[0] !== 'run.none_active') expect(codes[0], what).toBe(codes[1]);
    if (stateOf(root)['last_run_id'] === '') {
      // It came between the claim and the first line of the journal: there is no run to tell of.
      expect([codes[1], hasClaim(root)], what).toEqual(['run.cancelled', false]);
      count('run.cancelled');
      return;
    }
    // It may have begun.
    const starts = startsOf(root, String(stateOf(root)['last_run_id']));
    const cancelled = { code: 'run.cancelled', stage: 'launch', attempt: 0, starts };
    expectClosed(root, codes[1] === 'run.completed' ? COMPLETED : cancelled, what);
    count(String(codes[1]));
  });
});

test('what people edit while a run goes on is there afterwards', async () => {
  const root = makeProject({ entrypoint: WAITING });
  write(
    root,
    '.autolab/todo_focus.json',
    json({ stage: 'launch', open_task_count: 1, focus_tasks: [{ task_id: 't1', stage: 'other', text: 'read' }] }),
  );
  const driver = startAutolab(root, ['launch', '--json']);
  const runId = await begun(root);
  edit(root, '.autolab/state.json', (text) => text.replace('{', '{\n  "mine": [1, 2],'));
  edit(root, '.autolab/backlog.yaml', (text) => `${text}# a remark\n`);
  expect((await autolab(root, ['todo', 'done', 't1'])).status).toBe(0);
  // Nobody decides while nothing is to be decided, and an open experiment is not re-opened: told, and nothing is changed.
  const review = await autolabJson(root, ['review', 'pass', '--by', 'ada', '--note', 'fine']);
  expect(review.json['code']).toBe('state.not_in_review');
  const reopened = await autolabJson(root, ['backlog', 'reopen', 'e1', '--by', 'ada', '--note', 'again']);
  expect(reopened.json['code']).toBe('backlog.not_closed');
  letEnd(root, runId);
  expect(parseJson(await driver.ended)['code']).toBe('run.completed');
  expectClosed(root, COMPLETED, 'edited meanwhile');
  expect(stateOf(root)['mine']).toEqual([1, 2]);
  expect(historyOf(root)).toHaveLength(1);
  expect(read(root, '.autolab/backlog.yaml')).toContain('# a remark');
  expect(JSON.parse(read(root, '.autolab/todo_focus.json'))).toMatchObject({ focus_tasks: [], open_task_count: 0 });
  count('kept');
});
