import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { autolabJson, inRun, parseJson, startAutolab } from '../support/autolab.ts';
import { describeOverSsh, Far } from '../support/far.ts';
import { farProject, farRun } from '../support/far-project.ts';
import { runIds, until } from '../support/project.ts';
import { manifestOf, SLOW_MS, WAITING } from '../support/runs.ts';
import { sharedCluster } from '../support/slurm.ts';

/** What the wrapper of a job leaves on another host counts here as well. */

const lines = (path: string): readonly string[] => readFileSync(path, 'utf8').split('\n').slice(0, -1);

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

  it(
    'is sampled, which is seen here while it runs, and all of it at the end',
    async () => {
      // It comes with the lines of the log.
      const root = farProject(far, { entrypoint: WAITING.replace('sleep 0.05', 'echo a line; sleep 1') });
      const driver = startAutolab(root, ['launch', '--json'], { env: far.near });
      await until('a run begins', () => runIds(root).length === 1);
      const [runId = ''] = runIds(root);
      const there = farRun(far, runId, 'receipt/usage.jsonl');
      const here = inRun(root, 'iter1', runId, 'receipt/usage.jsonl');
      await until('it is seen here', () => existsSync(here) && lines(here).length > 2);
      // In this order: both grow.
      const seen = readFileSync(here, 'utf8');
      expect(readFileSync(there, 'utf8').startsWith(seen)).toBe(true);
      writeFileSync(farRun(far, runId, 'go'), '');
      const end = await driver.ended;
      expect([end.status, parseJson(end)['code']], end.stderr).toEqual([0, 'run.completed']);
      expect(readFileSync(here, 'utf8')).toBe(readFileSync(there, 'utf8'));
      expect(manifestOf(root, runId)).toMatchObject({ series: { usage: { points: lines(here).length } } });
    },
    SLOW_MS,
  );
});
