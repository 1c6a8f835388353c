import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { autolabJson, inRun } from '../support/autolab.ts';
import { describeOverSsh, Far } from '../support/far.ts';
import { baseOf, farProject } from '../support/far-project.ts';
import { commitAll, edit, keepUntilEnd, runIds, write } from '../support/project.ts';
import { manifestOf, SLOW_MS } from '../support/runs.ts';
import { type Cluster, sharedCluster } from '../support/slurm.ts';
import { jobOf, slurm, slurmProject, untilSlurm } from '../support/slurm-project.ts';
import { SHOWING, trees, withSnapshots } from '../support/snapshots.ts';

/** `code: {run_from: snapshot}` where the launch host is reached over ssh. */

const SETTINGS =
  'poll: {min_seconds: 5, max_seconds: 20}\nsubmit: {reconcile_seconds: 6}\nconfirm: {timeout_seconds: 60}\ncode: {run_from: snapshot, link: [data]}\n';

let cluster: Cluster;

describeOverSsh('a snapshot over ssh', () => {
  beforeAll(async () => {
    cluster = await sharedCluster();
  });

  it(
    'shared_fs: the snapshot is made here and used there',
    async () => {
      const root = keepUntilEnd(slurmProject({ entrypoint: SHOWING, compute: { begin: 'now+1hour' } }));
      const over = await Far.start({ env: cluster.env, shared: [cluster.folder, root] });
      const profile = `{mode: shared_fs, login_host: ${over.destination}, connect_timeout_seconds: 5}`;
      write(root, '.autolab/remote_profiles.yaml', `default_profile: far\nprofiles:\n  far: ${profile}\n`);
      withSnapshots(root, SETTINGS);
      const launched = await autolabJson(root, ['launch', '--detach'], { env: over.near });
      expect(launched.json['outcome'], launched.stderr).toBe('submitted');
      const [runId = ''] = runIds(root);
      const jobId = await jobOf(root, runId);
      const reason = (): string => slurm(cluster.env, ['squeue', '-h', '-j', jobId, '-o', '%r']);
      await untilSlurm('the job waits', () => /BeginTime/.test(reason()));
      write(root, 'lib.txt', 'edited while it waits\n');
      slurm(cluster.env, ['scontrol', 'update', `jobid=${jobId}`, 'starttime=now']);
      const ended = await autolabJson(root, ['resume'], { env: over.near });
      expect(ended.json['code'], ended.stderr).toBe('run.completed');
      expect(readFileSync(inRun(root, 'iter1', runId, 'saw'), 'utf8')).toBe('as approved\n');
      expect(manifestOf(root, runId)['commit']).toMatchObject({ run_from: 'snapshot' });
      expect(trees(root)).toHaveLength(1);
    },
    SLOW_MS,
  );

  it(
    'rsync: the run has a tree of its own anyway, so the setting changes nothing and says nothing',
    async () => {
      const far = await Far.start({ env: cluster.env, shared: [cluster.folder] });
      const root = farProject(far, { mode: 'rsync', entrypoint: SHOWING, git: false });
      withSnapshots(root, SETTINGS);
      edit(root, '.gitignore', (text) => text.replace('/data\n', ''));
      write(root, 'data/code.txt', 'code\n');
      commitAll(root);
      const launched = await autolabJson(root, ['launch'], { env: far.near });
      expect(launched.json['code'], launched.stderr).toBe('run.completed');
      const [runId = ''] = runIds(root);
      const where = readFileSync(inRun(root, 'iter1', runId, 'where'), 'utf8').trim();
      expect(where).toBe(join(baseOf(far), '.autolab/worktrees', runId));
      const commit = manifestOf(root, runId)['commit'] as Record<string, unknown>;
      expect([commit['run_from'], commit['snapshot']]).toEqual([undefined, undefined]);
      expect(existsSync(join(root, '.autolab/snapshots'))).toBe(false);
    },
    SLOW_MS,
  );
});
