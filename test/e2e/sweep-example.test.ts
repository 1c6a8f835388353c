import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { autolab, autolabJson } from '../support/autolab.ts';
import { commitAll, read, temporaryFolder } from '../support/project.ts';
import { SLOW_MS } from '../support/runs.ts';
import { makeTaskProject } from '../support/tasks/task-project.ts';

vi.setConfig({ testTimeout: SLOW_MS });

test('the example of many tasks goes from one launch to the best setting, as the demo shows it', async () => {
  const root = temporaryFolder();
  expect((await autolab(root, ['init', '--example', 'sweep'])).status).toBe(0);
  appendFileSync(join(root, '.autolab/launch.yaml'), 'host_mode: local\n');
  commitAll(root);

  const launched = await autolabJson(root, ['launch']);
  const tasks = await autolabJson(root, ['tasks', '--sort', 'accuracy']);
  const extracted = await autolabJson(root, ['extract']);

  expect(launched.json).toMatchObject({ outcome: 'completed', stage_after: 'extract_results' });
  expect(tasks.json['tasks']).toHaveLength(12);
  expect(tasks.json['tasks']).toEqual(
    Array.from({ length: 12 }, () => expect.objectContaining({ state: 'completed' }) as unknown),
  );
  expect(extracted.json['analysis']).toMatchObject({
    metrics: [{ name: 'accuracy', mean_of: 3 }],
    target: { met: true },
    tasks: { best_setting: { n: 3, params: { lr: '0.1' } } },
  });
  expect(read(root, 'experiments/iter1/summary.md')).toMatch(
    /^\| lr \| tasks \| mean \| standard deviation \| least \| most \|\n\| --- .*\n\| 0\.1 \| 3 \| 0\.991233 \| 0\.0029/m,
  );
  expect((await autolab(root, ['verify'])).status).toBe(0);
});

test('a run whose tasks failed leads to those tasks', async () => {
  const root = makeTaskProject({
    tasks: '{grid: {exit: [0, 3]}}',
    command: ['bash', 'experiments/iter1/main.sh', '{{task.exit}}'],
    entrypoint: 'exit "$1"\n',
  });
  const launched = await autolabJson(root, ['launch']);
  const shown = await autolabJson(root, ['show']);

  expect(launched.json).toMatchObject({ outcome: 'needs_retry', code: 'tasks.failed' });
  const run = `iter1/${String(launched.json['run_id'])}`;
  expect(shown.json['run'].next_command).toBe(`autolab tasks ${run} --failed`);
  const failed = await autolabJson(root, ['tasks', run, '--failed']);
  expect(failed.json['tasks']).toMatchObject([{ index: 1, code: 'local.failed' }]);
});
