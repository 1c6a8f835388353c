import { beforeAll, expect, it } from 'vitest';
import { autolabJson } from '../support/autolab.ts';
import { keepUntilEnd, readJson, runIds } from '../support/project.ts';
import { manifestOf, SLOW_MS } from '../support/runs.ts';
import { type Cluster, describeOnSlurm, onCluster, siteCluster } from '../support/slurm.ts';
import { journalOf, slurmProject } from '../support/slurm-project.ts';

/** What a site's own plugins say is a refusal, whatever it sounds like: a real job_submit.lua and a real cli_filter.lua. */

let cluster: Cluster;

const REFUSALS = [
  ['suspended', 'Please try again after the 1st.'],
  ['refused', 'Jobs of this kind do not run here.'],
  ['filtered', 'The partition filtered is closed for batch jobs.'],
] as const;

const inPartition = (partition: string): string => keepUntilEnd(slurmProject({ compute: { partition } }));

/** Jobs of this user on that cluster, whatever their state. */
async function jobsOf(runId: string): Promise<string> {
  const { stdout } = await onCluster(cluster, ['squeue', '--me', '--states=all', '-h', '-o', '%j']);
  return stdout
    .split('\n')
    .filter((name) => name.startsWith(`autolab-${runId}-`))
    .join('\n');
}

describeOnSlurm('a site that refuses in words of its own', { concurrent: true }, () => {
  beforeAll(async () => {
    cluster = await siteCluster('lua');
  });

  it.each(REFUSALS)(
    '%s: refused at once, and never asked again',
    async (partition, words) => {
      const root = inPartition(partition);
      const { status, json, stderr } = await autolabJson(root, ['launch'], { env: cluster.env });
      expect([status, json['outcome'], json['code'], json['stage_after']], stderr).toEqual([
        10,
        'needs_retry',
        'slurm.refused',
        'design',
      ]);
      expect(json['message']).toContain(words);
      const [runId = ''] = runIds(root);
      expect(manifestOf(root, runId)['message']).toContain(words);
      const events = journalOf(root, runId).map(({ event }) => event);
      expect(events.filter((event) => event === 'submit.tried')).toHaveLength(1);
      // The look before the submission, and none after it.
      expect(events.filter((event) => event === 'scheduler.read')).toHaveLength(2);
      expect(await jobsOf(runId)).toBe('');
    },
    SLOW_MS,
  );

  it.each(REFUSALS)(
    '%s: a dry run says so',
    async (partition, words) => {
      const root = inPartition(partition);
      const { status, json } = await autolabJson(root, ['launch', '--dry-run'], { env: cluster.env });
      expect([status, json['code'], json['plan']['test_only']['kind']]).toEqual([10, 'slurm.refused', 'refused']);
      expect(json['message']).toContain(words);
      expect(readJson(root, '.autolab/state.json')['stage']).toBe('launch');
    },
    SLOW_MS,
  );

  it(
    'without a word: refused once the queue has no job',
    async () => {
      const root = inPartition('silent');
      const { status, json, stderr } = await autolabJson(root, ['launch'], { env: cluster.env });
      expect([status, json['code']], stderr).toEqual([10, 'slurm.refused']);
      expect(json['message']).toContain('no job was found');
    },
    SLOW_MS,
  );

  it(
    'takes the job, and says something: the job runs',
    async () => {
      const root = inPartition('changed');
      const dry = await autolabJson(root, ['launch', '--dry-run'], { env: cluster.env });
      expect([dry.status, dry.json['plan']['test_only']['kind']]).toEqual([0, 'accepted']);
      const { json, stderr } = await autolabJson(root, ['launch'], { env: cluster.env });
      expect(json['code'], stderr).toBe('run.completed');
    },
    SLOW_MS,
  );
});
