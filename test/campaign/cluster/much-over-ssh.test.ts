import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { autolab, autolabJson, inRun } from '../../support/autolab.ts';
import { family, size } from '../../support/campaign.ts';
import { describeOverSsh, Far } from '../../support/far.ts';
import { farProject, farRun } from '../../support/far-project.ts';
import { runIds } from '../../support/project.ts';
import { manifestOf, SLOW_MS } from '../../support/runs.ts';
import { sharedCluster } from '../../support/slurm.ts';
import { expectOnce } from '../../support/slurm-project.ts';

/** As much as a run may leave: many small files, and a large one, brought back over ssh and compared (X7). */

const FILES = size(100_000, 10_000);
const LARGE = size(4_500_000_000, 100_000_000);

const { count } = family('many files and a large one, over ssh');

describeOverSsh('much over ssh', () => {
  it(
    `${FILES} files and one of ${LARGE} bytes come back as they are there`,
    async () => {
      const { env, folder } = await sharedCluster();
      const far = await Far.start({ env, shared: [folder] });
      const many = `mkdir small; seq ${FILES} | split -l 1 -a 4 - small/f.`;
      const root = farProject(far, {
        compute: { time: '"00:20:00"' },
        entrypoint: `cd "$AUTOLAB_RUN_DIR"; echo started >> marker; echo "{}" > metrics.json
${many}
head -c ${LARGE} /dev/urandom > large.bin
`,
      });
      const launched = await autolabJson(root, ['launch'], { env: far.near });
      expect([launched.status, launched.json['code']], launched.stderr).toEqual([0, 'run.completed']);
      const [runId = ''] = runIds(root);
      await expectOnce(env, root, runId);
      const record = manifestOf(root, runId)['sync']['to_local'] as Record<string, unknown>;
      expect(record).toMatchObject({ status: 'ok', verified: true });
      expect(record['files']).toBeGreaterThanOrEqual(FILES + 3);
      expect(record['bytes']).toBeGreaterThan(LARGE + FILES * 2);
      // Not waited for in one call: the runner takes a worker that does not answer for a minute for a failure.
      for (const name of ['small', 'large.bin'])
        await promisify(execFile)('diff', ['-rq', farRun(far, runId, name), inRun(root, 'iter1', runId, name)]);
      expect((await autolab(root, ['manifest', runId, '--check'])).status).toBe(0);
      count('completed, all digests equal');
    },
    size(1_800_000, SLOW_MS),
  );
});
