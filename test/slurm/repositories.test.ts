import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { autolab, autolabJson, cleanEnvironment, inRun, PROGRAM } from '../support/autolab.ts';
import { commitAll, keepUntilEnd, runIds, startsOf, temporaryFolder, write } from '../support/project.ts';
import { git } from '../support/repositories.ts';
import { manifestOf, SLOW_MS, stateOf } from '../support/runs.ts';
import { describeOnSlurm, sharedCluster } from '../support/slurm.ts';
import { type SlurmEnv, slurmProject } from '../support/slurm-project.ts';

/** The job compares the whole repository, with those within, when it starts (X4). */

let env: SlurmEnv;

/** In `proj/` of a repository with a library beside it and a submodule; its job is held, and nobody drives it. */
async function heldRun(): Promise<{ root: string; top: string }> {
  const top = keepUntilEnd(temporaryFolder());
  const root = slurmProject({ root: join(top, 'proj'), git: false });
  write(top, 'lib/model.py', 'model\n');
  commitAll(top);
  const library = keepUntilEnd(temporaryFolder());
  write(library, 'net.py', 'net\n');
  commitAll(library);
  git(top, 'submodule', '--quiet', 'add', library, 'vendor/net');
  commitAll(top);
  await autolab(root, ['launch'], { env: { ...env, AUTOLAB_CRASH_AT: 'submit.listed' } });
  return { root, top };
}

describeOnSlurm('the repository of a queued job', { concurrent: true }, () => {
  beforeAll(async () => {
    ({ env } = await sharedCluster());
  });

  it.each([
    ['lib/model.py', 'edited\n', '../lib/model.py'],
    ['vendor/net/net.py', 'edited\n', '../vendor/net/net.py'],
    ['vendor/net/new.py', 'new\n', 'vendor/net/new.py'],
    ['lib/new.py', 'new\n', 'lib/new.py'],
  ])(
    'is not started where %s changed meanwhile: it is named, and costs no attempt',
    async (path, text, named) => {
      const { root, top } = await heldRun();
      write(top, path, text);
      const end = await autolabJson(root, ['resume'], { env });
      expect([end.status, end.json['code'], end.json['stage_attempt']], end.stderr).toEqual([
        10,
        'slurm.code_changed',
        0,
      ]);
      expect(end.json['message']).toContain(named);
      expect(end.json['hint']).toContain(named);
      expect(startsOf(root, runIds(root)[0] ?? '')).toBe(0);
    },
    SLOW_MS,
  );

  it(
    'is started where only ignored files and what autolab writes changed; a commit changes nothing',
    async () => {
      const { root, top } = await heldRun();
      write(top, '.git/info/exclude', '*.tmp\n');
      write(top, 'vendor/net/.gitignore', '');
      git(join(top, 'vendor/net'), 'clean', '-fdq');
      write(top, 'lib/a.tmp', 'x\n');
      write(root, 'docs/results.md', 'x\n');
      write(root, 'experiments/iter2/runs/r/x', 'x\n');
      commitAll(top);
      const end = await autolabJson(root, ['resume'], { env });
      expect([end.status, end.json['code']], end.stderr).toEqual([0, 'run.completed']);
    },
    SLOW_MS,
  );

  it(
    'does not count the output of the launch itself, which grows in the queue',
    () => {
      const root = keepUntilEnd(slurmProject({ git: true }));
      const program = `nohup "${process.execPath}" "${PROGRAM}" launch > nohup.out 2>&1`;
      spawnSync('bash', ['-c', program], { cwd: root, env: cleanEnvironment(env), encoding: 'utf8' });
      expect(readFileSync(join(root, 'nohup.out'), 'utf8')).toContain('completed');
      const [run = ''] = runIds(root);
      expect([manifestOf(root, run)['code'], stateOf(root)['stage_attempt']]).toEqual(['run.completed', 0]);
      expect(readFileSync(inRun(root, 'iter1', run, 'receipt/code.listing'), 'utf8')).not.toContain('nohup.out');
    },
    SLOW_MS,
  );
});
