import { dirname } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { autolabJson } from '../support/autolab.ts';
import { describeOverSsh, Far } from '../support/far.ts';
import { farProject } from '../support/far-project.ts';
import { keepUntilEnd, runIds } from '../support/project.ts';
import { SLOW_MS } from '../support/runs.ts';
import { type Cluster, siteCluster } from '../support/slurm.ts';
import { journalOf } from '../support/slurm-project.ts';

/** A site's own words come over ssh as they are, and so does what a banner and a shell there print. */

let cluster: Cluster;
let far: Far;

describeOverSsh('a site behind ssh that refuses in words of its own', { concurrent: true }, () => {
  beforeAll(async () => {
    cluster = await siteCluster('lua');
    // Its accounting and its munged lie beside it.
    const banner = 'Access is temporarily restricted. If your connection timed out, try again.\n';
    far = await Far.start({ env: cluster.env, shared: [dirname(cluster.folder)], banner });
    far.startUp('echo "authentication by key: retrying does not help" >&2\n');
  });

  it.each([
    ['suspended', 'Please try again after the 1st.'],
    ['filtered', 'The partition filtered is closed for batch jobs.'],
  ])(
    '%s: refused at once, by a launch and by a dry run',
    async (partition, words) => {
      const root = keepUntilEnd(farProject(far, { compute: { partition } }));
      const dry = await autolabJson(root, ['launch', '--dry-run'], { env: far.near });
      expect([dry.status, dry.json['code']], dry.stderr).toEqual([10, 'slurm.refused']);
      expect(dry.json['message']).toContain(words);
      const { status, json, stderr } = await autolabJson(root, ['launch'], { env: far.near });
      expect([status, json['code']], stderr).toEqual([10, 'slurm.refused']);
      expect(json['message']).toContain(words);
      const events = journalOf(root, runIds(root)[0] ?? '').map(({ event }) => event);
      expect(events.filter((event) => event === 'submit.tried')).toHaveLength(1);
    },
    SLOW_MS,
  );
});
