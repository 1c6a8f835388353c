import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { autolab, autolabJson, inRun } from '../support/autolab.ts';
import { describeOverSsh, Far } from '../support/far.ts';
import { baseOf, farProject } from '../support/far-project.ts';
import { startsOf } from '../support/project.ts';
import { manifestOf, SLOW_MS } from '../support/runs.ts';
import { sharedCluster } from '../support/slurm.ts';
import { expectOnce, type SlurmEnv } from '../support/slurm-project.ts';

/** A launch on a real Slurm behind a real sshd, from the command to the closed run (R12, R19–R21, X7). */

let env: SlurmEnv;
let far: Far;

describeOverSsh('autolab launch over ssh', () => {
  beforeAll(async () => {
    const cluster = await sharedCluster();
    ({ env } = cluster);
    far = await Far.start({ env: cluster.env, shared: [cluster.folder] });
  });

  it.each(['rsync', 'git'] as const)(
    'sends the code by %s, runs it there, and brings everything back',
    async (mode) => {
      const root = farProject(far, {
        mode,
        entrypoint:
          'echo started >> "$AUTOLAB_RUN_DIR/marker"\npwd > "$AUTOLAB_RUN_DIR/where"\nmkdir "$AUTOLAB_RUN_DIR/a b"\nprintf x > "$AUTOLAB_RUN_DIR/a b/-new\nline"\nln -s /etc/hostname "$AUTOLAB_RUN_DIR/link"\necho one; echo "{}" > "$AUTOLAB_RUN_DIR/metrics.json"\n',
      });
      const launched = await autolabJson(root, ['launch'], { env: far.near });
      expect(launched.json, launched.stderr).toMatchObject({
        outcome: 'completed',
        host_mode: 'slurm',
        status: 'completed',
        artifact_sync_status: 'ok',
        stage_after: 'extract_results',
      });
      const runId = launched.json['run_id'] as string;
      const jobId = launched.json['job_id'] as string;
      expect(startsOf(root, runId)).toBe(1);
      const tree = join(baseOf(far), '.autolab/worktrees', runId);
      expect(readFileSync(inRun(root, 'iter1', runId, 'where'), 'utf8')).toBe(`${tree}\n`);
      expect(readFileSync(inRun(root, 'iter1', runId, 'a b/-new\nline'), 'utf8')).toBe('x');
      expect(readFileSync(inRun(root, 'iter1', runId, `logs/slurm-${jobId}.out`), 'utf8')).toBe('one\n');
      expect(existsSync(join(tree, '.git'))).toBe(mode === 'git');
      expect(existsSync(join(tree, '.autolab/state.json'))).toBe(mode === 'git');
      expect(manifestOf(root, runId)).toMatchObject({
        sync: {
          to_remote: { status: 'ok', method: mode, verified: true, diagnosis: [] },
          to_local: { status: 'ok', method: 'rsync', verified: true, diagnosis: [] },
        },
        slurm: { state: 'COMPLETED', adopted: false },
      });
      await expectOnce(env, root, runId);
      expect((await autolab(root, ['manifest', runId, '--check'])).status).toBe(0);
      const verified = await autolab(root, ['verify', runId]);
      expect(verified.status, verified.stdout).toBe(0);
    },
    SLOW_MS,
  );
});
