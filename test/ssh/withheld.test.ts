import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { autolab, autolabJson, inRun } from '../support/autolab.ts';
import { describeOverSsh, Far } from '../support/far.ts';
import { farProject } from '../support/far-project.ts';
import { runIds } from '../support/project.ts';
import { SLOW_MS } from '../support/runs.ts';
import { sharedCluster } from '../support/slurm.ts';

/** Credentials in a profile's `setup` and in the design do their work over there, and stay out of the record here. */

const TOKEN = 'hush-0815-4711';
const KEY = 'abcdef-0123456';
const DONE = `setup-${createHash('sha256').update(TOKEN).digest('hex').slice(0, 12)}`;
const SETUP = `export SETUP_TOKEN=${TOKEN}; touch "$HOME/setup-$(printf %s "$SETUP_TOKEN" | sha256sum | cut -c 1-12)"`;

let far: Far;

describeOverSsh('credentials of a run over ssh', () => {
  beforeAll(async () => {
    const cluster = await sharedCluster();
    far = await Far.start({ env: cluster.env, shared: [cluster.folder] });
  });

  it(
    'work there, also for a launch that goes on with the run, and are not in its record',
    async () => {
      const root = farProject(far, {
        profile: { setup: SETUP },
        command: ['bash', 'experiments/iter1/main.sh', '--api-key', KEY],
        entrypoint: `echo started >> "$AUTOLAB_RUN_DIR/marker"\n[ "\${#2}" = ${KEY.length} ] && echo '{}' > "$AUTOLAB_RUN_DIR/metrics.json"\n`,
      });
      const setupsDone = (): readonly string[] => readdirSync(far.home).filter((name) => name.startsWith('setup-'));
      const env = { ...far.near, AUTOLAB_CRASH_AT: 'claim.pending_noted' };
      expect((await autolab(root, ['launch'], { env })).signal).toBe('SIGKILL');
      expect(setupsDone()).toEqual([DONE]);
      rmSync(join(far.home, DONE));

      const ended = await autolabJson(root, ['resume'], { env: far.near });
      expect([ended.status, ended.json['code']], ended.stdout + ended.stderr).toEqual([0, 'run.completed']);
      expect(setupsDone()).toEqual([DONE]);
      const [runId = ''] = runIds(root);
      const record = ['journal.jsonl', 'run_manifest.json', 'logs/driver.log']
        .map((name) => readFileSync(inRun(root, 'iter1', runId, name), 'utf8'))
        .join('');
      expect([record.includes(TOKEN), record.includes(KEY), record.includes('***')]).toEqual([false, false, true]);
      expect((await autolabJson(root, ['verify'])).json['code']).toBe('ok');
    },
    SLOW_MS,
  );
});
