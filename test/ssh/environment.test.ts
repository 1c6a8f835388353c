import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { sha256 } from '../../src/platform/ids.ts';
import { autolabJson, inRun } from '../support/autolab.ts';
import { describeOverSsh, Far } from '../support/far.ts';
import { farProject } from '../support/far-project.ts';
import { runIds, write } from '../support/project.ts';
import { manifestOf, SLOW_MS } from '../support/runs.ts';
import { type Cluster, sharedCluster } from '../support/slurm.ts';
import { slurmProject } from '../support/slurm-project.ts';

/** What a job finds when it begins, on this host's Slurm and on another's. */

const PYTHON = `#!/bin/bash
echo hello from sitecustomize
if [ "$1" = -B ]; then printf '%s\\n' /env/python3 3.11.7 $'Some.Package\\t1.0' . > "\${@: -1}"; else exec bash "$@"; fi
`;
const OPTIONS = {
  command: ['python3', 'experiments/iter1/main.sh'],
  activation:
    'export PATH="$AUTOLAB_REPO_ROOT/programs:$PATH" OMP_NUM_THREADS=3 SLURM_JWT=hush-0815\nexport AUTOLAB_TEST_ENVIRONMENT_SECONDS=100\n',
  git: false,
};

let cluster: Cluster;

describeOverSsh('the environment of a job', () => {
  beforeAll(async () => {
    cluster = await sharedCluster();
  });

  it(
    'is recorded here and over ssh, with the same fingerprint',
    async () => {
      const far = await Far.start({ env: cluster.env, shared: [cluster.folder] });
      const prints: unknown[] = [];
      for (const root of [slurmProject(OPTIONS), farProject(far, OPTIONS)]) {
        write(root, 'programs/python3', PYTHON);
        chmodSync(join(root, 'programs/python3'), 0o755);

        const ended = await autolabJson(root, ['launch'], { env: prints.length === 0 ? cluster.env : far.near });

        expect(ended.json['code'], ended.stderr).toBe('run.completed');
        const [runId = ''] = runIds(root);
        const text = readFileSync(inRun(root, 'iter1', runId, 'receipt/environment.json'), 'utf8');
        expect(JSON.parse(text)).toMatchObject({
          interpreter: { path: '/env/python3', version: '3.11.7' },
          packages: { python: { 'some-package': '1.0' } },
          variables: { OMP_NUM_THREADS: '3', SLURM_JWT: '***', SLURM_JOB_ID: expect.stringMatching(/^\d+$/) as string },
        });
        expect(text).not.toContain('hush');
        const manifest = manifestOf(root, runId);
        expect(manifest['environment']).toMatchObject({ sha256: sha256(text) });
        prints.push(manifest['environment_fingerprint']);
        expect((await autolabJson(root, ['manifest', '--check'])).status).toBe(0);
        expect((await autolabJson(root, ['verify'])).json['code']).toBe('ok');
      }
      expect(prints[0]).toMatch(/^[0-9a-f]{64}$/);
      expect(prints[1]).toBe(prints[0]);
    },
    SLOW_MS,
  );
});
