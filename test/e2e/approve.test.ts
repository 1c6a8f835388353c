import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { openProject } from '../../src/index.ts';
import { reviewable } from '../support/approval.ts';
import { autolab, autolabJson, cleanEnvironment, parseJson, PROGRAM, startAutolab } from '../support/autolab.ts';
import { edit, makeProject, read, readJson, runIds, treeDigest, until, write } from '../support/project.ts';
import { git } from '../support/repositories.ts';
import { isStopped, lives, SLOW_MS, stateOf } from '../support/runs.ts';

/** `approve` and `reject`: a person's decision, given to what is there. */

vi.setConfig({ testTimeout: SLOW_MS });

const REVIEW = 'experiments/iter1/review_result.json';
const ANSWER = fileURLToPath(new URL('../fixtures/answer.py', import.meta.url));

const approve = (root: string, ...words: readonly string[]) =>
  autolabJson(root, ['approve', '--by', 'ada', '--yes', ...words]);
const reviewOf = (root: string) => readJson(root, REVIEW);

/** A first command that gates a launch, and what `approve` makes of it. */
async function launches(root: string): Promise<void> {
  const ended = await autolab(root, ['launch']);
  expect(ended.status, ended.stderr).toBe(0);
}

describe('autolab approve', () => {
  it('writes the review with its digests, keeps the listing, moves to the launch, and the launch passes', async () => {
    const root = reviewable();
    const ended = await approve(root, '--note', 'looks "good"\n{{run_id}}');
    expect([ended.status, ended.json['code'], ended.json['stage_after']], ended.stderr).toEqual([
      0,
      'review.approved',
      'launch',
    ]);
    const review = reviewOf(root);
    expect(review).toMatchObject({
      status: 'pass',
      required_checks: {
        schema: 'pass',
        env_smoke: 'pass',
        dry_run: 'pass',
        tests: 'skip',
        docs_target_update: 'skip',
      },
      blocking_findings: [],
      reviewed_by: 'ada',
      author: expect.stringContaining('Test <test@example.org>') as string,
      note: 'looks "good"\n{{run_id}}',
      approved: ended.json['approved'] as object,
    });
    expect(Object.keys(review['approved'] as object).sort()).toEqual([
      'code',
      'commit',
      'design',
      'environment',
      'inputs',
      'tasks',
    ]);
    expect(
      existsSync(`${root}/.autolab/approved/${String((review['approved'] as Record<string, string>)['code'])}.sha256`),
    ).toBe(true);
    expect(stateOf(root)).toMatchObject({
      stage: 'launch',
      stage_attempt: 0,
      history: [{ by: 'ada', code: 'review.approved' }],
    });
    const planned = await autolabJson(root, ['launch', '--dry-run']);
    expect(planned.json['plan']).toMatchObject({ approved_digest: ended.json['approved_digest'] as string });
    await launches(root);
  });

  it('keeps the keys of others, and rewrites a review that cannot be read', async () => {
    const root = reviewable();
    write(
      root,
      REVIEW,
      '{"status": "failed", "reviewer_model": "x", "required_checks": {"mine": "pass"}, "blocking_findings": ["a"]}',
    );
    await approve(root);
    expect(reviewOf(root)).toMatchObject({
      status: 'pass',
      reviewer_model: 'x',
      required_checks: { mine: 'pass' },
      blocking_findings: [],
    });
    write(root, REVIEW, '{"aproved": {}, "status":');
    expect((await approve(root)).status).toBe(0);
    write(root, REVIEW, '{"aproved": {}, "status": "pass"}');
    expect((await approve(root)).status).toBe(0);
    await launches(root);
  });

  it('a check of another program that failed is not lifted', async () => {
    const root = reviewable();
    write(root, REVIEW, '{"status": "failed", "required_checks": {"mine": "fail"}}');
    const ended = await approve(root);
    expect([ended.status, ended.json['code']]).toEqual([10, 'approval.check_failed']);
    expect(ended.json['message']).toContain('mine');
  });

  it.each([
    ['schema', 'experiments/iter1/design.yaml', (text: string) => text.replace('cpus: 1', 'cpus: none'), 'design.yaml'],
    [
      'env_smoke',
      'docs/environment.md',
      (text: string) => text.replace('# nothing to activate', 'echo from-the-activation >&2\nmodule_that_is_not_there'),
      'from-the-activation',
    ],
    [
      'env_smoke',
      'docs/environment.md',
      (text: string) => text.replace('# nothing to activate', 'exit 0'),
      'leaves the shell',
    ],
    [
      'dry_run',
      'experiments/iter1/design.yaml',
      (text: string) => text.replace('location: local', 'location: slurm'),
      'slurm',
    ],
    [
      'tests',
      '.autolab/launch.yaml',
      (text: string) => `${text}checks: {tests: [bash, -c, "echo token; exit 3"]}\n`,
      'status 3',
    ],
    [
      'tests',
      '.autolab/launch.yaml',
      (text: string) => `${text}checks: {tests: [bash, -c, "yes | head -c 3000000; echo the-last-word; exit 3"]}\n`,
      'the-last-word',
    ],
    [
      'tests',
      '.autolab/launch.yaml',
      (text: string) => `${text}checks: {tests: [sleep, "600"], timeout_seconds: 1}\n`,
      'within 1 s',
    ],
    [
      'tests',
      '.autolab/launch.yaml',
      (text: string) => `${text}checks: {tests: [no-such-program-of-tests]}\n`,
      'ENOENT',
    ],
    [
      'docs_target_update',
      'docs/results.md',
      () => '<!-- autolab:results:begin -->\n',
      'mark that ends the block is missing',
    ],
  ])(
    '%s of %s that fails sends the experiment back, with the finding, and costs no attempt',
    async (name, path, change, words) => {
      const root = reviewable();
      if (path === 'docs/results.md') write(root, path, '');
      edit(root, path, change);
      const ended = await approve(root);
      expect(
        [ended.status, ended.json['code'], ended.json['stage_after'], ended.json['attempt_counted']],
        ended.stdout,
      ).toEqual([10, 'approval.check_failed', 'implementation', false]);
      const review = reviewOf(root);
      expect(review).toMatchObject({ status: 'needs_retry', required_checks: { [name]: 'fail' }, approved: null });
      expect(Object.keys(review['required_checks'] as object)).toHaveLength(5);
      expect((review['blocking_findings'] as string[]).find((finding) => finding.startsWith(name))).toContain(words);
      expect(stateOf(root)).toMatchObject({ stage: 'implementation', stage_attempt: 0 });
      const again = await approve(root);
      expect([again.status, again.json['code'], again.json['hint']]).toEqual([
        12,
        'state.wrong_stage',
        'First: autolab advance',
      ]);
    },
  );

  it('an activation may return, change the folder, and end with a test that is false', async () => {
    const root = reviewable({ activation: 'cd /\n[ -d /no/such/folder ] && x=1\n' });
    expect((await approve(root)).status).toBe(0);
    const other = reviewable({ activation: 'export X=1\nreturn 0\n' });
    expect((await approve(other)).json['required_checks']).toMatchObject({ env_smoke: 'pass' });
  });

  it('tests that pass are recorded; what they leave, and git does not ignore, is not approved', async () => {
    const root = reviewable();
    write(
      root,
      '.autolab/launch.yaml',
      'host_mode: local\nchecks: {tests: [bash, -c, "test ! -t 0 && date +%N > src.cache"]}\n',
    );
    const before = stateOf(root);
    const changed = await approve(root);
    expect([changed.status, changed.json['code']], changed.stdout).toEqual([13, 'approval.changed']);
    expect(changed.json['message']).toContain('src.cache');
    expect(changed.json['hint']).toContain('If the tests leave files');
    expect(existsSync(`${root}/${REVIEW}`)).toBe(false);
    expect(stateOf(root)).toEqual(before);
    write(root, '.gitignore', `${read(root, '.gitignore')}src.cache\n`);
    const ended = await approve(root);
    expect(ended.json['required_checks'], ended.stdout).toMatchObject({ tests: 'pass' });
  });

  it.each([
    ['without git', { git: false }],
    ['in a repository without commits', { git: false, init: true }],
    ['with uncommitted changes', { git: true, dirty: true }],
  ])('works %s', async (_, { git: committed, ...how }) => {
    const root = reviewable({ git: committed });
    if ('init' in how) git(root, 'init', '--quiet');
    if ('dirty' in how) write(root, 'src/new "file"\t.py', 'x\n');
    const ended = await approve(root);
    expect(ended.status, ended.stdout).toBe(0);
    const { approved } = reviewOf(root) as { approved: Record<string, unknown> };
    expect([approved['code'] === null, approved['commit'] === null]).toEqual([
      !committed && !('init' in how),
      !committed,
    ]);
    await launches(root);
  });

  it('names what is not committed, and its author, before it asks', async () => {
    const root = reviewable();
    write(root, 'src/new.py', 'x\n');
    git(root, 'config', 'user.name', 'Grace');
    git(root, 'config', 'user.email', 'grace@lab');
    const ended = await autolab(root, ['approve', '--by', 'ada', '--yes']);
    expect(ended.status).toBe(0);
    for (const words of [
      'uncommitted  src/new.py',
      'Test <test@example.org>; Grace <grace@lab>',
      'bash experiments/iter1/main.sh',
      'cpus=1',
      'this host (local)',
    ])
      expect(ended.stderr).toContain(words);
  });

  it('asks on a terminal, and without one needs --yes', async () => {
    const root = reviewable();
    const before = treeDigest(root);
    const ended = await autolabJson(root, ['approve', '--by', 'ada']);
    expect([ended.status, ended.json['code']]).toEqual([2, 'usage']);
    expect(ended.json['message']).toContain('--yes');
    expect(ended.json['hint']).toBe('autolab approve --by ada --yes');
    const asked = (answer: string) =>
      spawnSync('python3', [ANSWER, '[y/N]', answer, process.execPath, PROGRAM, 'approve', '--by', 'ada'], {
        cwd: root,
        encoding: 'utf8',
        env: cleanEnvironment({}),
      });
    for (const no of ['n\n', '\n', '\u0003', '\u0004']) {
      const { status, stdout } = asked(no);
      expect([status, stdout.includes('nothing was written')], stdout).toEqual([130, true]);
    }
    expect(treeDigest(root)).toBe(before);
    const { status, stdout } = asked('y\n');
    expect(status, stdout).toBe(0);
    expect(stdout).toContain('To be approved:');
    expect(stateOf(root)).toMatchObject({ stage: 'launch' });
  });

  it('what changes between the question and the answer is not approved', async () => {
    const root = reviewable();
    const before = stateOf(root);
    for (const path of ['experiments/iter1/main.sh', 'experiments/iter1/design.yaml', 'docs/environment.md']) {
      const ended = await openProject(root).approve({
        by: 'ada',
        confirm: () => {
          edit(root, path, (text) => `${text}# edited\n`);
          return true;
        },
      });
      expect([ended.outcome, ended.code], ended.message).toEqual(['conflict', 'approval.changed']);
      const name = path.endsWith('design.yaml') ? 'the design' : path;
      expect(ended.message).toBe(`Nothing was approved: ${name} changed while it was checked.`);
      expect(ended.hint).toBe('Look at what changed, then: autolab approve --by WHO');
    }
    expect([existsSync(`${root}/${REVIEW}`), stateOf(root)]).toEqual([false, before]);
  });

  it('an answer that comes after another decision changes nothing', async () => {
    const root = reviewable();
    const ended = await openProject(root).approve({
      by: 'ada',
      confirm: async () => (await autolab(root, ['reject', '--by', 'bob', '--note', 'no seed'])).status === 0,
    });
    expect([ended.outcome, ended.code], ended.message).toEqual(['conflict', 'approval.changed']);
    expect(reviewOf(root)).toMatchObject({ status: 'needs_retry', reviewed_by: 'bob' });
  });

  it('Ctrl-C while the tests run ends them, and nothing is written', async () => {
    const root = reviewable();
    write(
      root,
      '.autolab/launch.yaml',
      'host_mode: local\nchecks: {tests: [bash, -c, "echo $$ > .autolab/pid; exec sleep 600"]}\n',
    );
    const before = stateOf(root);
    const running = startAutolab(root, ['approve', '--by', 'ada', '--yes', '--json']);
    await until('the tests run', () => existsSync(`${root}/.autolab/pid`) && read(root, '.autolab/pid') !== '');
    running.child.kill('SIGINT');
    const ended = await running.ended;
    expect([ended.status, parseJson(ended)['code']]).toEqual([130, 'interrupted']);
    await until('the tests are ended', () => !lives(Number(read(root, '.autolab/pid'))));
    expect([existsSync(`${root}/${REVIEW}`), stateOf(root)]).toEqual([false, before]);
  });

  it('a stale review is approved again', async () => {
    const root = reviewable();
    await approve(root);
    write(root, 'src/new.py', 'x\n');
    expect((await autolabJson(root, ['launch'])).json['code']).toBe('review.stale');
    expect(stateOf(root)).toMatchObject({ stage: 'implementation_review' });
    expect((await approve(root)).status).toBe(0);
    // At the launch, too.
    write(root, 'src/new.py', 'y\n');
    expect((await autolabJson(root, ['launch', '--dry-run'])).json['hint']).toContain('autolab approve --by WHO');
    expect((await approve(root)).status).toBe(0);
    await launches(root);
  });

  it.each([
    ['hypothesis', 'First: autolab advance'],
    ['extract_results', 'First: autolab extract'],
    ['decide_repeat', 'First: autolab decide'],
    ['human_review', 'autolab review pass|retry|stop'],
    ['slurm_monitor', 'See: autolab'],
  ])('at %s it says which command comes first', async (stage, hint) => {
    const root = reviewable({ state: { stage } });
    const before = treeDigest(root);
    for (const words of [
      ['approve', '--yes'],
      ['reject', '--note', 'x'],
    ]) {
      const ended = await autolabJson(root, [...words, '--by', 'ada']);
      expect(ended.json['hint']).toContain(hint);
      expect(ended.status).toBe(stage === 'human_review' ? 11 : 12);
    }
    expect(treeDigest(root)).toBe(before);
  });

  it('is refused while a run is open', async () => {
    const root = makeProject({ git: true });
    await autolab(root, ['launch'], { env: { AUTOLAB_CRASH_AT: 'journal.record-code.step.intent.after' } });
    const ended = await approve(root);
    expect([ended.status, ended.json['code']]).toEqual([13, 'run.other_active']);
  });

  it('trouble of the host sends nobody back', async () => {
    const root = reviewable();
    write(root, '.autolab/launch.yaml', 'require_clean_tree: true\nhost_mode: local\n');
    write(root, 'src/new.py', 'x\n');
    const ended = await approve(root);
    expect([ended.status, ended.json['code'], ended.json['stage_after']]).toEqual([
      10,
      'git.dirty',
      'implementation_review',
    ]);
    expect(existsSync(`${root}/${REVIEW}`)).toBe(false);
  });

  it.each([
    'approval.listing_kept',
    'approval.signature_written',
    'write.review_result.json.renamed',
    'move.written',
    'move.state_written',
  ])('killed at %s, it is approved by the next call, and the launch passes', async (point) => {
    const root = reviewable();
    const killed = await autolab(root, ['approve', '--by', 'ada', '--yes'], { env: { AUTOLAB_CRASH_AT: point } });
    expect(killed.signal).toBe('SIGKILL');
    expect((await approve(root)).status).toBe(0);
    await launches(root);
  });

  it('of two at once, one approves; the other finds the workflow elsewhere, and writes nothing', async () => {
    const root = reviewable();
    const first = startAutolab(root, ['approve', '--by', 'ada', '--yes', '--json'], {
      env: { AUTOLAB_STOP_AT: 'approval.listing_kept' },
    });
    await until('the first holds the lease', () => isStopped(first.child.pid ?? 0));
    const second = await autolabJson(root, ['approve', '--by', 'bob', '--yes']);
    expect([second.status, second.json['code']], second.stdout).toEqual([13, 'lease.held']);
    first.child.kill('SIGCONT');
    expect((await first.ended).status).toBe(0);
    expect(reviewOf(root)).toMatchObject({ reviewed_by: 'ada' });
    expect(runIds(root)).toEqual([]);
  });

  it('a review that leads out of the project is not written', async () => {
    const root = reviewable();
    spawnSync('ln', ['-s', '/etc/passwd', `${root}/${REVIEW}`]);
    expect((await approve(root)).json['code']).toBe('path.escapes');
  });
});
