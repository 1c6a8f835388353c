import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { autolab, autolabJson, inRun, parseJson, type Running, startAutolab } from '../support/autolab.ts';
import { describeOverSsh, Far } from '../support/far.ts';
import { baseOf, farProject, type FarProjectOptions, farRun } from '../support/far-project.ts';
import { commitAll, read, runIds, startsOf, until, write } from '../support/project.ts';
import { hasClaim, manifestOf, SLOW_MS } from '../support/runs.ts';
import { type Cluster, sharedCluster } from '../support/slurm.ts';
import { expectOnce, type SlurmEnv } from '../support/slurm-project.ts';

/** What can be wrong with the other host, the way to it, and what lies on it (R19–R21, X4, X7). */

let env: SlurmEnv;
let cluster: Cluster;
let far: Far;
const mounted: string[] = [];

async function launch(root: string, over: Far = far): Promise<Record<string, any>> {
  const { status, json, stderr } = await autolabJson(root, ['launch'], { env: over.near });
  return { ...json, exit: status, stderr };
}

/** A small file system of its own, in this namespace and so in that of the nodes. */
function smallDisk(folder: string, kib: number): void {
  mkdirSync(folder, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kib}k`, 'tmpfs', folder]);
  mounted.push(folder);
}

function release(folder: string): void {
  execFileSync('umount', ['--lazy', folder]);
  mounted.splice(mounted.indexOf(folder), 1);
}

afterEach(() => {
  for (const folder of [...mounted]) release(folder);
});

describeOverSsh('what can be wrong over ssh', () => {
  beforeAll(async () => {
    cluster = await sharedCluster();
    ({ env } = cluster);
    far = await Far.start({ env: cluster.env, shared: [cluster.folder] });
  });

  it.each<[string, FarProjectOptions, (root: string) => void, string, RegExp]>([
    [
      'a folder that is missing',
      {},
      () => {
        rmSync(baseOf(far), { recursive: true });
      },
      'remote.path',
      /does not exist/,
    ],
    ['another project at a shared path', { mode: 'shared_fs' }, () => undefined, 'remote.path', /is not this project/],
    [
      'uncommitted changes in mode git',
      { mode: 'git' },
      (root) => {
        write(root, 'new.txt', 'x');
      },
      'git.dirty',
      /new\.txt/,
    ],
    [
      'no repository in mode git',
      { mode: 'git', git: false },
      () => undefined,
      'git.required',
      /mode git sends a commit/,
    ],
    [
      'files of LFS in mode git',
      { mode: 'git' },
      (root) => {
        write(root, '.gitattributes', '*.bin filter=lfs\n');
        write(root, 'a.bin', 'x');
        commitAll(root);
      },
      'remote.git_mode',
      /a\.bin is kept by git LFS/,
    ],
    [
      'a submodule in mode git',
      { mode: 'git' },
      (root) => {
        const sha = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
        execFileSync('git', ['update-index', '--add', '--cacheinfo', `160000,${sha},part`], { cwd: root });
        mkdirSync(join(root, 'part'));
        execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.org', 'commit', '-qm', 'part'], {
          cwd: root,
        });
      },
      'remote.git_mode',
      /part is a submodule/,
    ],
  ])('is told before anything is claimed: %s', async (_what, options, break_, code, message) => {
    const root = farProject(far, options);
    break_(root);
    const launched = await launch(root);
    expect([launched['exit'], launched['code']], launched['stderr']).toEqual([10, code]);
    expect(launched['message']).toMatch(message);
    expect([runIds(root), hasClaim(root), launched['stage_after']]).toEqual([[], false, 'launch']);
  });

  it(
    'does without rsync over there, and behind a banner and a shell that prints',
    async () => {
      const over = await Far.start({ env: cluster.env, shared: [cluster.folder], banner: 'Welcome.\n'.repeat(200) });
      over.startUp('echo "disk quota: 93 %"\n');
      const root = farProject(over);
      const launched = await launch(root, over);
      expect(launched['code'], launched['stderr']).toBe('run.completed');
      const { sync } = manifestOf(root, String(launched['run_id']));
      expect([sync['to_remote']['method'], sync['to_local']['method'], sync['to_local']['verified']]).toEqual([
        'tar',
        'tar',
        true,
      ]);
    },
    SLOW_MS,
  );

  it(
    'leaves what exclude names on this side, and the job does not miss it',
    async () => {
      const root = farProject(far, { profile: { exclude: ['*.big', '/data/'] } });
      write(root, 'model.big', 'x');
      write(root, 'data/a', 'x');
      write(root, 'src/data/b', 'x');
      commitAll(root);
      const launched = await launch(root);
      expect(launched['code'], launched['stderr']).toBe('run.completed');
      const tree = join(baseOf(far), '.autolab/worktrees', String(launched['run_id']));
      expect(['model.big', 'data/a', 'src/data/b'].map((name) => existsSync(join(tree, name)))).toEqual([
        false,
        false,
        true,
      ]);
    },
    SLOW_MS,
  );

  it(
    'tells a full disk over there before the job, and goes on with the same run when there is room',
    async () => {
      const root = farProject(far);
      write(root, 'large', Buffer.alloc(3_000_000, 'x'));
      commitAll(root);
      const base = baseOf(far);
      smallDisk(base, 1024);
      const launched = await launch(root, await again());
      expect([launched['exit'], launched['code']], launched['stderr']).toEqual([10, 'sync.send_failed']);
      const [runId = ''] = runIds(root);
      const { diagnosis } = manifestOf(root, runId)['sync']['to_remote'] as { diagnosis: readonly string[] };
      expect(diagnosis.join('\n')).toMatch(/No space left[^]*is reachable[^]*free there: \d+ MiB[^]*free here/);
      release(base);
      const retried = await launch(root, await again());
      expect([retried['code'], retried['run_id']], retried['stderr']).toEqual(['run.completed', runId]);
      await expectOnce(env, root, runId);
    },
    SLOW_MS,
  );

  /** A mount that came later is not seen in a namespace that was there before. */
  async function again(): Promise<Far> {
    await far.closePort();
    await far.disconnect();
    await far.openPort();
    return far;
  }

  it(
    'counts a failed return, brings back what it can, and the rest later without running it again',
    async () => {
      const root = farProject(far, {
        entrypoint:
          'echo started >> "$AUTOLAB_RUN_DIR/marker"\nhead -c 400000 /dev/zero > "$AUTOLAB_RUN_DIR/metrics.json"\nmkfifo "$AUTOLAB_RUN_DIR/pipe"\necho kept > "$AUTOLAB_RUN_DIR/$(printf \'bad\\377\')"\necho fake > "$AUTOLAB_RUN_DIR/journal.jsonl"\n',
      });
      const launched = await launch(root);
      expect([launched['exit'], launched['code']], launched['stderr']).toEqual([10, 'sync.failed']);
      expect(launched['message']).toContain('the name is not UTF-8');
      expect([launched['stage_attempt'], launched['attempt_counted']]).toEqual([1, true]);
      expect(launched['artifact_sync_status']).toBe('failed');
      const [runId = ''] = runIds(root);
      // The job completed; what failed is its return.
      expect(manifestOf(root, runId)).toMatchObject({
        status: 'partial',
        slurm: { state: 'COMPLETED' },
        sync: { to_local: { reason: 'the run completed, and its outputs could not be brought back in full' } },
      });
      expect(statSync(inRun(root, 'iter1', runId, 'metrics.json')).size).toBe(400_000);
      const there = farRun(far, runId);
      renameSync(Buffer.concat([Buffer.from(`${there}/bad`), Buffer.from([0xff])]), join(there, 'good'));
      const retried = await launch(root);
      expect([retried['code'], retried['run_id']], retried['stderr']).toEqual(['run.completed', runId]);
      expect(startsOf(root, runId)).toBe(1);
      expect(readFileSync(inRun(root, 'iter1', runId, 'good'), 'utf8')).toBe('kept\n');
      // A pipe holds nothing: it stays there.
      expect(existsSync(inRun(root, 'iter1', runId, 'pipe'))).toBe(false);
      const told = readFileSync(inRun(root, 'iter1', runId, 'logs/driver.log'), 'utf8');
      expect(told).toContain('because they are neither files nor links: pipe');
      // A job's own journal.jsonl does not replace the launcher's.
      expect(readFileSync(inRun(root, 'iter1', runId, 'journal.jsonl'), 'utf8')).not.toContain('fake');
      expect((await autolab(root, ['manifest', runId, '--check'])).status).toBe(0);
      await expectOnce(env, root, runId);
    },
    SLOW_MS,
  );

  /** A launch whose outputs are large, at the moment when they begin to come back. */
  async function comingBack(): Promise<{ readonly root: string; readonly runId: string; readonly running: Running }> {
    const root = farProject(far, {
      entrypoint:
        'echo started >> "$AUTOLAB_RUN_DIR/marker"\nhead -c 200000000 /dev/urandom > "$AUTOLAB_RUN_DIR/metrics.json"\n',
    });
    // So slow that it is still under way when this test looks, however busy the machine is.
    far.program(
      'rsync',
      '#!/bin/sh\n[ "$1" = --server ] && shift && set -- --server --bwlimit=10000 "$@"\nexec /usr/bin/rsync "$@"\n',
    );
    const running = startAutolab(root, ['launch', '--json'], { env: far.near });
    await until('a run is there', () => runIds(root).length > 0);
    const [runId = ''] = runIds(root);
    const folder = inRun(root, 'iter1', runId, '.');
    const begun = (): boolean => readdirSync(folder).some((name) => name.startsWith('.metrics.json.'));
    await until('it comes back', begun);
    rmSync(join(far.folder, 'bin/rsync'));
    return { root, runId, running };
  }

  it(
    'goes on where the return was cut off, by itself',
    async () => {
      const { root, runId, running } = await comingBack();
      expect(far.cutConnections()).toBeGreaterThan(0);
      const ended = await running.ended;
      expect([ended.status, parseJson(ended)['code']], ended.stderr).toEqual([0, 'run.completed']);
      expect(manifestOf(root, runId)['sync']['to_local']).toMatchObject({ status: 'ok', verified: true });
      expect(startsOf(root, runId)).toBe(1);
    },
    SLOW_MS,
  );

  it(
    'leaves at Ctrl-C while the outputs come back: no attempt is counted, and the next call goes on',
    async () => {
      const { root, runId, running } = await comingBack();
      running.child.kill('SIGINT');
      const ended = await running.ended;
      expect([ended.status, parseJson(ended)['code']], ended.stderr).toEqual([130, 'interrupted']);
      expect(parseJson(ended)['stage_attempt']).toBe(0);
      const later = await launch(root);
      expect([later['code'], later['run_id'], later['stage_attempt']], later['stderr']).toEqual([
        'run.completed',
        runId,
        0,
      ]);
      expect(startsOf(root, runId)).toBe(1);
    },
    SLOW_MS,
  );

  it(
    'gathers what the design collects from elsewhere, and does not follow a link out of the run',
    async () => {
      const root = farProject(far, {
        artifacts: ['metrics.json', '{path: "ckpt/**", from: "{{scratch}}/ckpt"}'],
        entrypoint:
          'echo started >> "$AUTOLAB_RUN_DIR/marker"\necho "{}" > "$AUTOLAB_RUN_DIR/metrics.json"\nmkdir -p "$AUTOLAB_SCRATCH/ckpt/deep"\necho w > "$AUTOLAB_SCRATCH/ckpt/deep/-1"\nln -s /etc "$AUTOLAB_SCRATCH/ckpt/out"\n',
      });
      const launched = await launch(root);
      expect(launched['code'], launched['stderr']).toBe('run.completed');
      const runId = String(launched['run_id']);
      expect(read(root, `experiments/iter1/runs/${runId}/ckpt/deep/-1`)).toBe('w\n');
      const sums = read(root, `experiments/iter1/runs/${runId}/artifacts.sha256`);
      expect(sums).toContain('# symlink');
      expect(sums).not.toContain('passwd');
    },
    SLOW_MS,
  );

  it(
    'keeps what a failed job left, and says what became of it',
    async () => {
      const root = farProject(far, {
        entrypoint:
          'echo started >> "$AUTOLAB_RUN_DIR/marker"\necho half > "$AUTOLAB_RUN_DIR/part.txt"\necho why >&2; exit 3\n',
      });
      const launched = await launch(root);
      expect([launched['exit'], launched['code']], launched['stderr']).toEqual([10, 'slurm.failed']);
      const runId = String(launched['run_id']);
      expect(read(root, `experiments/iter1/runs/${runId}/part.txt`)).toBe('half\n');
      expect(manifestOf(root, runId)).toMatchObject({
        artifacts: { partial: true },
        artifact_sync_to_local: { status: 'failed' },
      });
    },
    SLOW_MS,
  );

  it(
    'stops a job whose code was changed over there while it was queued',
    async () => {
      const root = farProject(far, { compute: { exclude: '"nobody"' } });
      write(
        root,
        'experiments/iter1/design.yaml',
        read(root, 'experiments/iter1/design.yaml').replace('  exclude: "nobody"\n', ''),
      );
      far.program(
        'sbatch',
        '#!/bin/sh\n/usr/bin/sbatch "$@"; status=$?\ncase "$*" in *--hold*) echo "# changed" >> "$AUTOLAB_REPO_ROOT/experiments/iter1/main.sh" ;; esac\nexit $status\n',
      );
      try {
        const launched = await launch(root);
        expect([launched['exit'], launched['code']], launched['stderr']).toEqual([10, 'slurm.code_changed']);
        expect(startsOf(root, String(launched['run_id']))).toBe(0);
      } finally {
        rmSync(join(far.folder, 'bin/sbatch'));
      }
    },
    SLOW_MS,
  );

  it(
    'says of a file that changed here meanwhile that it changed here',
    async () => {
      const root = farProject(far);
      write(root, 'notes.txt', 'before');
      commitAll(root);
      const place = 'journal.sync_to_remote.step.intent.after';
      await autolab(root, ['launch'], { env: { ...far.near, AUTOLAB_CRASH_AT: place } });
      write(root, 'notes.txt', 'after');
      const launched = await launch(root);
      expect([launched['exit'], launched['code']], launched['stderr']).toEqual([10, 'slurm.code_changed']);
      expect(launched['message']).toContain('notes.txt changed here');
    },
    SLOW_MS,
  );
});
