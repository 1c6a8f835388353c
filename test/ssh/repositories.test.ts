import { existsSync, mkdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { autolabJson, inRun, PROGRAM, startProgram } from '../support/autolab.ts';
import { describeOverSsh, Far } from '../support/far.ts';
import { baseOf, farProject } from '../support/far-project.ts';
import { commitAll, edit, runIds, temporaryFolder, write } from '../support/project.ts';
import { git, recorded } from '../support/repositories.ts';
import { manifestOf, SLOW_MS } from '../support/runs.ts';
import { sharedCluster } from '../support/slurm.ts';

/** Code that is more than one folder's git shows: sent as it is, or refused with the reason (X4, R19). */

let far: Far;

const READS = [
  'echo started >> "$AUTOLAB_RUN_DIR/marker"',
  'pwd > "$AUTOLAB_RUN_DIR/where"',
  'cat ../lib/model.py ../vendor/net/net.py > "$AUTOLAB_RUN_DIR/read"',
  'echo "{}" > "$AUTOLAB_RUN_DIR/metrics.json"',
  '',
].join('\n');

/** In `proj/` of a repository with a library beside it, and a submodule unless `submodule` is false. */
function project(mode: 'git' | 'rsync', submodule = true): { root: string; top: string } {
  const top = temporaryFolder();
  const root = farProject(far, { mode, entrypoint: READS, root: join(top, 'proj'), git: false });
  write(top, 'lib/model.py', 'model\n');
  commitAll(top);
  if (submodule) {
    const library = temporaryFolder();
    write(library, 'net.py', 'net\n');
    commitAll(library);
    git(top, 'submodule', '--quiet', 'add', library, 'vendor/net');
  } else write(top, 'vendor/net/net.py', 'net\n');
  commitAll(top);
  return { root, top };
}

describeOverSsh('the repository over ssh', () => {
  beforeAll(async () => {
    const cluster = await sharedCluster();
    far = await Far.start({ env: cluster.env, shared: [cluster.folder] });
  });

  it(
    'by rsync: what lies beside the project and a submodule are sent as they are, edits included',
    async () => {
      const { root, top } = project('rsync');
      write(top, 'lib/model.py', 'edited model\n');
      write(join(top, 'vendor/net'), 'net.py', 'edited net\n');
      edit(root, '.autolab/remote_profiles.yaml', (text) => `${text}    exclude: ["/data/", "*.tmp"]\n`);
      write(root, 'data/big', 'x\n');
      write(top, 'data/kept', 'x\n');
      write(top, 'lib/a.tmp', 'x\n');
      const launched = await autolabJson(root, ['launch'], { env: far.near });
      expect(launched.json, launched.stderr).toMatchObject({ outcome: 'completed', artifact_sync_status: 'ok' });
      const runId = launched.json['run_id'] as string;
      const tree = join(baseOf(far), '.autolab/worktrees', runId);
      expect(readFileSync(inRun(root, 'iter1', runId, 'where'), 'utf8')).toBe(`${tree}/proj\n`);
      expect(readFileSync(inRun(root, 'iter1', runId, 'read'), 'utf8')).toBe('edited model\nedited net\n');
      expect([existsSync(join(tree, 'vendor/net/.git')), existsSync(join(tree, '.git'))]).toEqual([false, false]);
      // Patterns of the profile are of the project, as they always were.
      expect(['proj/data/big', 'data/kept', 'lib/a.tmp'].map((name) => existsSync(join(tree, name)))).toEqual([
        false,
        true,
        false,
      ]);
      const { commit, sync } = manifestOf(root, runId);
      expect(commit['repositories']).toMatchObject([
        { path: '.', dirty: true },
        { path: 'vendor/net', dirty: true },
      ]);
      expect(sync['to_remote']).toMatchObject({ status: 'ok', verified: true });
      expect(recorded(root, runId)).toContain('  ../vendor/net/net.py\n');
    },
    SLOW_MS,
  );

  it(
    'by git: the commit is of the whole repository, and an edit beside the project is refused',
    async () => {
      const { root, top } = project('git', false);
      write(top, 'lib/model.py', 'edited\n');
      const refused = await autolabJson(root, ['launch'], { env: far.near });
      expect([refused.status, refused.json['code'], refused.json['stage_attempt']]).toEqual([10, 'git.dirty', 0]);
      expect(refused.json['message']).toContain('lib/model.py');
      expect(runIds(root)).toEqual([]);
      git(top, 'checkout', '--quiet', 'lib/model.py');
      const launched = await autolabJson(root, ['launch'], { env: far.near });
      expect(launched.json['outcome'], launched.stderr).toBe('completed');
      const runId = launched.json['run_id'] as string;
      expect(readFileSync(inRun(root, 'iter1', runId, 'read'), 'utf8')).toBe('model\nnet\n');
      expect(readFileSync(inRun(root, 'iter1', runId, 'where'), 'utf8')).toMatch(/\/worktrees\/\S+\/proj\n$/);
    },
    SLOW_MS,
  );

  it(
    'by git: a submodule and a clone within are refused before the claim, with the reason',
    async () => {
      const { root, top } = project('git');
      for (const [name, reason] of [
        ['vendor/net', 'vendor/net is a submodule'],
        ['tools', 'tools is a repository of its own'],
      ] as const) {
        if (name === 'tools') {
          git(top, 'rm', '--quiet', '--force', 'vendor/net');
          commitAll(top);
          write(top, 'tools/a.py', 'a\n');
          commitAll(join(top, 'tools'));
        }
        const refused = await autolabJson(root, ['launch'], { env: far.near });
        expect([refused.status, refused.json['code'], refused.json['stage_attempt']], refused.stderr).toEqual([
          10,
          'remote.git_mode',
          0,
        ]);
        expect(refused.json['message']).toContain(reason);
        expect(refused.json['hint']).toContain('mode: rsync');
        expect(runIds(root)).toEqual([]);
      }
    },
    SLOW_MS,
  );

  it.each(['assume-unchanged', 'skip-worktree'])(
    'an edit that git was asked not to see (--%s): refused by git, sent by rsync',
    async (how) => {
      const { root, top } = project('git', false);
      git(top, 'update-index', `--${how}`, 'lib/model.py');
      write(top, 'lib/model.py', 'hidden\n');
      const refused = await autolabJson(root, ['launch'], { env: far.near });
      expect([refused.status, refused.json['code']]).toEqual([10, 'git.dirty']);
      expect(refused.json['message']).toContain('lib/model.py');
      edit(root, '.autolab/remote_profiles.yaml', (text) => text.replace('mode: "git"', 'mode: "rsync"'));
      const launched = await autolabJson(root, ['launch'], { env: far.near });
      expect(launched.json['outcome'], launched.stderr).toBe('completed');
      const runId = launched.json['run_id'] as string;
      expect(readFileSync(inRun(root, 'iter1', runId, 'read'), 'utf8')).toBe('hidden\nnet\n');
      expect((manifestOf(root, runId)['commit'] as Record<string, unknown>)['dirty']).toBe(true);
    },
    SLOW_MS,
  );

  it.each(['rsync', 'git'] as const)(
    'by %s: an experiment that is a link, and the output of the launch itself in the project',
    async (mode) => {
      const root = farProject(far, { mode, git: false });
      mkdirSync(join(root, 'experiments/plan'));
      renameSync(join(root, 'experiments/iter1'), join(root, 'experiments/plan/iter1'));
      symlinkSync('plan/iter1', join(root, 'experiments/iter1'));
      commitAll(root);
      const program = `nohup "${process.execPath}" "${PROGRAM}" launch > nohup.out 2>&1`;
      const { status } = await startProgram(['bash', '-c', program], root, { env: far.near }).ended;
      expect(status, readFileSync(join(root, 'nohup.out'), 'utf8')).toBe(0);
      const [runId = ''] = runIds(root);
      expect(manifestOf(root, runId)).toMatchObject({ code: 'run.completed', commit: { dirty: false } });
      expect(recorded(root, runId)).not.toMatch(/nohup\.out|journal\.jsonl/);
      expect(existsSync(join(baseOf(far), '.autolab/worktrees', runId, 'nohup.out'))).toBe(false);
    },
    SLOW_MS,
  );
});
