import { spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { autolabJson, cleanEnvironment, PROGRAM } from '../support/autolab.ts';
import { commitAll, edit, makeProject, runIds, startsOf, temporaryFolder, write } from '../support/project.ts';
import { besideLibrary, type Commit, git, launched, recorded, withSubmodule } from '../support/repositories.ts';
import { manifestOf, SLOW_MS, stateOf } from '../support/runs.ts';

/** A git in trouble, output of our own, and what the record does not have (X12, X14). */

vi.setConfig({ testTimeout: SLOW_MS });

describe('git in trouble', () => {
  const refused = async (root: string, env: Record<string, string> = {}) => {
    const ended = await autolabJson(root, ['launch'], { env });
    expect(
      [ended.status, ended.json['code'], ended.json['stage_attempt'], ended.json['stage_after']],
      ended.stderr,
    ).toEqual([10, 'git.failed', 0, 'launch']);
    expect(runIds(root)).toEqual([]);
    const doctor = await autolabJson(root, ['doctor'], { env });
    expect(JSON.stringify(doctor.json)).toContain('git does not answer');
    expect(doctor.status).toBe(10);
    return ended.json as { message: string; hint: string };
  };

  it("a folder of somebody else: git's words, and safe.directory", async () => {
    const root = makeProject({ git: true });
    for (const path of ['.', '.git']) chownSync(join(root, path), 1234, 1234);
    const { message, hint } = await refused(root);
    expect(message).toContain('dubious ownership');
    expect(hint).toContain(`git config --global --add safe.directory ${root}`);
  });

  it('a filter that must be there and is not', async () => {
    const root = makeProject({ git: true });
    write(root, '.gitattributes', '*.bin filter=lfs\n');
    write(root, 'w.bin', 'x\n');
    commitAll(root);
    git(root, 'config', 'filter.lfs.clean', 'git-lfs-that-is-not-here clean');
    git(root, 'config', 'filter.lfs.required', 'true');
    write(root, 'w.bin', 'y\n');
    const { message, hint } = await refused(root);
    expect(message).toMatch(/clean filter 'lfs' failed/);
    expect(hint).toContain('Install git-lfs');
  });

  it('an index that is damaged', async () => {
    const root = makeProject({ git: true });
    write(root, '.git/index', 'DIRC damaged');
    const { message, hint } = await refused(root);
    expect(message).toContain('index');
    expect(hint).toContain('git reset');
  });

  it('a work tree whose repository is gone', async () => {
    const origin = makeProject({ git: true });
    const root = join(temporaryFolder(), 'tree');
    git(origin, 'worktree', 'add', '--quiet', root);
    renameSync(join(origin, '.git'), join(origin, 'moved'));
    const { message } = await refused(root);
    expect(message).toContain('not a git repository');
  });

  it('of a repository within: that one is named', async () => {
    const root = withSubmodule();
    write(root, '.git/modules/vendor/net/HEAD', 'damaged\n');
    const { message } = await refused(root);
    expect(message).toContain(join(root, 'vendor/net'));
  });

  it('require_clean_tree looks at the whole repository', async () => {
    const { top, root } = besideLibrary();
    edit(root, '.autolab/launch.yaml', (text) => `${text}require_clean_tree: true\n`);
    write(top, 'lib/model.py', 'edited\n');
    const ended = await autolabJson(root, ['launch']);
    expect([ended.status, ended.json['code'], ended.json['stage_attempt']]).toEqual([10, 'git.dirty', 0]);
    expect(ended.json['message']).toContain('lib/model.py');
  });
});

describe('own output and growing files', () => {
  it('output of the launch itself, in the project, is not code', () => {
    const root = makeProject({ git: true });
    const program = `nohup "${process.execPath}" "${PROGRAM}" launch > nohup.out 2>&1`;
    const ended = spawnSync('bash', ['-c', program], { cwd: root, env: cleanEnvironment({}), encoding: 'utf8' });
    expect(readFileSync(join(root, 'nohup.out'), 'utf8')).toContain('completed');
    expect(ended.status).toBe(0);
    const [run = ''] = runIds(root);
    expect(recorded(root, run)).not.toContain('nohup.out');
    const commit = manifestOf(root, run)['commit'] as Commit;
    expect(commit['dirty']).toBe(false);
    expect(commit['notes']).toContain('not code, because this command writes it: nohup.out');
  });

  it('a file that another program goes on writing is named, and costs no attempt', () => {
    const root = makeProject({ git: true, activation: 'true\n' });
    const program = `"${process.execPath}" "${PROGRAM}" launch 2>&1 | tee launch.log`;
    spawnSync('bash', ['-c', program], { cwd: root, env: cleanEnvironment({}), encoding: 'utf8' });
    const manifest = manifestOf(root, runIds(root)[0] ?? '');
    expect([manifest['code'], stateOf(root)['stage_attempt']]).toEqual(['local.code_changed', 0]);
    expect(manifest['message']).toContain('launch.log');
    expect(readFileSync(join(root, 'launch.log'), 'utf8')).toContain('ignore: ["launch.log"]');
    expect(startsOf(root, runIds(root)[0] ?? '')).toBe(0);
  });

  it('an experiment that is a link: its own records are not code', async () => {
    const root = makeProject();
    mkdirSync(join(root, 'experiments/plan'));
    renameSync(join(root, 'experiments/iter1'), join(root, 'experiments/plan/iter1'));
    symlinkSync('plan/iter1', join(root, 'experiments/iter1'));
    commitAll(root);
    const { commit, run } = await launched(root);
    expect(commit['dirty']).toBe(false);
    expect(recorded(root, run)).toContain('  experiments/plan/iter1/main.sh\n');
    expect(recorded(root, run)).not.toContain('journal.jsonl');
  });
});

describe('what the record does not have is said', () => {
  it('an argument that names a file which git ignores', async () => {
    const root = makeProject({ git: true, command: ['bash', 'local/main.sh', '--config=local/x.yaml'] });
    write(root, '.gitignore', 'local/\n');
    write(
      root,
      'local/main.sh',
      'echo started >> "$AUTOLAB_RUN_DIR/marker"\necho 1 > "$AUTOLAB_RUN_DIR/metrics.json"\n',
    );
    write(root, 'local/x.yaml', 'x: 1\n');
    commitAll(root);
    const { stderr } = await launched(root);
    expect(stderr).toContain('not code, although an argument of the entrypoint names it: local/main.sh, local/x.yaml');
  });

  it('a run that writes into the work tree', async () => {
    const root = makeProject({
      git: true,
      entrypoint:
        'echo started >> "$AUTOLAB_RUN_DIR/marker"\necho 1 > "$AUTOLAB_RUN_DIR/metrics.json"\nmkdir -p pkg/cache\necho x > pkg/cache/a.pyc\necho more >> docs/environment.md\n',
    });
    const { stderr } = await launched(root);
    expect(stderr).toContain(
      'since the launch, files appeared that git does not ignore; the next launch records them as code: pkg/cache/a.pyc',
    );
    expect(stderr).toContain('since the launch, code changed in the work tree: docs/environment.md');
  });

  it('init leaves a .gitignore that knows what tools leave, also where there is one', async () => {
    const root = temporaryFolder();
    write(root, '.gitignore', 'mine');
    git(root, 'init', '--quiet');
    const made = await autolabJson(root, ['init', '--example', 'local']);
    expect(made.json['extended']).toEqual(['.gitignore']);
    expect(readFileSync(join(root, '.gitignore'), 'utf8')).toMatch(/^mine\n\n# autolab: begin\n/);
    for (const name of [
      'pkg/__pycache__/a.pyc',
      '.venv/bin/python',
      'nohup.out',
      'wandb/x',
      '.autolab/active_run.json',
      'experiments/e/runs/r/x',
    ])
      expect(spawnSync('git', ['check-ignore', '--quiet', name], { cwd: root }).status, name).toBe(0);
  });
});
