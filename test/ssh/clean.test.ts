import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { autolab, autolabJson, inRun } from '../support/autolab.ts';
import { describeOverSsh, Far } from '../support/far.ts';
import { baseOf, farProject } from '../support/far-project.ts';
import { runIds, temporaryFolder } from '../support/project.ts';
import { SLOW_MS } from '../support/runs.ts';
import { sharedCluster } from '../support/slurm.ts';

/** What is left on the other host, and what of it `remote clean` takes away. */

let far: Far;

async function launch(root: string): Promise<Record<string, any>> {
  const { status, json, stderr } = await autolabJson(root, ['launch'], { env: far.near });
  return { ...json, exit: status, stderr };
}

describeOverSsh('what is left over there', () => {
  beforeAll(async () => {
    const cluster = await sharedCluster();
    far = await Far.start({ env: cluster.env, shared: [cluster.folder] });
  });

  it(
    'shows, checks and cleans: only what is here, whole',
    async () => {
      const root = farProject(far, { mode: 'git' });
      const shown = await autolabJson(root, ['remote', 'show'], { env: far.near });
      expect(shown.json['ssh']).toMatchObject({ hostname: '127.0.0.1', port: String(far.port) });
      const checked = await autolabJson(root, ['remote', 'check'], { env: far.near });
      expect([checked.status, checked.json['code']], checked.stdout).toEqual([0, 'ok']);
      const trees = join(baseOf(far), '.autolab/worktrees');
      const first = String((await launch(root))['run_id']);
      mkdirSync(join(trees, 'somebody-else'));
      symlinkSync('/etc', join(trees, 'link'));
      const dry = await autolabJson(root, ['remote', 'clean', '--dry-run'], { env: far.near });
      expect(dry.json['message'], dry.stdout).toMatch(/^1 tree\(s\) would be removed/);
      expect(existsSync(join(trees, first))).toBe(true);
      const cleaned = await autolab(root, ['remote', 'clean'], { env: far.near });
      expect(cleaned.stdout).toContain('it is the tree of no closed run of this project');
      expect([existsSync(join(trees, first)), existsSync(join(trees, 'somebody-else'))]).toEqual([false, true]);
      expect(existsSync('/etc/passwd')).toBe(true);
      far.admit(false);
      await far.disconnect();
      const denied = await autolabJson(root, ['remote', 'check'], { env: far.near });
      far.admit(true);
      expect([denied.status, denied.json['code']]).toEqual([10, 'doctor.failed']);
      expect(denied.json['message']).toContain('Permission denied');
    },
    SLOW_MS,
  );

  it(
    'cleans the pack of a run that was cancelled after its driver had died on the way',
    async () => {
      const root = farProject(far, { mode: 'git' });
      const env = { ...far.near, AUTOLAB_CRASH_AT: 'send.pack_there' };
      expect((await autolab(root, ['launch'], { env })).signal).toBe('SIGKILL');
      const [runId = ''] = runIds(root);
      const incoming = join(baseOf(far), '.autolab/incoming');
      expect(readdirSync(join(incoming, runId)).length).toBeGreaterThan(0);
      const open = await autolab(root, ['remote', 'clean'], { env: far.near });
      expect([open.status, existsSync(join(incoming, runId))]).toEqual([0, true]);
      const cancelled = await autolab(root, ['cancel'], { env: far.near });
      expect(cancelled.status, cancelled.stderr).toBe(0);
      mkdirSync(join(incoming, 'somebody-else'), { recursive: true });
      const cleaned = await autolabJson(root, ['remote', 'clean'], { env: far.near });
      expect(cleaned.json['message'], cleaned.stdout).toMatch(/and 1 pack\(s\) were removed/);
      expect(readdirSync(incoming)).toEqual(['somebody-else']);
    },
    SLOW_MS,
  );

  it(
    'cleans nothing in a copy of the project of a run that the original goes on with',
    async () => {
      const root = farProject(far, { mode: 'git' });
      const env = { ...far.near, AUTOLAB_CRASH_AT: 'send.checked_out' };
      expect((await autolab(root, ['launch'], { env })).signal).toBe('SIGKILL');
      const [runId = ''] = runIds(root);
      const copy = join(temporaryFolder(), 'copy');
      cpSync(root, copy, { recursive: true });
      const given = await autolabJson(copy, ['cancel', '--force', '--by', 'ada', '--note', 'a copy'], {
        env: far.near,
      });
      expect([given.status, given.json['code']], given.stderr).toEqual([10, 'run.abandoned']);
      const cleaned = await autolab(copy, ['remote', 'clean'], { env: far.near });
      expect([cleaned.status, cleaned.stdout.includes(`the run belongs to ${root}`)], cleaned.stdout).toEqual([
        0,
        true,
      ]);
      expect(existsSync(join(baseOf(far), '.autolab/worktrees', runId))).toBe(true);
      expect((await launch(root))['code']).toBe('run.completed');
    },
    SLOW_MS,
  );

  it(
    'cleans no tree in which the job wrote beside its run folder, nor one whose outputs are not here any more',
    async () => {
      const root = farProject(far, {
        entrypoint:
          'echo started >> "$AUTOLAB_RUN_DIR/marker"\necho "{}" > "$AUTOLAB_RUN_DIR/metrics.json"\nmkdir results; echo w > results/model.bin\n',
      });
      const launched = await launch(root);
      expect(launched['code'], launched['stderr']).toBe('run.completed');
      const runId = String(launched['run_id']);
      const model = join(baseOf(far), '.autolab/worktrees', runId, 'results/model.bin');
      const kept = await autolab(root, ['remote', 'clean'], { env: far.near });
      expect(kept.stdout).toContain('./results/model.bin');
      expect(existsSync(model)).toBe(true);
      rmSync(model);
      const begun = join(
        baseOf(far),
        '.autolab/worktrees',
        runId,
        `experiments/iter1/runs/${runId}/receipt/submit.1.begun`,
      );
      renameSync(begun, `${begun}.away`);
      expect((await autolab(root, ['remote', 'clean'], { env: far.near })).stdout).toContain(
        'submit.1.begun is missing',
      );
      renameSync(`${begun}.away`, begun);
      const metrics = inRun(root, 'iter1', runId, 'metrics.json');
      renameSync(metrics, `${metrics}.away`);
      expect((await autolab(root, ['remote', 'clean'], { env: far.near })).stdout).toContain(
        'metrics.json is missing here',
      );
      renameSync(`${metrics}.away`, metrics);
      const cleaned = await autolabJson(root, ['remote', 'clean'], { env: far.near });
      expect(cleaned.json['message']).toMatch(/^1 tree\(s\) were removed/);
    },
    SLOW_MS,
  );
});
