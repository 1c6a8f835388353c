import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { type Approved, approvedDigest } from '../../src/project/approved.ts';
import { reviewable } from '../support/approval.ts';
import { autolab, autolabJson, inRun } from '../support/autolab.ts';
import { edit, makeProject, readJson, runIds, startsOf, temporaryFolder, write } from '../support/project.ts';
import { manifestOf, SLOW_MS, stateOf } from '../support/runs.ts';

/** Data that git does not have (X12, X13): digested at launch, approved by digest, and compared just before the entrypoint. */

vi.setConfig({ testTimeout: SLOW_MS });

const DESIGN = 'experiments/iter1/design.yaml';

function declare(root: string, inputs: string): void {
  edit(root, DESIGN, (text) => `${text}inputs: ${inputs}\n`);
  edit(root, '.gitignore', (text) => `${text}/data/\n`);
}

/** With `data/a.csv` and `data/sub/b.csv`, which git ignores. */
function withData(inputs: string, options: Parameters<typeof makeProject>[0] = {}): string {
  const root = makeProject({ ...options });
  write(root, 'data/a.csv', 'one\n');
  write(root, 'data/sub/b.csv', 'two\n');
  declare(root, inputs);
  return root;
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const run = (root: string): string => runIds(root).at(-1) ?? '';
const inputsOf = (root: string): Record<string, unknown>[] =>
  manifestOf(root, run(root))['data_inputs'] as Record<string, unknown>[];
const placeOf = (root: string, path: string): string => inRun(root, 'iter1', run(root), path);
const listOf = (root: string): string => readFileSync(placeOf(root, 'inputs.sha256'), 'utf8');

async function launches(root: string): Promise<void> {
  const ended = await autolab(root, ['launch']);
  expect(ended.status, ended.stderr).toBe(0);
}

describe('inputs of a design', () => {
  it('are recorded with digests, one entry for each, and their files in a list that sha256sum reads', async () => {
    const elsewhere = temporaryFolder();
    writeFileSync(join(elsewhere, 'x.h5'), 'xx');
    writeFileSync(join(elsewhere, 'y.txt'), 'y');
    const root = withData(`[data, "data/*.csv", {path: "${elsewhere}/*.h5", check: size}]`);

    await launches(root);

    const [all, glob, sized] = inputsOf(root);
    const a = `${digest('one\n')}  data/a.csv\n`;
    const b = `${digest('two\n')}  data/sub/b.csv\n`;
    expect(all).toEqual({ path: 'data', check: 'digest', files: 2, bytes: 8, sha256: digest(a + b) });
    expect(glob).toEqual({ path: 'data/*.csv', check: 'digest', files: 1, bytes: 4, sha256: digest(a) });
    expect(sized).toMatchObject({ path: `${elsewhere}/*.h5`, check: 'size', files: 1, bytes: 2 });
    expect(listOf(root)).toBe(
      `# input data\n${a}${b}# input data/*.csv\n${a}# input ${elsewhere}/*.h5\n# size 2 ${elsewhere}/x.h5\n`,
    );
    const checked = spawnSync('sha256sum', ['--check', '--quiet', placeOf(root, 'inputs.sha256')], { cwd: root });
    expect(checked.status).toBe(0);
  });

  it('change the fingerprint, and nothing else does: the same data give the same', async () => {
    const root = withData('[data]');
    const fingerprint = async (): Promise<unknown> => {
      edit(root, '.autolab/state.json', (text) => JSON.stringify({ ...JSON.parse(text), stage: 'launch' }));
      await launches(root);
      return manifestOf(root, run(root))['fingerprint'];
    };
    const first = await fingerprint();
    expect(await fingerprint()).toBe(first);
    write(root, 'data/a.csv', 'ONE\n');
    expect(await fingerprint()).not.toBe(first);
  });

  it.each([
    [
      'a file',
      (root: string) => {
        appendFileSync(join(root, 'data/a.csv'), 'x');
      },
      'data/a.csv',
    ],
    [
      'contents of the same size',
      (root: string) => {
        write(root, 'data/a.csv', 'ONE\n');
      },
      'data/a.csv',
    ],
    [
      'a file that is gone',
      (root: string) => {
        rmSync(join(root, 'data/sub/b.csv'));
      },
      'data/sub/b.csv',
    ],
    [
      'a file that was added',
      (root: string) => {
        write(root, 'data/sub/c d.csv', '');
      },
      'data/sub/c d.csv',
    ],
    [
      'a folder in the place of a file',
      (root: string) => {
        rmSync(join(root, 'data/a.csv'));
        mkdirSync(join(root, 'data/a.csv'));
      },
      'data/a.csv',
    ],
    [
      'a pipe',
      (root: string) => {
        spawnSync('mkfifo', [join(root, 'data/pipe')]);
      },
      'data/pipe',
    ],
    [
      'everything',
      (root: string) => {
        renameSync(join(root, 'data'), join(root, 'other'));
      },
      'data/a.csv',
    ],
  ])('end the run before the entrypoint if %s changed since the launch', async (_, change, named) => {
    const root = withData('[data, "data/**/*.csv"]');
    write(root, 'change', '');
    edit(root, 'docs/environment.md', (text) =>
      text.replace(
        '# nothing to activate',
        'for n in $(seq 600); do [ ! -e "$AUTOLAB_REPO_ROOT/go" ] || break; sleep 0.1; done',
      ),
    );
    const ended = autolabJson(root, ['launch']);
    await vi.waitFor(
      () => {
        readFileSync(placeOf(root, 'receipt/started.json'));
      },
      { timeout: 60_000, interval: 50 },
    );
    change(root);
    write(root, 'go', '');

    const { status, json, stderr } = await ended;

    expect([status, json['code'], json['outcome']], stderr).toEqual([10, 'local.inputs_changed', 'needs_retry']);
    expect(json['message']).toContain(named);
    expect(json['hint']).toContain('autolab approve --by WHO');
    expect(startsOf(root, run(root))).toBe(0);
    expect(stateOf(root)).toMatchObject({ stage: 'launch', stage_attempt: 0 });
    expect(readFileSync(placeOf(root, 'logs/stderr.log'), 'utf8')).toContain(
      'the data are not what they were at the launch',
    );
  });

  it.each([
    ['nothing is there', '[data, "nowhere/*.csv"]', () => undefined, 'inputs.missing', 'nowhere/*.csv'],
    [
      'a pattern matches hidden files only',
      '["data/*.zip"]',
      (root: string) => {
        write(root, 'data/.x.zip', '');
      },
      'inputs.missing',
      'data/*.zip',
    ],
    [
      'a link leads nowhere',
      '[data]',
      (root: string) => {
        symlinkSync('/nowhere', join(root, 'data/link'));
      },
      'inputs.unreadable',
      'data/link is a symbolic link that leads nowhere',
    ],
    [
      'links lead in a circle',
      '[data]',
      (root: string) => {
        symlinkSync('..', join(root, 'data/sub/up'));
      },
      'inputs.unreadable',
      'data/sub/up leads back to data',
    ],
    [
      'a link leads to itself',
      '[data]',
      (root: string) => {
        symlinkSync('self', join(root, 'data/self'));
      },
      'inputs.unreadable',
      'lead in a circle',
    ],
    [
      'there is a pipe',
      '[data]',
      (root: string) => {
        spawnSync('mkfifo', [join(root, 'data/pipe')]);
      },
      'inputs.unreadable',
      'data/pipe is a named pipe',
    ],
    [
      'a name has a line break',
      '[data]',
      (root: string) => {
        write(root, 'data/a\nb', '');
      },
      'inputs.unreadable',
      'has a line break in its name',
    ],
    [
      'a name is not UTF-8',
      '[data]',
      (root: string) => {
        writeFileSync(Buffer.concat([Buffer.from(`${root}/data/`), Buffer.from([0xff])]), '');
      },
      'inputs.unreadable',
      'is not UTF-8 (its bytes: ff)',
    ],
  ])('refuse a launch before the claim if %s, with the place', async (_, inputs, prepare, code, words) => {
    const root = withData(inputs);
    prepare(root);

    const { status, json, stderr } = await autolabJson(root, ['launch']);

    expect([status, json['code']], stderr).toEqual([10, code]);
    expect(json['message']).toContain(words);
    if (code === 'inputs.unreadable')
      expect(json['hint']).toBe('Remove or rename them, or make them readable; then: `autolab launch`.');
    expect(json['problems']).toMatchObject([
      { file: DESIGN, line: 13, pointer: expect.stringMatching(/^\/inputs\/[01]$/) as string },
    ]);
    expect(runIds(root)).toEqual([]);
  });

  it.each([
    ['a readonly PATH', 'readonly PATH\n'],
    ['a PATH that leads nowhere', 'PATH=/nowhere\n'],
    ['a function in the place of a program', 'sha256sum() { exit 1; }\nexport -f sha256sum\n'],
  ])('are compared after an activation that leaves %s', async (_, activation) => {
    const root = withData('[data]', {
      activation,
      entrypoint: 'echo "{}" > "$AUTOLAB_RUN_DIR/metrics.json"\n',
      command: ['/bin/bash', 'experiments/iter1/main.sh'],
    });

    await launches(root);

    expect(inputsOf(root)).toMatchObject([{ path: 'data', files: 2 }]);
  });

  it('may be missing if they are not required, and must then be missing at the start', async () => {
    const root = withData('[{path: "extra/*", required: false}]');
    await launches(root);
    expect(inputsOf(root)).toMatchObject([{ files: 0, bytes: 0, sha256: digest('') }]);
  });

  it('are followed through symbolic links, and may have odd names', async () => {
    const elsewhere = temporaryFolder();
    mkdirSync(join(elsewhere, 'deep'));
    writeFileSync(join(elsewhere, "deep/it's \\ $(x) *é.csv"), 'odd');
    writeFileSync(join(elsewhere, '-'), 'dash');
    const root = withData('[data, "(x)"]');
    symlinkSync(elsewhere, join(root, 'data/linked'));
    write(root, '(x)', '');
    await launches(root);
    expect(inputsOf(root)).toMatchObject([{ files: 4, bytes: 15 }, { files: 1 }]);
    expect(listOf(root)).toContain('data/linked/deep/');
  });

  it('are not refused, here or in the job, because of names beside them that a pattern does not match', async () => {
    const root = withData('["d3/ok*.csv"]');
    write(root, 'd3/ok1.csv', 'one\n');
    symlinkSync('.', join(root, 'd3/loop'));
    symlinkSync('self', join(root, 'd3/self'));
    symlinkSync('nowhere', join(root, 'd3/lost'));
    write(root, 'd3/a\nb', '');
    write(root, 'd3/ok\nb', '');
    spawnSync('mkfifo', [join(root, 'd3/pipe')]);
    writeFileSync(Buffer.concat([Buffer.from(`${root}/d3/`), Buffer.from([0xff])]), '');
    edit(root, '.gitignore', (text) => `${text}/d3/\n`);
    await launches(root);
    expect(inputsOf(root)).toMatchObject([{ files: 1, bytes: 4 }]);
  });

  it('that match nothing are said to, whatever lies beside them', async () => {
    const root = withData('["data/none*.csv"]');
    symlinkSync('.', join(root, 'data/loop'));
    write(root, 'data/a\nb', '');
    const { json } = await autolabJson(root, ['launch']);
    expect([json['code'], json['message']]).toEqual([
      'inputs.missing',
      'Nothing matches the data input data/none*.csv.',
    ]);
  });

  it.each([
    ['a link that leads to itself', 'okself.csv', 'lead in a circle'],
    ['a line break in a name', 'ok\n.csv', 'has a line break'],
  ])('are refused for %s if it matches; the hint names the command of the stage', async (_, name, words) => {
    const root = reviewable();
    write(root, 'data/ok1.csv', 'one\n');
    symlinkSync(name.includes('\n') ? 'ok1.csv' : name, join(root, 'data', name));
    declare(root, '["data/ok*.csv"]');
    const { status, json } = await autolabJson(root, ['approve', '--by', 'ada', '--yes']);
    expect([status, json['code'], json['stage_after']]).toEqual([10, 'inputs.unreadable', 'implementation_review']);
    expect(json['message']).toContain(words);
    expect(json['hint']).toBe('Remove or rename them, or make them readable; then: `autolab approve --by WHO`.');
  });

  it('have no digest if their names look like those of secrets', async () => {
    const root = withData('[data]');
    write(root, 'data/.env', 'abc');
    await launches(root);
    expect(listOf(root)).toContain('# size 3 data/.env\n');
  });

  it('are approved: the review names their digests, and a launch compares them', async () => {
    const root = reviewable();
    write(root, 'data/a.csv', 'one\n');
    declare(root, '[data]');
    const approved = await autolabJson(root, ['approve', '--by', 'ada', '--yes']);
    expect(approved.status, approved.stderr).toBe(0);
    const review = readJson(root, 'experiments/iter1/review_result.json')['approved'] as Approved;
    expect(review.inputs).toEqual({ data: digest(`${digest('one\n')}  data/a.csv\n`) });
    expect(approved.json['approved_digest']).toBe(approvedDigest(review));

    const planned = await autolab(root, ['launch', '--dry-run']);
    expect(planned.stdout).toContain('  data: data: 1 file, 4 B (SHA-256 ');

    write(root, 'data/a.csv', 'ONE\n');
    const stale = await autolabJson(root, ['launch']);
    expect([stale.status, stale.json['code'], stale.json['stage_after']], stale.stderr).toEqual([
      10,
      'review.stale',
      'implementation_review',
    ]);
    expect(stale.json['message']).toContain('data changed since');
    expect(runIds(root)).toEqual([]);

    expect((await autolab(root, ['approve', '--by', 'ada', '--yes'])).status).toBe(0);
    await launches(root);
    expect(manifestOf(root, run(root))['approved']).toMatchObject({ inputs: { data: inputsOf(root)[0]?.['sha256'] } });
  });
});
