import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { autolab } from '../support/autolab.ts';
import { call, callWithoutTrace } from '../support/contract.ts';
import { recordOf } from '../support/old-records.ts';
import { commitAll, edit, json, keepUntilEnd, write } from '../support/project.ts';
import { measuredProject } from '../support/results.ts';
import { stateOf } from '../support/runs.ts';

/** `autolab compare`: what differs between runs, and nothing else. */

const TRAIN = `test "$2" = bad && exit 3
printf '{"accuracy": 0.%s, "loss": 0.5}\\n' "$2" > "$AUTOLAB_RUN_DIR/metrics.json"
`;
const DESIGN = 'experiments/iter1/design.yaml';

/** `a`; `b`, the same again; `c` with another argument, limit and file; `d`, which failed. */
async function fourRuns(): Promise<string> {
  const root = measuredProject({ entrypoint: TRAIN, git: true });
  const launch = async (id: string, value: string): Promise<void> => {
    const command = JSON.stringify(['bash', 'experiments/iter1/main.sh', '--digits', value]);
    edit(root, DESIGN, (text) => text.replace(/command: .*/, () => `command: ${command}`));
    write(root, '.autolab/state.json', json({ ...stateOf(root), stage: 'launch', stage_attempt: 0 }));
    commitAll(root);
    const launched = await call(root, ['launch', '--run-id', id]);
    expect(launched.json['run_id'], launched.stdout).toBe(id);
  };
  await launch('a', '7');
  write(root, '.autolab/state.json', json({ ...stateOf(root), stage: 'launch', stage_attempt: 0 }));
  await call(root, ['launch', '--run-id', 'b']);
  edit(root, DESIGN, (text) => text.replace('00:05:00', '00:10:00'));
  write(root, 'lib/<script>.py', 'one\ntwo\n');
  await launch('c', '75');
  await launch('d', 'bad');
  return root;
}

describe('runs of one experiment', () => {
  let root = '';

  beforeAll(async () => {
    root = keepUntilEnd(await fourRuns());
  }, 240_000);

  it('are told apart by what differs, with deltas', async () => {
    const { status, json: answer } = await callWithoutTrace(root, ['compare', 'a', 'iter1/c']);

    expect([status, answer['code']]).toEqual([0, 'ok']);
    expect(answer['compared']).toMatchObject([
      { run_id: 'a', iteration_id: 'iter1', status: 'completed', code: 'run.completed' },
      { run_id: 'c' },
    ]);
    expect(answer['same']).toMatchObject({ inputs: false, reason: null });
    const differences = answer['differences'] as { group: string; pointer: string; values: unknown[] }[];
    const of = (group: string): unknown =>
      differences.filter((one) => one.group === group).map(({ pointer, values }) => [pointer, ...values]);
    expect(of('design')).toEqual([
      ['/arguments/digits', '7', '75'],
      ['/compute/time', '00:05:00', '00:10:00'],
    ]);
    expect(of('end')).toEqual([]);
    expect(differences.find(({ pointer }) => pointer === '/commit/sha')?.values).toMatchObject([
      expect.stringMatching(/^[0-9a-f]{40}$/),
      expect.stringMatching(/^[0-9a-f]{40}$/),
    ]);
    expect(answer['metrics']).toEqual([
      { name: 'accuracy', mode: 'maximize', values: [0.7, 0.75], delta: 0.05 },
      { name: 'loss', mode: null, values: [0.5, 0.5], delta: 0 },
    ]);
    expect(answer['files']).toMatchObject({
      total: 2,
      changed: [
        { path: DESIGN, insertions: 2, deletions: 2 },
        {
          path: 'lib/<script>.py',
          digests: [null, expect.stringMatching(/^[0-9a-f]{64}$/)],
          insertions: 2,
          deletions: 0,
        },
      ],
    });
  });

  it('fit a terminal, however many there are', async () => {
    const [two, four] = await Promise.all([
      autolab(root, ['compare', 'a', 'c']),
      autolab(root, ['compare', 'a', 'b', 'c', 'd']),
    ]);

    expect([two.status, two.stderr]).toEqual([0, '']);
    for (const line of [...two.stdout.split('\n'), ...four.stdout.split('\n')])
      expect(line.length, line).toBeLessThanOrEqual(80);
    expect(two.stdout).toMatch(/^A {2}iter1\/a {2}run\.completed\nB {2}iter1\/c {2}run\.completed\n/);
    expect(two.stdout).toMatch(/^metrics +A +B\n {2}accuracy +0\.7 +0\.75 +\+0\.05 better$/m);
    expect(two.stdout).toMatch(/^ {2}digits +7 +75$/m);
    expect(two.stdout).toMatch(/^ {2}time +00:05:00 +00:10:00$/m);
    expect(two.stdout).toMatch(/^ {4}lib\/<script>\.py +\| added \+2 -0$/m);
    expect(two.stdout).not.toMatch(/^ {2}loss|^inputs|^end/m);
    expect(four.stdout).toMatch(/^end +A +B +C +D\n/m);
    expect(four.stdout).toMatch(/^ {2}exit_code +0 +0 +0 +3$/m);
  });

  it('have a page, in which the text of files is text', async () => {
    const page = join(root, 'cmp.html');
    const [written, printed, slip] = [
      await call(root, ['compare', 'a', 'c', '--html', page]),
      await autolab(root, ['compare', 'a', 'c', '--html']),
      await call(root, ['compare', '--html', 'a', 'b', 'c']),
    ];
    expect(written).toMatchObject({ status: 0, json: { report: page } });
    expect(readFileSync(page, 'utf8')).toBe(printed.stdout);
    expect(printed.stdout).toMatch(/^<!doctype html>/);
    expect(printed.stdout).toContain('lib/&lt;script&gt;.py');
    expect(printed.stdout).not.toMatch(/<script/);
    for (const words of ['/compute/time', '00:10:00', 'fingerprints differ', '+0.05'])
      expect(printed.stdout).toContain(words);
    expect(slip).toMatchObject({ status: 2, json: { code: 'usage' } });
    rmSync(page);
  });

  it('are the same run where their fingerprints are equal', async () => {
    const { json: answer } = await callWithoutTrace(root, ['compare', 'a', 'b']);
    expect(answer['same']).toMatchObject({ inputs: true, reason: null });
    expect(answer['message']).toMatch(/^The two runs are the same run: equal fingerprints/);
    expect(answer['files']).toEqual({ total: 0, changed: [] });
    const groups = new Set((answer['differences'] as { group: string }[]).map(({ group }) => group));
    expect([...groups].filter((group) => !['usage', 'environment'].includes(group))).toEqual([]);
  });

  it('have files by git alone if a list is gone, and none without git', async () => {
    const list = join(root, 'experiments/iter1/runs/d/code.sha256');
    rmSync(list);
    const byGit = await call(root, ['compare', 'c', 'd']);
    expect(byGit.json['files']).toEqual({
      total: 1,
      changed: [{ path: DESIGN, digests: [], insertions: 1, deletions: 1 }],
    });
    expect((await call(root, ['compare', 'b', 'c', 'd'])).json['files']).toEqual({ total: null, changed: [] });
  });

  it('of two formats have no fingerprints to compare', async () => {
    const { journal, manifest } = recordOf('format-1/local-completed');
    const { run_id } = JSON.parse(manifest) as { run_id: string };
    write(root, `experiments/iter1/runs/${run_id}/journal.jsonl`, journal);
    const { status, json: answer } = await call(root, ['compare', run_id, 'a']);
    expect([status, answer['same']]).toMatchObject([
      0,
      { inputs: null, reason: expect.stringMatching(/formats 1 and \d/) },
    ]);
    expect((await autolab(root, ['compare', run_id, 'a'])).stdout).toContain(
      'cannot be compared by their fingerprints',
    );
  });

  it.each([
    [['a'], 2, 'usage'],
    [[], 2, 'usage'],
    [['a', 'r9'], 12, 'run.not_found'],
  ])('%j is refused', async (names, status, code) => {
    expect(await callWithoutTrace(root, ['compare', ...names])).toMatchObject({ status, json: { code } });
  });
});
