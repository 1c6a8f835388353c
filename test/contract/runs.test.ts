import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { autolab, autolabJson } from '../support/autolab.ts';
import { call, callWithoutTrace } from '../support/contract.ts';
import { CLOSED, recordOf } from '../support/old-records.ts';
import { commitAll, edit, json, keepUntilEnd, makeProject, temporaryFolder, write } from '../support/project.ts';
import { measuredProject } from '../support/results.ts';
import { stateOf } from '../support/runs.ts';

/** `autolab runs`: what a reader compares, and how the list is cut and ordered. */

const TRAIN = `for word; do
  case $word in --lr=*) lr=\${word#--lr=} ;; esac
done
test "$lr" != 9 || exit 3
printf '{"accuracy": 0.%s, "loss": 0.5, "steps": 10}\\n' "$lr" > "$AUTOLAB_RUN_DIR/metrics.json"
`;

interface Row {
  readonly run_id: string;
  readonly [key: string]: unknown;
}

/** Runs `a` (lr 7), `b` (lr 8), `c` (lr 9, failed). */
async function threeRuns(): Promise<string> {
  const root = measuredProject({ entrypoint: TRAIN });
  const design = (words: readonly string[]): void => {
    const command = JSON.stringify(['bash', 'experiments/iter1/main.sh', ...words]);
    edit(root, 'experiments/iter1/design.yaml', (text) => text.replace(/command: .*/, () => `command: ${command}`));
    write(root, '.autolab/state.json', json({ ...stateOf(root), stage: 'launch', stage_attempt: 0 }));
  };
  for (const [id, lr] of [
    ['a', '7'],
    ['b', '8'],
    ['c', '9'],
  ] as const) {
    design([`--lr=${lr}`, '--out', '{{run_dir}}', '--name', '=1+1, "x"\u202e']);
    const launched = await call(root, ['launch', '--run-id', id]);
    expect(launched.json['run_id'], launched.stdout).toBe(id);
  }
  return root;
}

describe('a project with runs of several arguments', () => {
  let root = '';

  beforeAll(async () => {
    root = keepUntilEnd(await threeRuns());
  });

  async function rowsOf(...words: readonly string[]): Promise<readonly Row[]> {
    const { status, json: answer } = await callWithoutTrace(root, ['runs', ...words]);
    expect([status, answer['code']]).toEqual([0, 'ok']);
    return answer['runs'] as Row[];
  }
  const idsOf = async (...words: readonly string[]): Promise<string> =>
    (await rowsOf(...words)).map(({ run_id }) => run_id).join(' ');

  it('tells of each its metric, its delta, its times, its arguments', async () => {
    const [first, , last] = await rowsOf();

    expect(first).toMatchObject({
      run_id: 'a',
      experiment_id: 'e1',
      metric: { name: 'accuracy', value: 0.7, mode: 'maximize' },
      metrics: { accuracy: 0.7, loss: 0.5, steps: 10 },
      program: 'bash experiments/iter1/main.sh',
      arguments: { lr: '7', out: '{{run_dir}}', name: '=1+1, "x"\u202e' },
      queued_seconds: null,
      commit: null,
      tree: '.',
    });
    expect((first?.['metric'] as { delta: number }).delta).toBeCloseTo(0.2, 12);
    for (const key of ['duration_seconds', 'running_seconds']) expect(first?.[key], key).toBeTypeOf('number');
    expect(last).toMatchObject({ status: 'failed', metric: null, metrics: {}, arguments: { lr: '9' } });
  });

  it('names only the arguments that differ, and shows harmless text', async () => {
    const [text, answer] = await Promise.all([autolab(root, ['runs']), autolabJson(root, ['runs'])]);

    expect(answer.json['differing_arguments']).toEqual(['lr']);
    expect(text.stdout).toMatch(/^run +started +mode +outcome +running +accuracy +delta +lr\n/);
    expect(text.stdout).toMatch(/^a .* 0\.7 +0\.2 +7$/m);
    expect(text.stdout).toMatch(/^c .* local\.failed .* - +- +9$/m);
    expect(text.stdout).not.toMatch(/[\u001b\u202e]/);
  });

  it.each([
    [['--where', 'status=failed'], 'c'],
    [['--where', 'code=local.*'], 'c'],
    [['--where', 'outcome=run.completed'], 'a b'],
    [['--where', 'lr=8.0'], 'b'],
    [['--where', 'accuracy>0.75'], 'b'],
    [['--where', 'accuracy>0', '--where', 'lr!=8'], 'a'],
    [['--where', 'metrics.loss=0.5'], 'a b'],
    [['--where', 'args.lr>=8'], 'b c'],
    [['--where', 'experiment=e1', '--where', 'mode=local'], 'a b c'],
    [['--where', 'metric='], 'c'],
    [['--where', 'status=running'], ''],
    [['--sort', 'accuracy'], 'b a c'],
    [['--sort', '-accuracy'], 'a b c'],
    [['--sort', 'loss', '--sort', 'lr'], 'a b c'],
    [['--sort', '-lr'], 'c b a'],
    [['--sort', '-started'], 'c b a'],
  ])('%j: %s', async (words, ids) => {
    expect(await idsOf(...words)).toBe(ids);
  });

  it('lists the names that there are, where one is not known', async () => {
    for (const words of [
      ['--where', 'acuracy>1'],
      ['--sort', 'acuracy'],
    ]) {
      const refused = await callWithoutTrace(root, ['runs', ...words]);
      expect(refused).toMatchObject({ status: 2, json: { outcome: 'usage', code: 'usage' } });
      expect(refused.json['message']).toMatch(/did you mean accuracy\?.* status, .* lr, .* steps\.$/);
    }
    expect(await callWithoutTrace(root, ['runs', '--where', 'failed'])).toMatchObject({ status: 2 });
    expect(await callWithoutTrace(root, ['runs', '--csv'])).toMatchObject({ status: 2 });
  });

  it('is a table for spreadsheets, in which nothing is a formula', async () => {
    const { stdout } = await autolab(root, ['runs', '--csv']);
    const [head, ...rows] = parseCsv(stdout);

    expect(head).toEqual(['run', 'started', 'mode', 'outcome', 'running_seconds', 'accuracy', 'delta', 'lr']);
    expect(rows.map((row) => [row[0], row[5], row[7]])).toEqual([
      ['a', '0.7', '7'],
      ['b', '0.8', '8'],
      ['c', '', '9'],
    ]);
    for (const row of rows) expect(Number(row[4])).toBeGreaterThan(0);
  });
});

/** RFC 4180, written down once more. */
function parseCsv(text: string): readonly (readonly string[])[] {
  expect(text.endsWith('\r\n')).toBe(true);
  return text
    .slice(0, -2)
    .split('\r\n')
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,"]*))/g)].map(
        ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
      ),
    );
}

describe('the runs of all work trees', () => {
  it('are listed once each, with the tree that has them', async () => {
    const root = measuredProject({ git: true });
    const other = join(temporaryFolder(), 'other');
    const git = (...words: string[]): string => execFileSync('git', words, { cwd: root, encoding: 'utf8' });
    git('worktree', 'add', '--quiet', '--detach', other);
    await call(root, ['launch', '--run-id', 'here']);
    cpSync(join(root, 'experiments/iter1/runs'), join(other, 'experiments/iter1/runs'), { recursive: true });
    await call(other, ['launch', '--run-id', 'there']);

    const [all, own, elsewhere] = await Promise.all([
      callWithoutTrace(root, ['runs', '--all']),
      callWithoutTrace(root, ['runs']),
      callWithoutTrace(root, ['runs', '--all', '--where', 'tree!=.']),
    ]);

    const trees = (answer: typeof all): unknown =>
      (answer.json['runs'] as Row[]).map(({ run_id, tree, commit }) => [run_id, tree, commit]);
    const commit = git('rev-parse', 'HEAD').trim();
    const name = (trees(elsewhere) as string[][])[0]?.[1] ?? '';
    expect(trees(all)).toEqual([
      ['here', '.', commit],
      ['there', name, commit],
    ]);
    expect(join(root, name)).toBe(other);
    expect(trees(own)).toEqual([['here', '.', commit]]);
    expect((await autolab(root, ['runs', '--all'])).stdout).toMatch(/^run +iteration +tree +started/);
  });

  it('are those of one tree if there is no other, or no repository', async () => {
    const root = makeProject();
    await call(root, ['launch', '--run-id', 'r1']);
    expect((await call(root, ['runs', '--all'])).json['runs']).toMatchObject([{ run_id: 'r1', tree: '.' }]);
    commitAll(root);
    expect((await call(root, ['runs', '--all'])).json['runs']).toMatchObject([{ run_id: 'r1', tree: '.' }]);
  });
});

it('lists records of every format', async () => {
  const root = makeProject();
  for (const name of CLOSED) {
    const { journal, manifest } = recordOf(name);
    const { run_id } = JSON.parse(manifest) as { run_id: string };
    write(root, `experiments/iter1/runs/${run_id}/journal.jsonl`, journal);
  }
  const { json: answer } = await callWithoutTrace(root, ['runs', '--sort', '-running']);
  const rows = answer['runs'] as Row[];
  expect(rows).toHaveLength(CLOSED.length);
  for (const row of rows) {
    expect(row['program'], row.run_id).toBe('bash experiments/iter1/main.sh');
    expect(row['mode'] === 'slurm' ? row['queued_seconds'] : 0, row.run_id).toBeTypeOf('number');
  }
});
