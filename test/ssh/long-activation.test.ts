import { readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { autolabJson, inRun } from '../support/autolab.ts';
import { describeOverSsh, Far } from '../support/far.ts';
import { farProject } from '../support/far-project.ts';
import { runIds } from '../support/project.ts';
import { SLOW_MS } from '../support/runs.ts';
import { type Cluster, sharedCluster } from '../support/slurm.ts';
import { slurmProject } from '../support/slurm-project.ts';

/** An activation of many lines, which the job reads from a file beside its script, with a credential in it. */

const TOKEN = 'hush-0815-4711';
const LINES = Array.from({ length: 200 }, (_, index) => `export A${index}=${index}\n`).join('');
const ACTIVATION = `${LINES}export API_TOKEN=${TOKEN}\nexport LAST="x$NOT_SET_ANYWHERE"\n`;
const ENTRYPOINT = 'echo "{\\"last\\": \\"$LAST ${#API_TOKEN}\\"}" > "$AUTOLAB_RUN_DIR/metrics.json"\n';

let cluster: Cluster;

describeOverSsh('a long activation of a job', () => {
  beforeAll(async () => {
    cluster = await sharedCluster();
  });

  it.each(['here', 'over ssh'])(
    'is read %s',
    async (where) => {
      const far = where === 'here' ? null : await Far.start({ env: cluster.env, shared: [cluster.folder] });
      const options = { activation: ACTIVATION, entrypoint: ENTRYPOINT };
      const root = far === null ? slurmProject(options) : farProject(far, options);

      const ended = await autolabJson(root, ['launch'], { env: far?.near ?? cluster.env });

      expect(ended.json['code'], ended.stderr).toBe('run.completed');
      const [runId = ''] = runIds(root);
      expect(readFileSync(inRun(root, 'iter1', runId, 'metrics.json'), 'utf8')).toBe(`{"last": "x ${TOKEN.length}"}\n`);
      for (const name of ['journal.jsonl', 'run_manifest.json', 'logs/driver.log'])
        expect(readFileSync(inRun(root, 'iter1', runId, name), 'utf8')).not.toContain(TOKEN);
      expect((await autolabJson(root, ['verify'])).json['code']).toBe('ok');
    },
    SLOW_MS,
  );

  it(
    'that fails is named with its line in docs/environment.md',
    async () => {
      const far = await Far.start({ env: cluster.env, shared: [cluster.folder] });
      const root = farProject(far, { activation: `${LINES}test -d /nowhere/env\n`, artifacts: [] });

      const ended = await autolabJson(root, ['launch'], { env: far.near });

      expect(ended.json['code'], ended.stderr).toBe('slurm.not_started');
      expect(ended.json['message']).toContain('docs/environment.md, line 206: "test -d /nowhere/env"');
    },
    SLOW_MS,
  );
});
