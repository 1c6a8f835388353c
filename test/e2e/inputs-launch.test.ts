import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { autolab, autolabJson, inRun, startAutolab } from '../support/autolab.ts';
import {
  commitAll,
  edit,
  makeProject,
  read,
  runIds,
  startsOf,
  temporaryFolder,
  treeDigest,
  write,
} from '../support/project.ts';
import { hasClaim, manifestOf, SLOW_MS, stateOf } from '../support/runs.ts';

/** Launches with data: many files, interrupted and killed ones, snapshots, and what is kept for the next time. */

vi.setConfig({ testTimeout: SLOW_MS });

const DESIGN = 'experiments/iter1/design.yaml';
const SPARSE_BYTES = 40 * 1024 ** 3;

function withInputs(inputs: string, options: Parameters<typeof makeProject>[0] = {}): string {
  const root = makeProject(options);
  write(root, 'data/a.csv', 'one\n');
  edit(root, DESIGN, (text) => `${text}inputs: ${inputs}\n`);
  edit(root, '.gitignore', (text) => `${text}/data\n`);
  return root;
}

const run = (root: string): string => runIds(root).at(-1) ?? '';
const inputsOf = (root: string): Record<string, unknown>[] =>
  manifestOf(root, run(root))['data_inputs'] as Record<string, unknown>[];
const listOf = (root: string): string => readFileSync(inRun(root, 'iter1', run(root), 'inputs.sha256'), 'utf8');

async function launches(root: string, ...words: readonly string[]): Promise<void> {
  const ended = await autolab(root, ['launch', ...words]);
  expect(ended.status, ended.stderr).toBe(0);
}

describe('a launch with data', () => {
  it('takes 10,000 files, of which the journal has one line, and finds the one that changed', async () => {
    const elsewhere = temporaryFolder();
    for (let at = 0; at < 10_000; at += 1) {
      if (at % 100 === 0) mkdirSync(join(elsewhere, `set ${at / 100}`));
      writeFileSync(join(elsewhere, `set ${Math.floor(at / 100)}/${at}.txt`), `${at}`);
    }
    const wait = 'for n in $(seq 600); do [ ! -e "$AUTOLAB_REPO_ROOT/go" ] || break; sleep 0.1; done\n';
    const root = withInputs(`["${elsewhere}"]`, { activation: wait });
    const ended = autolabJson(root, ['launch']);
    const begun = (): string => inRun(root, 'iter1', run(root), 'receipt/claim');
    await vi.waitFor(
      () => {
        expect(existsSync(begun())).toBe(true);
      },
      { timeout: 120_000, interval: 50 },
    );
    expect(listOf(root).split('\n')).toHaveLength(10_002);
    expect(readFileSync(inRun(root, 'iter1', run(root), 'journal.jsonl'), 'utf8')).not.toContain('9999.txt');
    writeFileSync(join(elsewhere, 'set 99/9999.txt'), '9998');
    write(root, 'go', '');

    const { json, stderr } = await ended;

    expect(json['code'], stderr).toBe('local.inputs_changed');
    expect(json['message']).toContain(`: ${elsewhere}/set 99/9999.txt.`);
    expect(inputsOf(root)).toMatchObject([{ path: elsewhere, files: 10_000 }]);
    expect(startsOf(root, run(root))).toBe(0);
  });

  it('says how far the reading is; Ctrl-C ends it, and nothing is claimed', async () => {
    const root = withInputs('[data]');
    truncateSync(join(root, 'data/a.csv'), SPARSE_BYTES);
    const { child, ended, stderrSoFar } = startAutolab(root, ['launch']);
    await vi.waitFor(
      () => {
        expect(stderrSoFar()).toContain('Reading the data inputs: 0 of 1 files.');
      },
      { timeout: 60_000, interval: 50 },
    );
    child.kill('SIGINT');
    expect((await ended).status).toBe(130);
    expect([runIds(root), hasClaim(root), stateOf(root)['stage']]).toEqual([[], false, 'launch']);
  });

  it('is repeatable after kill -9 while the data are read: nothing was claimed', async () => {
    const root = withInputs('[data]');
    truncateSync(join(root, 'data/a.csv'), SPARSE_BYTES);
    const { child, ended, stderrSoFar } = startAutolab(root, ['launch']);
    await vi.waitFor(
      () => {
        expect(stderrSoFar()).toContain('Reading the data inputs');
      },
      { timeout: 60_000, interval: 50 },
    );
    child.kill('SIGKILL');
    await ended;
    expect([runIds(root), hasClaim(root)]).toEqual([[], false]);
    write(root, 'data/a.csv', 'one\n');
    await launches(root);
    expect(inputsOf(root)).toMatchObject([{ files: 1, bytes: 4 }]);
  });

  it('digests again if it was killed before the first line of its journal', async () => {
    const root = withInputs('[data]');
    const killed = await autolab(root, ['launch'], { env: { AUTOLAB_CRASH_AT: 'claim.inputs_listed' } });
    expect(killed.status).not.toBe(0);
    expect(hasClaim(root)).toBe(true);
    write(root, 'data/b.csv', 'two\n');
    await launches(root);
    expect(runIds(root)).toHaveLength(1);
    expect(inputsOf(root)).toMatchObject([{ files: 2 }]);
    expect(listOf(root)).toContain('data/b.csv');
  });

  it('writes nothing in a dry run, and keeps the digests of old files otherwise; a changed file is read again', async () => {
    const root = withInputs('[data]');
    for (let at = 0; at < 150; at += 1) write(root, `data/${at}.txt`, `${at}`);
    const before = treeDigest(root);
    expect((await autolab(root, ['launch', '--dry-run'])).status).toBe(0);
    expect(treeDigest(root)).toBe(before);

    // The clock of the file system cannot be moved: younger files are never kept.
    await new Promise((resolve) => setTimeout(resolve, 2100));
    await launches(root);
    const cache = join(root, '.autolab/cache/inputs/digests');
    expect(readFileSync(cache, 'utf8').trimEnd().split('\n')).toHaveLength(152);
    const first = inputsOf(root)[0]?.['sha256'];
    writeFileSync(join(root, 'data/7.txt'), '8');
    utimesSync(join(root, 'data/7.txt'), 1, 1);
    edit(root, '.autolab/state.json', (text) => JSON.stringify({ ...(JSON.parse(text) as object), stage: 'launch' }));
    await launches(root);
    expect(inputsOf(root)[0]?.['sha256']).not.toBe(first);
  });

  it('with a snapshot is refused unless the data are code or linked', async () => {
    const root = withInputs('[data, "lib/*.txt"]', { git: true });
    write(root, 'lib/words.txt', 'words\n');
    edit(root, '.autolab/launch.yaml', (text) => `${text}code: {run_from: snapshot}\n`);
    commitAll(root);
    const refused = await autolabJson(root, ['launch']);
    expect([refused.status, refused.json['code']], refused.stderr).toEqual([10, 'inputs.missing']);
    expect(refused.json['message']).toContain('would not have the data input data/a.csv');
    expect(refused.json['hint']).toContain('code: {link: ["data"]}');
    expect(refused.json['problems']).toMatchObject([{ file: DESIGN, pointer: '/inputs/0' }]);

    edit(root, '.autolab/launch.yaml', (text) => text.replace('snapshot}', 'snapshot, link: [data]}'));
    commitAll(root);
    await launches(root);
    expect(inputsOf(root)).toMatchObject([{ files: 1 }, { path: 'lib/*.txt', files: 1 }]);
  });

  it('refuses a script written by hand that would not compare the data', async () => {
    const root = withInputs('[data]');
    const { LOCAL_PROLOGUE } = await import('../../src/launch-scripts/prologue.ts');
    const { LOCAL_PROLOGUE_2 } = await import('../../src/launch-scripts/local-prologue-2.ts');
    await launches(root);
    const script = 'experiments/iter1/launch/run_local.sh';
    const text = read(root, script).replace(/^# autolab: .*\n/m, '');
    edit(root, '.autolab/state.json', (state) => JSON.stringify({ ...(JSON.parse(state) as object), stage: 'launch' }));
    write(root, script, text.replace(LOCAL_PROLOGUE, LOCAL_PROLOGUE_2));
    const refused = await autolabJson(root, ['launch']);
    expect([refused.status, refused.json['code']], refused.stderr).toEqual([10, 'script.invalid']);
    write(root, script, text);
    await launches(root);
  });

  it('is verified: the list of files is the one that was recorded', async () => {
    const root = withInputs('[data]');
    await launches(root);
    expect((await autolab(root, ['verify'])).status).toBe(0);
    const list = inRun(root, 'iter1', run(root), 'inputs.sha256');
    writeFileSync(list, listOf(root).replace('a.csv', 'b.csv'));
    const verified = await autolabJson(root, ['verify']);
    expect([verified.status, verified.json['code']]).toEqual([10, 'verify.failed']);
    expect(JSON.stringify(verified.json['verifiers'])).toContain('inputs.sha256: the files of data are others');
  });

  it('does not take its own run for data', async () => {
    const root = withInputs('["experiments/iter1/runs", {path: "experiments/**/*.json", required: false}]');
    const first = 'experiments/iter1/runs/0-earlier';
    write(root, `${first}/model.bin`, 'weights');
    await launches(root);
    expect(inputsOf(root)).toMatchObject([{ files: 1, bytes: 7 }, {}]);
  });
});

describe('new --input', () => {
  it('writes inputs, and `--from` keeps them', async () => {
    const root = withInputs('[]');
    const made = await autolab(root, [
      'new',
      'e2',
      '--on',
      'local',
      '--input',
      'data',
      '--input',
      '/etc/host*',
      '--',
      'echo',
      '--lr',
      '1',
    ]);
    expect(made.status, made.stderr).toBe(0);
    expect(read(root, 'experiments/e2/design.yaml')).toMatch(/^inputs: \[data, .\/etc\/host\*.\]$/m);
    const copied = await autolab(root, ['new', 'e3', '--from', 'e2']);
    expect(copied.status, copied.stderr).toBe(0);
    expect(read(root, 'experiments/e3/design.yaml')).toMatch(/^inputs: \[data, /m);
    const wrong = await autolabJson(root, ['new', 'e4', '--on', 'local', '--input', '../x', '--', 'true']);
    expect(wrong.status).not.toBe(0);
    expect(JSON.stringify(wrong.json['problems'])).toContain('`--input`');
    expect(readdirSync(join(root, 'experiments')).sort()).toEqual(['e2', 'e3', 'iter1']);
  });
});
