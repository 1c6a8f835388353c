import { copyFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { isCode } from '../../src/errors/catalog.ts';
import { appendRow, type LedgerRow, ledgerRow } from '../../src/records/ledger.ts';
import { autolab, autolabJson, inRun } from '../support/autolab.ts';
import { family, selected, size } from '../support/campaign.ts';
import {
  edit,
  keepUntilEnd,
  makeProject,
  read,
  runIds,
  startsOf,
  temporaryFolder,
  until,
  write,
} from '../support/project.ts';
import { begun, eachOf, expectClosed, letEnd, SLOW_MS, WAITING } from '../support/runs.ts';

/** Every file that autolab writes, cut at every byte of its last record, or as it was before (X1, X2). */

vi.setConfig({ testTimeout: size(24, 1) * SLOW_MS });

const COMPLETED = { code: 'run.completed', stage: 'extract_results', attempt: 0, starts: 1 };

const { count } = family('torn writes');

/** A run that nobody drives, and whose entrypoint has ended: `root` is to be copied, never changed. */
let root: string;
let runId: string;

beforeAll(async () => {
  root = keepUntilEnd(makeProject({ entrypoint: WAITING }));
  await autolab(root, ['launch', '--detach']);
  runId = await begun(root);
  letEnd(root, runId);
  await until('the receipt is written', () => existsSync(inRun(root, 'iter1', runId, 'receipt/exit.json')));
});

/** Everything that autolab has written so far; what the entrypoint and a person wrote aside. */
function written(): readonly string[] {
  const run = `experiments/iter1/runs/${runId}`;
  const below = (folder: string): readonly string[] =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
  const people = ['.autolab/backlog.yaml', '.autolab/launch.yaml', '.autolab/prompts/stage_launch.md'];
  const others = ['marker', 'pid', 'go', 'metrics.json'].map((name) => `${run}/${name}`);
  return [...below('.autolab'), ...below(run), ...below('experiments/iter1/launch')].filter(
    (path) => !people.includes(path) && !others.includes(path),
  );
}

interface Case {
  readonly path: string;
  readonly length: number;
}

/** Lengths from the beginning of the last record to one byte less than all: a record is a line in lists, and else the file. */
function cutsOf(path: string): readonly Case[] {
  const bytes = readFileSync(join(root, path));
  const lines = /\.(jsonl|log|sha256)$/.test(path);
  const start = lines ? bytes.lastIndexOf(10, bytes.length - 2) + 1 : 0;
  return Array.from({ length: Math.max(0, bytes.length - start) }, (_, index) => ({ path, length: start + index }));
}

/** The project as it was, in another place. */
async function withCopy(act: (copy: string) => Promise<void>): Promise<void> {
  const copy = join(temporaryFolder(), 'project');
  cpSync(root, copy, { recursive: true, verbatimSymlinks: true });
  try {
    await act(copy);
  } finally {
    rmSync(copy, { recursive: true });
  }
}

/** The next call ends the run, or says in a word of the catalogue what is wrong, and ends it once that is put right. */
async function expectNothingLost(copy: string, path: string, what: string): Promise<void> {
  const first = await autolabJson(copy, ['launch']);
  const code = String(first.json['code']);
  expect(isCode(code) && code !== 'internal', `${what}: ${first.stdout}`).toBe(true);
  expect(first.stdout + first.stderr, what).not.toMatch(/^\s+at .*:\d+:\d+/m);
  expect([runIds(copy), startsOf(copy, runId)], what).toEqual([[runId], 1]);
  if (code === 'local.lost') {
    // Only where what the supervisor wrote last is damaged: nobody else knows how the run ended.
    expect(path, what).toMatch(/receipt\/exit\.json$/);
    count('reported as lost, never repeated');
    return;
  }
  if (code !== 'run.completed') {
    copyFileSync(join(root, path), join(copy, path));
    const again = await autolabJson(copy, ['launch']);
    expect([again.status, again.json['code']], `${what}, after ${code}`).toEqual([0, 'run.completed']);
  }
  expectClosed(copy, COMPLETED, what);
  count(code === 'run.completed' ? 'completed' : 'reported; completed once the file was put back');
}

test('cut at any byte of the last record', async () => {
  const cases = written().flatMap((path) => {
    const cuts = cutsOf(path);
    return selected(cuts, 1);
  });
  await eachOf(cases, async ({ path, length }) => {
    await withCopy(async (copy) => {
      writeFileSync(join(copy, path), readFileSync(join(root, path)).subarray(0, length));
      await expectNothingLost(copy, path, `${path} cut to ${length} bytes`);
    });
  });
});

test('without the last lines of the journal', async () => {
  const path = `experiments/iter1/runs/${runId}/journal.jsonl`;
  const lines = readFileSync(join(root, path), 'utf8').split('\n').slice(0, -1);
  const kept = selected([...lines.keys()], 4);
  await eachOf(kept, async (lineCount) => {
    await withCopy(async (copy) => {
      const rest = lines.slice(0, lineCount).map((line) => `${line}\n`);
      writeFileSync(join(copy, path), rest.join(''));
      await expectNothingLost(copy, path, `${lineCount} lines of the journal`);
    });
  });
});

/** What stood in files that are replaced as a whole, before they were replaced the last time. */
const BEFORE: Readonly<Record<string, (text: string) => string>> = {
  // Before the claim.
  '.autolab/state.json': (text) => text.replace(`"pending_run_id": "${runId}"`, '"pending_run_id": ""'),
  // Before the journal had a line.
  '.autolab/active_run.json': (text) => text.replace('  "opened": true,\n', ''),
  // Before the driver that left gave it back.
  '.autolab/driver.lock.1': (text) => text.replace('"released": true', '"released": false'),
};

test('as before the last write', async () => {
  for (const [path, before] of Object.entries(BEFORE)) {
    await withCopy(async (copy) => {
      edit(copy, path, before);
      expect(read(copy, path), path).not.toBe(read(root, path));
      await expectNothingLost(copy, path, `${path} as it was before`);
    });
  }
});

test('a state that is put back after the run was closed starts nothing by itself, and is told', async () => {
  const closed = makeProject();
  const before = read(closed, '.autolab/state.json');
  await autolabJson(closed, ['launch']);
  const [first = ''] = runIds(closed);
  // As it was while the run went on.
  write(closed, '.autolab/state.json', before.replace('"pending_run_id": ""', `"pending_run_id": "${first}"`));
  const again = await autolabJson(closed, ['launch']);
  expect([again.json['code'], runIds(closed), startsOf(closed, first)], again.stdout).toEqual([
    'run.exists',
    [first],
    1,
  ]);
  count('reported');
});

test('gone', async () => {
  await eachOf(selected(written(), 6), async (path) => {
    await withCopy(async (copy) => {
      rmSync(join(copy, path));
      await expectNothingLost(copy, path, `${path} is gone`);
    });
  });
});

const row = (run: string): LedgerRow => ({
  date: '2026-11-24',
  job_id: '12',
  iteration_id: 'iter1',
  run_id: run,
  cluster: null,
});

test('the ledger, cut at any byte of its last row', () => {
  const before = `# Slurm jobs\n${ledgerRow(row('r10'))}\n`;
  const whole = `${before}${ledgerRow(row('r1'))}\n`;
  for (let length = before.length; length < whole.length; length += 1)
    expect(appendRow(whole.slice(0, length), row('r1')).text, String(length)).toBe(whole);
  count('one row, the others as they were');
});
