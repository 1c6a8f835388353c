import { expect, test, vi } from 'vitest';
import { autolab, autolabJson, parseJson, startAutolab } from '../support/autolab.ts';
import { edit, json, makeProject, read, readJson, write } from '../support/project.ts';
import {
  begun,
  eventsOf,
  hasClaim,
  historyOf,
  letEnd,
  manifestOf,
  SLOW_MS,
  stateOf,
  WAITING,
} from '../support/runs.ts';

vi.setConfig({ testTimeout: SLOW_MS });

const STATE = '.autolab/state.json';

/** Runs a launch and lets somebody edit state.json while the entrypoint is at work. */
async function editedDuringRun(
  change: (text: string) => string,
): Promise<{ root: string; runId: string; status: number | null; result: Record<string, any>; left: string }> {
  const root = makeProject({ entrypoint: WAITING });
  const driver = startAutolab(root, ['launch', '--json']);
  const runId = await begun(root);
  edit(root, STATE, change);
  const left = read(root, STATE);
  letEnd(root, runId);
  const ended = await driver.ended;
  return { root, runId, status: ended.status, result: parseJson(ended), left };
}

test('a state that somebody moved during the run is left alone, and the change that was meant is printed', async () => {
  const changes: readonly ((text: string) => string)[] = [
    (text) => text.replace('"stage": "launch"', '"stage": "design"'),
    (text) => text.replace('"stage_attempt": 0', '"stage_attempt": 2'),
    (text) => text.replace('"iteration_id": "iter1"', '"iteration_id": "iter2"'),
  ];
  await Promise.all(
    changes.map(async (change) => {
      const { root, runId, status, result, left } = await editedDuringRun(change);
      expect([status, result['outcome'], result['code']]).toEqual([13, 'conflict', 'state.changed']);
      expect(result['message']).toContain('run.completed');
      expect(result['hint']).toContain(`stage extract_results, stage_attempt 0, last_run_id ${runId}`);
      expect(read(root, STATE)).toBe(left);
      // The run itself is closed all the same: what it came to does not depend on the state.
      expect([manifestOf(root, runId)['code'], eventsOf(root, runId).at(-1), hasClaim(root)]).toEqual([
        'run.completed',
        'run.closed',
        false,
      ]);
      expect((await autolab(root, ['manifest', runId, '--check'])).status).toBe(0);
    }),
  );
});

test('a state that cannot be read at the end is left alone too', async () => {
  const { root, status, result, left } = await editedDuringRun(() => '{"iteration_id": ');
  expect([status, result['code']]).toEqual([13, 'state.changed']);
  expect(result['message']).toContain('cannot be read');
  expect(read(root, STATE)).toBe(left);
});

test('keys that autolab does not know, edited during the run, are kept as they are now', async () => {
  const { root, status } = await editedDuringRun((text) => {
    const state = JSON.parse(text) as Record<string, unknown>;
    return json({
      ...state,
      mood: 'good',
      nested: { deep: [1, { two: 2 }] },
      max_total_iterations: 9,
      max_stage_attempts: 4,
    });
  });
  expect(status).toBe(0);
  expect(stateOf(root)).toMatchObject({
    stage: 'extract_results',
    mood: 'good',
    nested: { deep: [1, { two: 2 }] },
    max_total_iterations: 9,
    max_stage_attempts: 4,
  });
});

test('numbers that a double cannot hold and entries of the history survive every write', async () => {
  const root = makeProject({ entrypoint: 'exit 1\n' });
  edit(root, STATE, (text) =>
    text.replace(
      '"history": []',
      '"big": 12345678901234567890,\n  "history": [{"by": "ada", "big": 0.10000000000000000001}]',
    ),
  );
  expect((await autolab(root, ['launch'])).status).toBe(10);
  expect((await autolab(root, ['launch'])).status).toBe(10);
  expect(read(root, STATE)).toContain('12345678901234567890');
  expect(read(root, STATE)).toContain('0.10000000000000000001');
  expect(historyOf(root)).toEqual([undefined, 'local.failed', 'local.failed']);
  expect(stateOf(root)['stage_attempt']).toBe(2);
});

test('a state in the layout of another program keeps it: only what changes, changes', async () => {
  const root = makeProject();
  const { stage, history, ...others } = readJson(root, STATE);
  expect([stage, history]).toEqual(['launch', []]);
  const theirs = `${JSON.stringify({ zeta: 1, stage, history: [{ by: 'ada' }], ...others }, null, '\t')}\r\n`;
  write(root, STATE, theirs.replaceAll('\n', '\r\n').replaceAll('\r\r', '\r'));
  const before = read(root, STATE).split('\r\n');

  expect((await autolab(root, ['launch', '--run-id', 'r1'])).status).toBe(0);

  const after = read(root, STATE).split('\r\n');
  const kept = before.filter((line) => after.includes(line));
  const changed = before.filter((line) => !after.includes(line)).map((line) => line.trim().split(':')[0]);
  expect(changed.sort()).toEqual(['"last_run_id"', '"stage"', '"sync_status"']);
  expect(after.filter((line) => kept.includes(line))).toEqual(expect.arrayContaining(kept));
  expect(Object.keys(stateOf(root)).slice(0, 3)).toEqual(['zeta', 'stage', 'history']);
  expect(stateOf(root)['history']).toEqual([{ by: 'ada' }, expect.objectContaining({ run_id: 'r1' })]);
});

test('a state moved while a run waits for another try: resume refuses until it is set back', async () => {
  const root = makeProject({ entrypoint: WAITING });
  expect((await autolab(root, ['launch', '--detach'])).status).toBe(0);
  const runId = await begun(root);
  const before = readJson(root, STATE);
  write(root, STATE, json({ ...before, stage: 'design' }));
  for (const words of [['launch'], ['resume']]) {
    const moved = await autolabJson(root, words);
    expect([moved.status, moved.json['code'], moved.json['run_id']]).toEqual([12, 'state.wrong_stage', runId]);
  }
  write(root, STATE, json({ ...before, iteration_id: 'iter2' }));
  edit(
    root,
    '.autolab/backlog.yaml',
    (text) => `${text}  - {id: e2, hypothesis_id: h1, status: open, iteration_id: iter2, type: study}\n`,
  );
  edit(root, STATE, (text) => text.replace('"e1"', '"e2"'));
  const elsewhere = await autolabJson(root, ['resume']);
  expect([elsewhere.status, elsewhere.json['code']]).toEqual([13, 'state.changed']);
  expect(elsewhere.json['hint']).toContain('iter1');
  write(root, STATE, json(before));
  letEnd(root, runId);
  expect((await autolabJson(root, ['resume'])).json['code']).toBe('run.completed');
});
