import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { sha256 } from '../../src/platform/ids.ts';
import { autolab, autolabJson, inRun } from '../support/autolab.ts';
import { commitAll, edit, makeProject, runIds, startsOf, write } from '../support/project.ts';
import { again, besideLibrary, git, launched, recorded } from '../support/repositories.ts';
import { manifestOf, SLOW_MS, stateOf } from '../support/runs.ts';

/** Approval is given to digests (X13): what was approved, what is launched and what ran are compared, in that chain. */

vi.setConfig({ testTimeout: SLOW_MS });

const REVIEW = 'experiments/iter1/review_result.json';

/** As `approve` writes it, from the record of a run of this code. */
function approve(root: string, run: string, keys: Record<string, unknown> = {}): void {
  const commit = manifestOf(root, run)['commit'] as Record<string, unknown>;
  const digestOf = (path: string): string => sha256(readFileSync(`${root}/${path}`));
  const approved = {
    code: commit['code_digest'],
    design: digestOf('experiments/iter1/design.yaml'),
    environment: digestOf('docs/environment.md'),
    inputs: {},
    tasks: null,
    commit: commit['sha'],
    ...keys,
  };
  edit(root, REVIEW, (text) => JSON.stringify({ ...(JSON.parse(text) as object), approved }, null, 2));
}

/** The list that `approve` keeps. */
function keepListing(root: string, run: string): void {
  const text = recorded(root, run)
    .split('\n')
    .filter((line) => !line.endsWith('/design.yaml'))
    .join('\n');
  write(root, `.autolab/approved/${sha256(text)}.sha256`, text);
}

async function approvedProject(): Promise<{ root: string; top: string; run: string }> {
  const { root, top } = besideLibrary();
  const { run } = await launched(root);
  approve(root, run);
  again(root);
  return { root, top, run };
}

const verifierOf = (root: string, run: string): unknown =>
  (manifestOf(root, run)['verifiers'] as { name: string; status: string }[]).find(({ name }) => name === 'approval')
    ?.status;

describe('a review with digests', () => {
  it('lets the code through that it names; the record has them, and that they were compared', async () => {
    const { root, run: first } = await approvedProject();
    expect(verifierOf(root, first)).toBe('skip');
    expect(manifestOf(root, first)).not.toHaveProperty('approved');
    const { run } = await launched(root);
    expect(verifierOf(root, run)).toBe('pass');
    expect(manifestOf(root, run)['approved']).toMatchObject({
      code: (manifestOf(root, run)['commit'] as { code_digest: string }).code_digest,
      tasks: null,
    });
  });

  it('another commit with equal content, and what autolab writes, change nothing', async () => {
    const { root, top } = await approvedProject();
    write(root, 'docs/results.md', '# results\n');
    write(root, 'experiments/iter1/analysis/x.md', 'x\n');
    commitAll(top);
    git(top, 'commit', '--quiet', '--allow-empty', '--message', 'again');
    expect((await autolab(root, ['launch'])).status).toBe(0);
  });

  it.each([
    ['code beside the project', '../lib/model.py', true],
    ['code, without the list that was approved', '../lib/model.py', false],
    ['the design', 'experiments/iter1/design.yaml', true],
    ['the environment', 'docs/environment.md', true],
    ['a new file', 'src/new.py', true],
  ])('an edit of %s is review.stale: the file is named, and it costs no attempt', async (_, path, kept) => {
    const { root, run } = await approvedProject();
    if (kept) keepListing(root, run);
    if (path.endsWith('new.py')) write(root, path, 'new\n');
    else edit(root, path, (text) => `${text}# edited\n`);
    for (const command of [['launch', '--dry-run'], ['launch']]) {
      const ended = await autolabJson(root, command);
      expect([ended.status, ended.json['code'], ended.json['stage_attempt']], ended.stderr).toEqual([
        10,
        'review.stale',
        0,
      ]);
      expect(ended.json['message']).toContain(path);
      expect((ended.json['message'] as string).includes('as far as the commit')).toBe(!kept);
    }
    expect(stateOf(root)).toMatchObject({ stage: 'implementation_review', stage_attempt: 0 });
    expect(runIds(root)).toEqual([run]);
  });

  it('an edit after the gate is not started', async () => {
    const { root, run } = await approvedProject();
    await autolab(root, ['launch'], { env: { AUTOLAB_CRASH_AT: 'journal.record-code.step.intent.after' } });
    write(root, 'src/late.py', 'late\n');
    const ended = await autolabJson(root, ['launch']);
    expect([ended.status, ended.json['code'], ended.json['stage_attempt']], ended.stderr).toEqual([
      10,
      'local.code_changed',
      0,
    ]);
    const [late = ''] = runIds(root).filter((id) => id !== run);
    expect(startsOf(root, late)).toBe(0);
    expect(readFileSync(inRun(root, 'iter1', late, 'run_manifest.json'), 'utf8')).toContain('"approved"');
  });

  it('digests that are left out are not compared', async () => {
    const { root, run } = await approvedProject();
    approve(root, run, { code: null, environment: undefined });
    edit(root, 'docs/environment.md', (text) => `${text}more\n`);
    expect((await autolab(root, ['launch'])).status).toBe(0);
  });

  it('without a repository any more: stale, with the reason', async () => {
    const root = makeProject();
    approve(root, (await launched(root)).run, { code: 'a'.repeat(64) });
    again(root);
    const ended = await autolabJson(root, ['launch']);
    expect([ended.json['code'], ended.json['message']]).toMatchObject([
      'review.stale',
      expect.stringContaining('no git repository') as string,
    ]);
  });

  it('what is no digest is a problem with its place', async () => {
    const root = makeProject({ git: true });
    edit(root, REVIEW, (text) =>
      JSON.stringify({ ...(JSON.parse(text) as object), approved: { code: 'abc' } }, null, 2),
    );
    const ended = await autolabJson(root, ['launch']);
    expect([ended.status, ended.json['code']]).toEqual([10, 'review.missing']);
    expect(ended.json['problems']).toMatchObject([{ file: REVIEW, pointer: '/approved/code' }]);
  });
});
