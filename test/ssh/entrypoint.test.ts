import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { autolabJson, inRun } from '../support/autolab.ts';
import { describeOverSsh, Far } from '../support/far.ts';
import { farProject } from '../support/far-project.ts';
import { runIds } from '../support/project.ts';
import { manifestOf, SLOW_MS } from '../support/runs.ts';
import { sharedCluster } from '../support/slurm.ts';

/** What the wrapper of a job leaves on another host counts here as well. */

let far: Far;

describeOverSsh('the entrypoint of a job behind ssh', () => {
  beforeAll(async () => {
    const cluster = await sharedCluster();
    far = await Far.start({ env: cluster.env, shared: [cluster.folder] });
  });

  it(
    'is counted, and what it left on the disk of the node is collected by the job',
    async () => {
      const disk = mkdtempSync(join(tmpdir(), 'autolab-node-disk-'));
      try {
        const root = farProject(far, {
          entrypoint: `mkdir -p '${disk}' && echo weights > '${disk}/model'\necho "{}" > "$AUTOLAB_RUN_DIR/metrics.json"\n`,
          artifacts: ['metrics.json', `{path: model.bin, from: "${disk}/model"}`],
        });
        const end = await autolabJson(root, ['launch'], { env: far.near });
        expect([end.status, end.json['code']], end.stderr).toEqual([0, 'run.completed']);
        const [runId = ''] = runIds(root);
        expect(manifestOf(root, runId)['starts']).toEqual({ expected: 1, begun: 1 });
        expect(readFileSync(inRun(root, 'iter1', runId, 'model.bin'), 'utf8')).toBe('weights\n');
        expect(
          readFileSync(inRun(root, 'iter1', runId, 'receipt/collected.' + String(end.json['job_id']) + '.0'), 'utf8'),
        ).toBe('done\n');
      } finally {
        rmSync(disk, { recursive: true, force: true });
      }
    },
    SLOW_MS,
  );

  it(
    'that an activation kept from beginning is not completed',
    async () => {
      const root = farProject(far, { activation: '[ -d /nowhere/env ] || exit 0\n', artifacts: [] });
      const end = await autolabJson(root, ['launch'], { env: far.near });
      expect([end.status, end.json['code']], end.stderr).toEqual([10, 'slurm.not_started']);
    },
    SLOW_MS,
  );
});
