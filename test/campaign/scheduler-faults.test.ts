import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { isCode } from '../../src/errors/catalog.ts';
import type { Fault } from '../fakes/slurm/fake.ts';
import { family, selected, size } from '../support/campaign.ts';
import { runIds, startsOf, until } from '../support/project.ts';
import { eachOf, expectClosed, SLOW_MS } from '../support/runs.ts';
import { launch, type World, world } from '../support/slurm-faults.ts';
import { ledgerRows } from '../support/slurm-project.ts';

/**
 * What Slurm does to launchers (the reports of users of other ones), alone and in pairs, with the stand-in of
 * test/fakes/slurm. Faults that hang for minutes have tests of their own under test/slurm-faults.
 */

vi.setConfig({ testTimeout: size(16, 1) * SLOW_MS });

const { count } = family('scheduler faults, in pairs');

/** Launches wait for answers most of the time. */
const SIDE_BY_SIDE = 6;

const FAULTS: readonly Fault[] = [
  // The answer of sbatch: lost before or after the job was accepted, mixed with noise, wrong, or a refusal.
  { command: 'sbatch', nth: 1, fault: 'unreachable' },
  { command: 'sbatch', nth: 1, fault: 'killed' },
  { command: 'sbatch', nth: 1, fault: 'accepted_timeout' },
  { command: 'sbatch', nth: 1, fault: 'accepted_killed' },
  { command: 'sbatch', nth: 1, fault: 'accepted_late' },
  { command: 'sbatch', nth: 1, fault: 'accepted_silent' },
  { command: 'sbatch', nth: 1, fault: 'accepted_twice' },
  { command: 'sbatch', nth: 1, fault: 'lost_timeout' },
  { command: 'sbatch', nth: 1, fault: 'refused' },
  { command: 'sbatch', nth: 1, fault: 'busy' },
  { command: 'sbatch', nth: 1, fault: 'hold_ignored' },
  { command: 'sbatch', nth: 1, fault: 'renamed' },
  { command: 'sbatch', nth: 'always', fault: 'banner' },
  { command: 'sbatch', nth: 'always', fault: 'cluster', name: 'gpu' },
  // The queue: away, empty, forgetful, slow to let go of a job.
  { command: 'squeue', nth: [1, 2], fault: 'unreachable' },
  { command: 'squeue', nth: 1, fault: 'empty' },
  { command: 'squeue', nth: [2, 3], fault: 'empty' },
  { command: 'squeue', nth: [2, 3], fault: 'forgotten' },
  { command: 'squeue', nth: [2, 3, 4], fault: 'completing' },
  { command: 'squeue', nth: 'always', fault: 'stderr_noise' },
  { command: 'squeue', nth: 2, fault: 'killed' },
  // The books: behind, away, off, without the job, or with an older one of the same id.
  { command: 'sacct', nth: [1, 2], fault: 'lag' },
  { command: 'sacct', nth: [1, 2], fault: 'down' },
  { command: 'sacct', nth: 'always', fault: 'off' },
  { command: 'sacct', nth: 1, fault: 'none' },
  { command: 'sacct', nth: 1, fault: 'other_job' },
  { command: 'sacct', nth: 'always', fault: 'banner' },
  // The controller: away, or without the job.
  { command: 'scontrol', nth: [1, 2], fault: 'unreachable' },
  { command: 'scontrol', nth: 2, fault: 'killed' },
  { command: 'scontrol', nth: [2, 3], fault: 'forgotten' },
  { command: 'scancel', nth: 'always', fault: 'unreachable' },
];

const called = ({ command, fault, nth }: Fault): string => `${command} ${fault} at ${String(nth)}`;

function pairs(): readonly (readonly Fault[])[] {
  return FAULTS.flatMap((one, index) => FAULTS.slice(index + 1).map((other) => [one, other]));
}

/** Launches until the run is closed, on a cluster that is well again after the first call; the codes on the way. */
async function untilClosed(one: World, what: string): Promise<readonly string[]> {
  const codes: string[] = [];
  for (let call = 1; call <= 4; call += 1) {
    const end = await launch(one);
    const code = String(end.json['code']);
    expect(isCode(code) && code !== 'internal', `${what}: ${end.stdout}`).toBe(true);
    expect(end.stdout + end.stderr, what).not.toMatch(/^\s+at .*:\d+:\d+/m);
    codes.push(code);
    if (!existsSync(join(one.root, '.autolab/active_run.json'))) return codes;
    one.fake.faults([]);
  }
  throw new Error(`${what}: still open after ${codes.join(', ')}`);
}

/** The run ended once, as its record says, and no job of it can run later. */
async function expectOneRun(faults: readonly Fault[]): Promise<void> {
  const what = faults.map(called).join(' and ');
  const one = world(faults);
  const codes = await untilClosed(one, what);
  const last = codes.at(-1) ?? '';
  const [runId = '', ...others] = runIds(one.root);
  expect(others, what).toEqual([]);
  const told = `${what}: ${codes.join(', ')}`;
  expect(startsOf(one.root, runId), told).toBe(last === 'run.completed' ? 1 : 0);
  if (last === 'run.completed') {
    expectClosed(one.root, { code: last, stage: 'extract_results', attempt: 0, starts: 1 }, told);
    expect(
      ledgerRows(one.root).filter((row) => row.includes(`run_id=${runId} `)),
      told,
    ).toHaveLength(1);
  }
  // Whatever is still held or turns up late is let go: the fence keeps it from running.
  for (const job of one.fake.jobs().filter(({ ended_at }) => ended_at === null))
    await one.fake.run('scontrol', ['release', String(job.id)]);
  await until(`${told}: no job is left`, () => one.fake.jobs().every(({ ended_at }) => ended_at !== null));
  expect(startsOf(one.root, runId), `${told}; later`).toBe(last === 'run.completed' ? 1 : 0);
  count(codes.length === 1 ? last : `${last}, by a later call`);
}

test('alone', async () => {
  await eachOf(selected(FAULTS, 6), async (fault) => expectOneRun([fault]), SIDE_BY_SIDE);
});

test('in pairs', async () => {
  await eachOf(selected(pairs(), 8), expectOneRun, SIDE_BY_SIDE);
});
