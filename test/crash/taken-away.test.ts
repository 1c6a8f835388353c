import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { manifestSchema } from '../../src/records/manifest-schema.ts';
import { autolab, autolabJson, inRun } from '../support/autolab.ts';
import { makeProject, read, temporaryFolder, until } from '../support/project.ts';
import { begun, eachOf, letEnd, lives, manifestOf, pidIn, SLOW_MS, supervisorOf, WAITING } from '../support/runs.ts';
import {
  AFTER_END,
  endByHints,
  type LossEnvironment,
  LOSSES,
  type LossName,
  type OpenRun,
  writtenDigest,
} from '../support/taken-away.ts';

/** Everything that an open local run stands on is taken away, one by one: documented commands end the run all the same. */

vi.setConfig({ testTimeout: 5 * SLOW_MS });

interface Begun extends OpenRun {
  readonly entrypoint: number;
  readonly supervisor: number;
}

const STARTS = '.autolab/starts';

/** A run that nobody drives. */
async function openRun(): Promise<Begun> {
  const entrypoint = `echo started >> "$AUTOLAB_REPO_ROOT/${STARTS}"\n${WAITING}`;
  const root = makeProject({ entrypoint, git: true });
  const TMPDIR = temporaryFolder();
  await autolab(root, ['launch', '--detach'], { env: { TMPDIR } });
  const runId = await begun(root);
  const [scratch = ''] = readdirSync(TMPDIR);
  return {
    root,
    runId,
    scratch: join(TMPDIR, scratch),
    entrypoint: await pidIn(root, runId),
    supervisor: await supervisorOf(root, runId),
  };
}

/** What calls that do not end the run may answer: no bug, and 12 only where nothing was written. */
async function expectHonest(root: string, env: LossEnvironment, what: string): Promise<void> {
  for (const words of [['status'], ['launch', '--detach']]) {
    const before = writtenDigest(root);
    const { status, json } = await autolabJson(root, words, { env });
    const called = `${what}, ${words[0] ?? ''}: ${JSON.stringify(json)}`;
    expect(json['message'], called).not.toMatch(/a copy/);
    expect(status, called).not.toBe(1);
    if (status === 12) expect(writtenDigest(root), `${called}: written`).toBe(before);
  }
}

async function expectEnded(run: Begun, env: LossEnvironment, what: string): Promise<void> {
  const { root, runId } = run;
  const calls = await endByHints(run, env);
  const told = `${what}: ${JSON.stringify(calls, null, 1)}`;
  expect(JSON.stringify(calls), told).not.toMatch(/a copy|autolab has a bug/);
  const { json } = await autolabJson(root, ['launch', '--dry-run'], { env });
  expect(json['code'], told).not.toMatch(/^(journal|lease|run\.(other|copied|und))/);
  expect([lives(run.entrypoint), lives(run.supervisor)], `alive: ${told}`).toEqual([false, false]);
  expect(read(root, STARTS), `starts: ${told}`).toBe('started\n');
  if (existsSync(inRun(root, 'iter1', runId, 'run_manifest.json'))) manifestSchema.parse(manifestOf(root, runId));
}

test('of a run that is alive', async () => {
  await eachOf(Object.keys(LOSSES) as LossName[], async (name) => {
    const run = await openRun();
    const env = LOSSES[name](run) ?? {};
    await expectHonest(run.root, env, name);
    await expectEnded(run, env, name);
  });
});

test('of a run that has ended, and that nobody has finished', async () => {
  await eachOf(AFTER_END, async (name) => {
    const run = await openRun();
    letEnd(run.root, run.runId);
    await until('the run ends', () => !lives(run.supervisor));
    const env = LOSSES[name](run) ?? {};
    await expectHonest(run.root, env, name);
    await expectEnded(run, env, name);
  });
});
