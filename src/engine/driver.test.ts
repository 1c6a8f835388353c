import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { OPENED } from '../../test/support/finished-run.ts';
import type { Code } from '../errors/catalog.ts';
import { makeFolder, writeFileAtomic } from '../platform/files.ts';
import { runPaths } from '../records/paths.ts';
import type { RunContext } from '../run/context.ts';
import { DriverControl } from '../run/control.ts';
import { takeLease } from '../run/lease.ts';
import { openRun } from '../run/session.ts';
import { repeatable, type Step, type StepEnd } from '../run/step.ts';
import { drive } from './driver.ts';

/** The engine on steps that do nothing: no process is started. */

const roots: string[] = [];
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true });
});

function project(): string {
  const root = mkdtempSync(join(tmpdir(), 'autolab-engine-'));
  roots.push(root);
  makeFolder(join(root, '.autolab'));
  writeFileAtomic(
    join(root, '.autolab', 'state.json'),
    JSON.stringify({
      iteration_id: 'iter1',
      experiment_id: 'e1',
      stage: 'launch',
      stage_attempt: 0,
      max_stage_attempts: 3,
    }),
  );
  return root;
}

/** One driver of the run, from its journal; the first one opens it. */
function driver(root: string): RunContext & { readonly control: DriverControl; readonly done: () => void } {
  const taken = takeLease(root, 'a test');
  if (!taken.ok) throw new Error('the lease is held');
  const control = new DriverControl();
  const env = { root, control, command: 'a test', emit: () => undefined };
  const opened = openRun(env, taken.lease, runPaths(root, 'iter1', 'r1'), { detach: false, waitTimeoutMs: null });
  if (!opened.ok) throw new Error(opened.failure.message);
  if (opened.value.journal.entries.length === 0) opened.value.journal.append('claim', 'run.opened', OPENED);
  return { ...opened.value, control, done: taken.lease.release };
}

async function driven(
  root: string,
  steps: readonly Step[],
  before?: (control: DriverControl) => void,
): Promise<unknown> {
  const ctx = driver(root);
  try {
    before?.(ctx.control);
    return await drive(ctx, steps);
  } finally {
    ctx.done();
  }
}

/** The journal, a line an entry: step, event and what came of it. */
function story(root: string): readonly string[] {
  const text = readFileSync(runPaths(root, 'iter1', 'r1').journal, 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => JSON.parse(line) as { step: string; event: string; data: { status?: string; code?: string | null } })
    .map(({ step, event, data }) => [step, event, data.status ?? data.code].filter((word) => word).join(' '));
}

const DONE: StepEnd = { kind: 'done' };
const failed = (code: Code, retryable: boolean): StepEnd => ({ kind: 'failed', code, retryable, message: 'No.' });

/** A step that gives these ends, one a call. */
function step(
  name: string,
  ends: readonly StepEnd[] = [DONE],
  parts: Partial<Step> = {},
): Step & { calls: () => number } {
  let calls = 0;
  const run = (): Promise<StepEnd> => {
    calls += 1;
    return Promise.resolve(ends[Math.min(calls, ends.length) - 1] ?? DONE);
  };
  return { ...repeatable({ name, skip: () => null, intent: () => ({}), run }), ...parts, calls: () => calls };
}

describe('a run', () => {
  it('is each step in its order, written down before and after, and then the close', async () => {
    const root = project();

    const end = await driven(root, [step('record-code'), step('execute')]);

    expect(end).toEqual({ kind: 'closed', stateInstead: null });
    expect(story(root)).toEqual([
      'record-code step.intent',
      'record-code step.outcome done',
      'execute step.intent',
      'execute step.outcome done',
      'close run.closed completed',
    ]);
    expect(JSON.parse(readFileSync(join(root, '.autolab/state.json'), 'utf8'))).toMatchObject({ last_run_id: 'r1' });
  });

  it('notes why a step does not apply, without an intent', async () => {
    const root = project();
    const skipped = step('sync_to_remote', [DONE], { skip: () => 'it stays here' });

    await driven(root, [skipped, step('execute')]);

    expect(story(root)[0]).toBe('sync_to_remote step.outcome skipped');
    expect(skipped.calls()).toBe(0);
  });
});

describe('a driver that comes later', () => {
  it('repeats no step that has an outcome, and reconciles the one that has none', async () => {
    const root = project();
    const first = step('record-code');
    const dies = step('execute', [], { run: () => Promise.reject(new Error('killed')) });
    await expect(driven(root, [first, dies])).rejects.toThrow('killed');
    const reconciled: string[] = [];
    const later = step('execute', [], {
      reconcile: () => {
        reconciled.push('execute');
        return Promise.resolve(DONE);
      },
    });

    await driven(root, [first, later]);

    expect([first.calls(), later.calls(), reconciled]).toEqual([1, 0, ['execute']]);
    expect(story(root).filter((line) => line === 'execute step.intent')).toHaveLength(1);
  });

  it('finds a run open that was left at a step which waits', async () => {
    const root = project();
    const waits = step('execute', [{ kind: 'paused', code: 'run.submitted', message: 'It is running.' }, DONE]);

    expect(await driven(root, [waits])).toMatchObject({ kind: 'open', code: 'run.submitted', stateInstead: null });
    expect(await driven(root, [waits])).toMatchObject({ kind: 'closed' });
    expect(story(root)).toEqual(['execute step.intent', 'execute step.outcome done', 'close run.closed completed']);
  });
});

describe('a step that fails', () => {
  it('for good ends the run: what it left is kept, and nothing comes after', async () => {
    const root = project();
    const after = step('collect');

    expect(await driven(root, [step('execute', [failed('local.failed', false)]), after])).toMatchObject({
      kind: 'closed',
    });

    expect(after.calls()).toBe(0);
    expect(story(root)).toEqual([
      'execute step.intent',
      'execute step.outcome failed',
      'salvage step.intent',
      'salvage step.outcome done',
      'close run.closed failed',
    ]);
  });

  it('for now leaves the run open, costs an attempt, and is tried again from where it says', async () => {
    const root = project();
    const execute = step('execute');
    const gather = step('collect_to_remote');
    const bring = step('collect', [failed('sync.failed', true), DONE], { retryFrom: 'collect_to_remote' });

    expect(await driven(root, [execute, gather, bring])).toMatchObject({ kind: 'open', code: 'sync.failed' });
    expect(JSON.parse(readFileSync(join(root, '.autolab/state.json'), 'utf8'))).toMatchObject({ stage_attempt: 1 });

    expect(await driven(root, [execute, gather, bring])).toMatchObject({ kind: 'closed' });
    expect([execute.calls(), gather.calls(), bring.calls()]).toEqual([1, 2, 2]);
  });

  it('after the run has ended lets a user cancel: the run is closed as it is', async () => {
    const root = project();
    const bring = step('collect', [failed('sync.failed', true)]);
    await driven(root, [step('execute'), bring]);

    await driven(root, [step('execute'), bring], (control) => {
      control.requestCancel('a user');
    });

    expect(bring.calls()).toBe(1);
    expect(story(root).slice(-2)).toEqual(['collect cancel.requested', 'close run.closed failed']);
  });
});
