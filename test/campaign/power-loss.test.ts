import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { autolabJson, type JsonEnded } from '../support/autolab.ts';
import { family, SEED, selected, size } from '../support/campaign.ts';
import { putTree } from '../support/power-loss/folder.ts';
import { differencesToFolder, type Recorded, recorded } from '../support/power-loss/record.ts';
import { type State, statesOf } from '../support/power-loss/states.ts';
import { makeProject, runIds, startsOf, temporaryFolder } from '../support/project.ts';
import { eachOf, expectClosed, SLOW_MS } from '../support/runs.ts';

/**
 * The power fails at any moment of a local launch. All that its processes do to files is recorded, and what a disk may then
 * have of it is put back (`test/support/power-loss/disk.ts`); the machine starts anew, and the launch is called again.
 */

vi.setConfig({ testTimeout: size(30, 4) * SLOW_MS });

const { count } = family('power failures, local');

const BEFORE = { AUTOLAB_TEST_BOOT_ID: 'first' };
const AFTER = { AUTOLAB_TEST_BOOT_ID: 'second' };

/** What it leaves is safe before it ends: the files of an entrypoint are its own affair. */
const entrypoint = (mark: string): string => `echo "$AUTOLAB_RUN_ID" >> '${mark}'
echo started >> "$AUTOLAB_RUN_DIR/marker"
echo '{"accuracy": 1}' > "$AUTOLAB_RUN_DIR/metrics.json"
sync "$AUTOLAB_RUN_DIR"/{marker,metrics.json,logs/stdout.log,logs/stderr.log} "$AUTOLAB_RUN_DIR"
`;

interface Launched extends Recorded {
  /** Where each start of the entrypoint leaves the id of its run, on another disk. */
  readonly mark: string;
  readonly runId: string;
  /** After so many operations the entrypoint had begun, and the receipt of its end was safe. */
  readonly begun: number;
  readonly endIsSafe: number;
}

async function launched(git: boolean): Promise<Launched> {
  const mark = join(temporaryFolder(), 'begun');
  const root = makeProject({ entrypoint: entrypoint(mark), git });
  const record = await recorded(root, ['launch'], { env: BEFORE, beside: mark });
  expect(record.ended.status, record.ended.stdout + record.ended.stderr).toBe(0);
  expect(differencesToFolder(record), 'the record is whole').toEqual([]);
  const indexOf = (what: (operation: Recorded['operations'][number]) => boolean, from = 0): number => {
    const index = record.operations.findIndex((operation, at) => at >= from && what(operation));
    expect(index).toBeGreaterThanOrEqual(from);
    return index;
  };
  const begun = indexOf((one) => one.kind === 'write' && one.file.path === mark);
  const renamed = indexOf((one) => one.kind === 'rename' && one.to.endsWith('/receipt/exit.json'));
  const safe = indexOf((one) => one.kind === 'flush' && one.file.path.endsWith('/receipt'), renamed);
  return { ...record, mark, runId: runIds(root)[0] ?? '', begun, endIsSafe: safe };
}

function marksIn(path: string): readonly string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
}

/** `resume` or `launch`: whoever has nothing to resume launches. */
async function carriedOn(root: string, at: number): Promise<JsonEnded> {
  const resumed = at % 2 === 0 ? null : await autolabJson(root, ['resume'], { env: AFTER });
  if (resumed !== null && resumed.json['code'] !== 'run.none_active') return resumed;
  return autolabJson(root, ['launch'], { env: AFTER });
}

async function expectCarriedOn(launch: Launched, state: State): Promise<void> {
  const { root, mark, runId } = launch;
  const what = `AUTOLAB_TEST_SEED=${SEED}, operation ${state.at}, ${state.kept} kept`;
  putTree(root, state.tree);
  rmSync(mark, { force: true });
  const again = await carriedOn(root, state.at);
  const code = String(again.json['code']);
  const hadBegun = state.at >= launch.begun;
  const began = [...(hadBegun ? [runId] : []), ...marksIn(mark)];
  expect(began, `${what}: ${again.stdout}, starts of the entrypoint`).toEqual([...new Set(began)]);
  const [one = ''] = runIds(root);
  // A run that began is in the record, and as one that may have begun; one that ended is not lost.
  if (hadBegun) expect([one, marksIn(mark)], what).toEqual([runId, []]);
  const ends = state.at >= launch.endIsSafe ? ['run.completed'] : ['run.completed', 'local.lost'];
  const over = code === 'state.wrong_stage' ? 'run.completed' : code;
  expect(ends, `${what}: ${again.stdout}`).toContain(over);
  const lost = over === 'local.lost';
  if (!lost) expect(began, what).toEqual([one]);
  const starts = lost ? startsOf(root, one) : 1;
  expectClosed(root, { code: over, stage: lost ? 'launch' : 'extract_results', attempt: 0, starts }, what);
  const verified = await autolabJson(root, ['verify', one]);
  // A supervisor that was lost with its run may not have had the time to keep the names of its logs.
  const missing = lost ? ['logs_present'] : [];
  const failed = (verified.json['verifiers'] as { name: string; status: string }[])
    .filter(({ status }) => status === 'fail')
    .map(({ name }) => name);
  expect(missing, `${what}: ${verified.stdout}`).toEqual(expect.arrayContaining(failed));
  count(lost ? 'lost, never repeated' : 'completed, one start');
}

test('a launch is carried on after a power failure at any moment of it', async () => {
  const launches = await Promise.all([launched(false), launched(true)]);
  await eachOf(launches, async (launch) => {
    const states = statesOf(launch, SEED, 2);
    expect(states.length).toBeGreaterThan(300);
    // One after the other: all of them are put back into the same folder, whose path is in the record.
    await eachOf(selected(states, 5), (state) => expectCarriedOn(launch, state), 1);
  });
});
