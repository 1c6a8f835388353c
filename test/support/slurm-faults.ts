import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { projectJournal } from '../../src/engine/project-journal.ts';
import { manifestSchema } from '../../src/records/manifest-schema.ts';
import { type Answer, type FakeCall, FakeSlurm, type Fault } from '../fakes/slurm/fake.ts';
import { autolabJson, inRun, type JsonEnded } from './autolab.ts';
import { keepUntilEnd, type ProjectOptions, runIds, startsOf } from './project.ts';
import { manifestOf } from './runs.ts';
import { ledgerRows, slurmProject } from './slurm-project.ts';

/** A project on a cluster that fails as it is told to: the stand-in of test/fakes/slurm. */

export interface World {
  readonly fake: FakeSlurm;
  readonly root: string;
}

export interface WorldOptions extends ProjectOptions {
  /** Of the stand-in. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly hold?: boolean;
  readonly pollSeconds?: number;
  readonly reconcileSeconds?: number;
  readonly confirmSeconds?: number;
}

/** It stays until the end of the file: the tests of a file run side by side. */
export function world(faults: readonly Fault[], options: WorldOptions = {}): World {
  const { config, hold = true, pollSeconds = 1, reconcileSeconds = 1, confirmSeconds = 60, ...project } = options;
  const fake = new FakeSlurm(config, faults);
  keepUntilEnd(dirname(fake.folder));
  const launchYaml = [
    `poll: {min_seconds: ${pollSeconds}, max_seconds: ${pollSeconds}}`,
    `submit: {hold: ${String(hold)}, reconcile_seconds: ${reconcileSeconds}}`,
    `confirm: {timeout_seconds: ${confirmSeconds}}`,
    '',
  ].join('\n');
  return { fake, root: keepUntilEnd(slurmProject({ ...project, launchYaml })) };
}

export async function launch(
  { fake, root }: World,
  words: readonly string[] = ['launch'],
  env: Readonly<Record<string, string>> = {},
): Promise<JsonEnded> {
  return autolabJson(root, words, { env: { ...fake.env, ...env } });
}

export function callsOf({ fake }: World, command: string): readonly FakeCall[] {
  return fake.calls().filter((call) => call.command === command && call.words[0] !== '-V');
}

export interface ExpectedEnd {
  readonly status: number;
  readonly code: string;
  readonly stage: string;
  /** How often the entrypoint was started. */
  readonly starts: number;
  /** How many jobs ever ran. */
  readonly ran: number;
  readonly ledger: number;
}

export const COMPLETED: ExpectedEnd = {
  status: 0,
  code: 'run.completed',
  stage: 'extract_results',
  starts: 1,
  ran: 1,
  ledger: 1,
};

/** A run that ended badly, after its job had run. */
export function failed(code: string, expected: Partial<ExpectedEnd> = {}): ExpectedEnd {
  return { ...COMPLETED, status: 10, code, stage: 'launch', ...expected };
}

/** All that a user sees of a closed run; its manifest's `slurm` section. */
export function expectEnd(world: World, end: JsonEnded, expected: ExpectedEnd = COMPLETED): Record<string, any> {
  const { fake, root } = world;
  const [runId = '', ...others] = runIds(root);
  expect(others).toEqual([]);
  const manifest = manifestSchema.parse(manifestOf(root, runId));
  const seen: ExpectedEnd = {
    status: end.status ?? -1,
    code: end.json['code'] as string,
    stage: end.json['stage_after'] as string,
    starts: startsOf(root, runId),
    ran: fake.jobs().filter((job) => job.started_at !== null).length,
    ledger: ledgerRows(root).filter((row) => row.includes(`run_id=${runId} `)).length,
  };
  expect(seen, `${String(end.json['message'])}\n${end.stderr}`).toEqual(expected);
  expect(manifest).toMatchObject({ run_id: runId, code: expected.code, launch_mode: 'slurm' });
  expect(end.json['job_id'] ?? null).toBe(manifest.slurm?.job_id ?? null);
  expect(existsSync(join(root, '.autolab/active_run.json'))).toBe(false);
  const projection = projectJournal(readFileSync(inRun(root, 'iter1', runId, 'journal.jsonl'), 'utf8'));
  const text = readFileSync(inRun(root, 'iter1', runId, 'run_manifest.json'), 'utf8');
  expect('text' in projection ? projection.text : projection.problem).toBe(text);
  return manifest.slurm ?? {};
}

/** What was submitted once, submitted again: as a request does that was on its way for too long. */
export async function lateCopy({ fake, root }: World): Promise<Answer> {
  const [runId = ''] = runIds(root);
  const folder = inRun(root, 'iter1', runId);
  const argv = manifestOf(root, runId)['slurm']['submit_argv'] as string[];
  return fake.run('sbatch', argv.slice(1), {
    env: {
      AUTOLAB_RUN_ID: runId,
      AUTOLAB_ITERATION_ID: 'iter1',
      AUTOLAB_RUN_DIR: folder,
      AUTOLAB_REPO_ROOT: root,
      AUTOLAB_SCRATCH: join(root, '.autolab/tmp', runId),
      AUTOLAB_REQUEUE: '0',
    },
  });
}
