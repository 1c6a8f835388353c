import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { projectJournal } from '../../src/engine/project-journal.ts';
import { autolab, autolabJson, inRun } from './autolab.ts';
import { edit, makeProject, runIds, startsOf, temporaryFolder, treeDigest } from './project.ts';
import type { fc } from './properties.ts';
import { eventsOf, hasClaim, stateOf } from './runs.ts';

/**
 * What must hold of a project, whatever is called in whatever order and wherever it dies: a model of the workflow that is
 * small enough to be believed, and the commands that are tried on both.
 */
export interface Model {
  stage: string;
  attempt: number;
  /** How the entrypoint will end, or has ended where a run is open. */
  good: boolean;
  /** A driver died: there may be a run that is open, or one that was closed without anybody being told. */
  torn: boolean;
}

export interface Real {
  readonly root: string;
  /** Holds the exit status of the entrypoint; outside of the project, which is approved code. */
  readonly status: string;
}

const MOST_ATTEMPTS = 3;

export function start(): { readonly model: Model; readonly real: Real } {
  const status = join(temporaryFolder(), 'status');
  writeFileSync(status, '0\n');
  const root = makeProject({
    entrypoint: `echo started >> "$AUTOLAB_RUN_DIR/marker"\necho '{"accuracy": 1}' > "$AUTOLAB_RUN_DIR/metrics.json"\nexit "$(cat '${status}')"\n`,
  });
  return { model: { stage: 'launch', attempt: 0, good: true, torn: false }, real: { root, status } };
}

/** All that holds always (R18, R20, R27, X1, X2, X3). */
function expectSound({ root }: Real, what: string): void {
  const open = runIds(root).filter((runId) => {
    const events = eventsOfOrNone(root, runId);
    return events.length > 0 && !events.includes('run.closed');
  });
  expect(open.length, `${what}: open runs`).toBeLessThanOrEqual(1);
  const state = stateOf(root);
  for (const runId of runIds(root)) {
    expect(startsOf(root, runId), `${what}: starts of ${runId}`).toBeLessThanOrEqual(1);
    if (open.includes(runId) || !eventsOfOrNone(root, runId).includes('run.closed')) continue;
    if (hasClaim(root)) continue;
    const projected = projectJournal(readFileSync(inRun(root, 'iter1', runId, 'journal.jsonl'), 'utf8'));
    const manifest = readFileSync(inRun(root, 'iter1', runId, 'run_manifest.json'), 'utf8');
    expect('text' in projected ? projected.text : projected.problem, `${what}: manifest of ${runId}`).toBe(manifest);
  }
  expect(state['stage_attempt'], what).toBeLessThanOrEqual(MOST_ATTEMPTS);
  if (state['stage'] === 'extract_results' && !hasClaim(root)) expect(state['sync_status'], what).toBe('ok');
}

function eventsOfOrNone(root: string, runId: string): readonly string[] {
  try {
    return eventsOf(root, runId);
  } catch {
    // Killed before the first line was whole.
    return [];
  }
}

/** What the end of a run makes of the workflow. */
function ended(model: Model, good: boolean): void {
  model.torn = false;
  if (good) {
    model.stage = 'extract_results';
    model.attempt = 0;
    return;
  }
  model.attempt += 1;
  if (model.attempt >= MOST_ATTEMPTS) model.stage = 'human_review';
}

function expectAsModelled(model: Model, { root }: Real, what: string): void {
  const state = stateOf(root);
  const seen = { stage: state['stage'], attempt: state['stage'] === 'extract_results' ? 0 : state['stage_attempt'] };
  expect(seen, what).toEqual({ stage: model.stage, attempt: model.attempt });
  expect(hasClaim(root), `${what}: claim`).toBe(false);
}

type Command = fc.AsyncCommand<Model, Real>;

/** `launch` or `resume`, to the end. */
export class Drive implements Command {
  readonly verb: 'launch' | 'resume';
  constructor(verb: 'launch' | 'resume') {
    this.verb = verb;
  }
  check = (): boolean => true;
  toString = (): string => this.verb;
  async run(model: Model, real: Real): Promise<void> {
    const { json } = await autolabJson(real.root, [this.verb]);
    const code = String(json['code']);
    const what = `${this.verb}: ${code}`;
    expectSound(real, what);
    if (model.torn && !['run.completed', 'local.failed'].includes(code)) settle(model, real);
    else if (code === 'run.completed' || code === 'local.failed') {
      expect([model.stage, code], what).toEqual(['launch', model.good ? 'run.completed' : 'local.failed']);
      ended(model, model.good);
    } else {
      const refusals: Record<string, string> = { human_review: 'state.human_review', launch: 'run.none_active' };
      const expected = this.verb === 'resume' ? 'run.none_active' : (refusals[model.stage] ?? 'state.wrong_stage');
      expect(code, what).toBe(expected);
    }
    expectAsModelled(model, real, what);
  }
}

/** Where a driver died after the close, or before the claim, there is nothing to carry on: the files tell which it was. */
function settle(model: Model, { root }: Real): void {
  const state = stateOf(root);
  expect(hasClaim(root)).toBe(false);
  const unchanged = state['stage'] === model.stage && state['stage_attempt'] === model.attempt;
  if (!unchanged) ended(model, model.good);
  model.torn = false;
}

export class DriveAndDie implements Command {
  readonly place: string;
  readonly verb: 'launch' | 'cancel';
  constructor(place: string, verb: 'launch' | 'cancel') {
    this.place = place;
    this.verb = verb;
  }
  check = (): boolean => true;
  toString = (): string => `${this.verb}, killed at ${this.place}`;
  async run(model: Model, real: Real): Promise<void> {
    const words = this.verb === 'launch' ? ['launch', '--json'] : ['cancel', '--json'];
    const { signal } = await autolab(real.root, words, { env: { AUTOLAB_CRASH_AT: this.place } });
    expectSound(real, this.toString());
    model.torn = true;
    // Whatever came of it is settled at once, so that the model knows: the same command again carries on.
    if (signal === null || this.verb === 'cancel') await settleByCancel(model, real);
  }
}

/** An open run is cancelled, which costs no attempt, unless it had ended by itself. */
async function settleByCancel(model: Model, real: Real): Promise<void> {
  const { json } = await autolabJson(real.root, ['cancel']);
  expectSound(real, `cancel: ${String(json['code'])}`);
  expect(['run.cancelled', 'run.none_active', 'run.completed', 'local.failed']).toContain(json['code']);
  settle(model, real);
  expectAsModelled(model, real, 'cancel');
}

export class Cancel implements Command {
  check = (): boolean => true;
  toString = (): string => 'cancel';
  run = settleByCancel;
}

export class Look implements Command {
  check = (): boolean => true;
  toString = (): string => 'status';
  async run(_model: Model, { root }: Real): Promise<void> {
    const before = treeDigest(root);
    expect((await autolab(root, ['status'])).status).toBe(0);
    expect(treeDigest(root)).toBe(before);
  }
}

/** Two at once: one of them has the run, and the other one says so or finds it over. */
export class Race implements Command {
  check = ({ torn, stage }: Readonly<Model>): boolean => !torn && stage === 'launch';
  toString = (): string => 'two launches';
  async run(model: Model, real: Real): Promise<void> {
    const before = runIds(real.root).length;
    const both = await Promise.all([autolabJson(real.root, ['launch']), autolabJson(real.root, ['launch'])]);
    const codes = both.map(({ json }) => String(json['code']));
    expectSound(real, codes.join());
    runIds(real.root)
      .slice(before)
      .forEach(() => {
        ended(model, model.good);
      });
    expectAsModelled(model, real, codes.join());
  }
}

export class EntrypointWill implements Command {
  readonly good: boolean;
  constructor(good: boolean) {
    this.good = good;
  }
  check = ({ torn }: Readonly<Model>): boolean => !torn;
  toString = (): string => `the entrypoint will ${this.good ? 'succeed' : 'fail'}`;
  run(model: Model, { status }: Real): Promise<void> {
    model.good = this.good;
    writeFileSync(status, this.good ? '0\n' : '1\n');
    return Promise.resolve();
  }
}

/** A person lets the workflow launch again: after a review, or for the next round. */
export class GoBack implements Command {
  check = ({ torn, stage }: Readonly<Model>): boolean => !torn && stage !== 'launch';
  toString = (): string => 'back to launch';
  async run(model: Model, real: Real): Promise<void> {
    if (model.stage === 'human_review') {
      const decided = await autolab(real.root, ['review', 'retry', '--by', 'ada', '--note', 'again']);
      expect(decided.status, decided.stderr).toBe(0);
    } else {
      edit(real.root, '.autolab/state.json', (text) => text.replace('"stage": "extract_results"', '"stage": "launch"'));
      edit(real.root, '.autolab/state.json', (text) => text.replace(/"stage_attempt": \d+/, '"stage_attempt": 0'));
    }
    model.stage = 'launch';
    model.attempt = 0;
    expectAsModelled(model, real, 'back to launch');
  }
}
