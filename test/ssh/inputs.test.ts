import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { sha256 } from '../../src/platform/ids.ts';
import { autolabJson, inRun } from '../support/autolab.ts';
import { describeOverSsh, Far } from '../support/far.ts';
import { farProject } from '../support/far-project.ts';
import { commitAll, edit, runIds, write } from '../support/project.ts';
import { manifestOf, SLOW_MS } from '../support/runs.ts';
import { type Cluster, sharedCluster } from '../support/slurm.ts';

/** Data of a run on another host: absolute paths are paths there, and what is sent is code. */

let cluster: Cluster;

const DESIGN = 'experiments/iter1/design.yaml';

describeOverSsh('data over ssh', () => {
  beforeAll(async () => {
    cluster = await sharedCluster();
  });

  it(
    'are read on the launch host, refused if they would not be there, and compared in the job',
    async () => {
      const far = await Far.start({ env: cluster.env, shared: [cluster.folder] });
      const data = join(far.home, 'data set');
      mkdirSync(join(data, 'deep'), { recursive: true });
      writeFileSync(join(data, 'a.csv'), 'one\n');
      writeFileSync(join(data, "deep/it's.csv"), 'two\n');
      writeFileSync(join(data, 'deep/.hidden.csv'), 'three\n');
      const large = 'large\n'.repeat(200_000);
      writeFileSync(join(data, 'deep/large one.csv'), large);
      const flat = join(far.home, 'flat');
      mkdirSync(flat);
      writeFileSync(join(flat, 'ok.csv'), 'ok\n');
      writeFileSync(join(flat, 'a\nb'), '');
      symlinkSync('.', join(flat, 'loop'));
      symlinkSync('self', join(flat, 'self'));
      const root = farProject(far, { mode: 'rsync', git: false });
      write(root, 'local/x.csv', 'x\n');
      write(root, 'lib/words.txt', 'words\n');
      edit(root, '.gitignore', (text) => `${text}/local\n`);
      edit(
        root,
        DESIGN,
        (text) =>
          `${text}inputs: ["${data}/**/*.csv", {path: "${data}", check: size}, lib, "${flat}/ok*.csv", local]\n`,
      );
      commitAll(root);

      const refused = await autolabJson(root, ['launch'], { env: far.near });
      expect([refused.status, refused.json['code']], refused.stderr).toEqual([10, 'inputs.missing']);
      expect(refused.json['message']).toContain('local/x.csv is not code, so it would not be sent');
      expect(runIds(root)).toEqual([]);

      edit(root, DESIGN, (text) => text.replace(', local]', ']'));
      commitAll(root);
      const launched = await autolabJson(root, ['launch'], { env: far.near });
      expect(launched.json['code'], launched.stderr).toBe('run.completed');
      const [runId = ''] = runIds(root);
      const lines = `${sha256('one\n')}  ${data}/a.csv\n${sha256('two\n')}  ${data}/deep/it's.csv\n${sha256(large)}  ${data}/deep/large one.csv\n`;
      expect(manifestOf(root, runId)['data_inputs']).toMatchObject([
        { files: 3, bytes: 8 + large.length, sha256: sha256(lines) },
        { check: 'size', files: 4 },
        { path: 'lib', files: 1 },
        { path: `${flat}/ok*.csv`, files: 1 },
      ]);
      expect(readFileSync(inRun(root, 'iter1', runId, 'inputs.sha256'), 'utf8')).toContain(lines);
    },
    SLOW_MS,
  );
});
