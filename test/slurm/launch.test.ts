import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { autolab, autolabJson, inRun } from '../support/autolab.ts';
import { complaints } from '../support/json-schema.ts';
import { read, readJson, runIds, startsOf } from '../support/project.ts';
import { manifestOf, SLOW_MS } from '../support/runs.ts';
import { describeOnSlurm, sharedCluster } from '../support/slurm.ts';
import { expectOnce, ledgerRows, slurm, type SlurmEnv, slurmProject } from '../support/slurm-project.ts';

/** A launch on a real Slurm, from the command to the closed run (R12–R17, R23, R24, X6). */

let env: SlurmEnv;

describeOnSlurm('autolab launch on Slurm', () => {
  beforeAll(async () => {
    ({ env } = await sharedCluster());
  });

  it(
    'submits, waits, confirms, brings back, verifies and closes',
    async () => {
      const root = slurmProject({ git: true });
      const launched = await autolabJson(root, ['launch'], { env });
      expect(launched.json, launched.stderr).toMatchObject({
        outcome: 'completed',
        host_mode: 'slurm',
        status: 'completed',
        artifact_sync_status: 'ok',
        stage_after: 'extract_results',
      });
      expect(launched.status).toBe(0);
      const runId = launched.json['run_id'] as string;
      const jobId = launched.json['job_id'] as string;
      expect(startsOf(root, runId)).toBe(1);
      const manifest = manifestOf(root, runId);
      expect(manifest).toMatchObject({
        launch_mode: 'slurm',
        job_id: jobId,
        local: null,
        slurm: {
          job_id: jobId,
          state: 'COMPLETED',
          exit_code: '0:0',
          adopted: false,
          confirmation: { source: 'sacct' },
        },
        usage: { requested: { time_seconds: 120, memory_mb: 200, cpus: 1 }, used: { source: 'sacct' } },
        sync: { to_remote: { status: 'ok', method: 'shared_fs' }, to_local: { status: 'ok', verified: true } },
      });
      expect(complaints(manifest, readJson('test/fixtures/origin', 'manifest.schema.json'))).toEqual([]);
      expect(manifest['slurm']['polls']).toBeLessThanOrEqual(20);
      expect(manifest['steps'].map((step: { name: string; status: string }) => [step.name, step.status])).toEqual([
        ['record-code', 'done'],
        ['render-prompt', 'done'],
        ['write-scripts', 'done'],
        ['sync_to_remote', 'done'],
        ['submit', 'done'],
        ['wait', 'done'],
        ['confirm', 'done'],
        ['collect_to_remote', 'done'],
        ['sync_artifacts_to_local', 'done'],
        ['verify_local_artifacts', 'done'],
      ]);
      expect(existsSync(inRun(root, 'iter1', runId, `logs/slurm-${jobId}.out`))).toBe(true);
      expect(existsSync(inRun(root, 'iter1', runId, 'logs/sacct.txt'))).toBe(true);
      expect(existsSync(join(root, 'experiments/iter1/launch/run_local.sh'))).toBe(true);
      expect(read(root, 'experiments/iter1/launch/run_slurm.sbatch')).toContain('#SBATCH --mem=200M');
      await expectOnce(env, root, runId);
      expect(ledgerRows(root)[0]).toMatch(
        new RegExp(
          `^- \\d{4}-\\d\\d-\\d\\d \\| job_id=${jobId} \\| iteration_id=iter1 \\| run_id=${runId} \\| status=submitted`,
        ),
      );
      expect((await autolab(root, ['verify', runId], { env })).status).toBe(0);
      expect(readJson(root, '.autolab/state.json')).toMatchObject({ stage: 'extract_results', last_run_id: runId });
      expect(slurm(env, ['sacct', '-j', jobId, '-X', '-n', '-P', '--format=State']).trim()).toBe('COMPLETED');
    },
    SLOW_MS,
  );

  it(
    'shows script, command and what the site would say, and leaves everything as it was',
    async () => {
      const root = slurmProject();
      const shown = await autolabJson(root, ['launch', '--dry-run'], { env });
      expect(shown.json, shown.stderr).toMatchObject({ outcome: 'ok', dry_run: true });
      expect(shown.json['plan']['sbatch'][0]).toBe('sbatch');
      expect(shown.json['plan']['script']).toContain('#SBATCH --time=');
      expect(shown.json['plan']['test_only']).toMatchObject({ kind: 'accepted' });
      expect(runIds(root)).toEqual([]);
    },
    SLOW_MS,
  );
});
