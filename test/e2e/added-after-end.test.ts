import { existsSync, statSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { autolab, autolabJson, inRun, type JsonEnded } from '../support/autolab.ts';
import { makeProject, runIds, until, write } from '../support/project.ts';
import { begun, hasClaim, manifestOf, SLOW_MS, stateOf } from '../support/runs.ts';

/** A required artifact is missing: what is put there by hand is no output of the run, and every way out works. */

vi.setConfig({ testTimeout: SLOW_MS });

const NOTHING = 'echo started >> "$AUTOLAB_RUN_DIR/marker"\necho kept > "$AUTOLAB_RUN_DIR/kept.txt"\n';

interface Missing {
  readonly root: string;
  readonly runId: string;
  readonly first: JsonEnded;
}

async function missing(): Promise<Missing> {
  const root = makeProject({ entrypoint: NOTHING });
  const first = await autolabJson(root, ['launch']);
  expect([first.status, first.json['code']], first.stderr).toEqual([10, 'artifacts.missing']);
  return { root, runId: runIds(root)[0] ?? '', first };
}

function addedTo(root: string, runId: string): unknown {
  return (manifestOf(root, runId)['artifacts'] as Record<string, unknown>)['added_after_end'];
}

test('an artifact that is copied in by hand is named on the screen, in the record and by the verifier', async () => {
  const { root, runId } = await missing();
  write(root, `experiments/iter1/runs/${runId}/metrics.json`, '{"accuracy": 1}\n');
  write(root, `experiments/iter1/runs/${runId}/kept.txt`, 'changed\n');

  const ended = await autolab(root, ['launch']);

  expect(ended.status, ended.stderr).toBe(0);
  const words = /appeared or changed after its end: kept\.txt \(changed\), metrics\.json \(added\)/;
  expect(ended.stderr).toMatch(words);
  const manifest = manifestOf(root, runId);
  expect(manifest['warnings']).toEqual([expect.stringMatching(words)]);
  expect(addedTo(root, runId)).toEqual([
    { path: 'kept.txt', change: 'changed', evidence: 'listing' },
    { path: 'metrics.json', change: 'added', evidence: 'listing' },
  ]);
  expect(manifest['verifiers']).toContainEqual(
    expect.objectContaining({
      name: 'required_artifacts',
      status: 'warn',
      message: '1 required artifact not written by the run: metrics.json.',
    }),
  );
  expect((await autolabJson(root, ['verify', runId])).status).toBe(0);
});

test('one attempt later it is named still', async () => {
  const { root, runId } = await missing();
  write(root, `experiments/iter1/runs/${runId}/other.txt`, '1\n');
  expect((await autolabJson(root, ['launch'])).json['code']).toBe('artifacts.missing');
  write(root, `experiments/iter1/runs/${runId}/metrics.json`, '{"accuracy": 1}\n');
  expect((await autolab(root, ['launch'])).status).toBe(0);
  expect(addedTo(root, runId)).toEqual([
    { path: 'metrics.json', change: 'added', evidence: 'listing' },
    { path: 'other.txt', change: 'added', evidence: 'listing' },
  ]);
});

test('before anybody listed the outputs, the time of the receipt tells', async () => {
  const root = makeProject({ entrypoint: NOTHING });
  await autolab(root, ['launch', '--detach']);
  const runId = await begun(root);
  const receipt = inRun(root, 'iter1', runId, 'receipt/exit.json');
  await until('the run ends', () => existsSync(receipt));
  await until('two seconds are over', () => Date.now() > statSync(receipt).ctimeMs + 2100);
  write(root, `experiments/iter1/runs/${runId}/metrics.json`, '{"accuracy": 1}\n');

  expect((await autolab(root, ['resume'])).status).toBe(0);

  expect(addedTo(root, runId)).toEqual([{ path: 'metrics.json', change: 'added or changed', evidence: 'time' }]);
});

test('a run that nobody touched has no such key', async () => {
  const root = makeProject();
  expect((await autolab(root, ['launch'])).status).toBe(0);
  const runId = runIds(root)[0] ?? '';
  expect([addedTo(root, runId), manifestOf(root, runId)['warnings']]).toEqual([undefined, []]);
});

test('the hint of a missing artifact names ways out, and each works', async () => {
  const cancelled = await missing();
  expect(cancelled.first.json['hint']).toContain('autolab cancel');
  expect((await autolabJson(cancelled.root, ['cancel'])).json['code']).toBe('run.cancelled');
  expect(hasClaim(cancelled.root)).toBe(false);
  expect((await autolabJson(cancelled.root, ['launch'])).json['run_id'], 'a new run').not.toBe(cancelled.runId);

  const { root, first } = await missing();
  expect(first.json['hint']).toContain('autolab review pass --by WHO --note TEXT');
  for (let used = 1; used < 3; used += 1) await autolabJson(root, ['resume']);
  expect(stateOf(root)['stage']).toBe('human_review');
  const accepted = await autolabJson(root, ['review', 'pass', '--by', 'ada', '--note', 'good enough']);
  expect([accepted.status, accepted.json['code']], accepted.stderr).toEqual([0, 'run.accepted']);
  expect([hasClaim(root), stateOf(root)['stage']]).toEqual([false, 'extract_results']);
});
