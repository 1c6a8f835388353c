import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { autolab } from '../support/autolab.ts';
import { commitAll, temporaryFolder } from '../support/project.ts';
import { SLOW_MS } from '../support/runs.ts';

vi.setConfig({ testTimeout: SLOW_MS });

/** What differs from launch to launch: run ids, commits, and how much the logs say. */
function withoutParticulars(text: string): string {
  return text
    .replaceAll(/\d{8}T\d{6}Z_[0-9a-f]{6}/g, 'RUN_ID')
    .replace(/\b[0-9a-f]{12}, /, 'COMMIT, ')
    .replace(/\d+ bytes/, 'N bytes');
}

test('the README shows what a launch of the example prints', async () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const [, shown = ''] = /^```console\n\$ autolab launch\n(.*?)^```$/ms.exec(readme) ?? [];
  const root = temporaryFolder();
  await autolab(root, ['init', '--example', 'local']);
  appendFileSync(join(root, '.autolab/launch.yaml'), 'host_mode: local\n');
  commitAll(root);

  const launched = await autolab(root, ['launch']);

  expect(launched.status).toBe(0);
  expect(withoutParticulars(shown)).toBe(withoutParticulars(launched.stderr + launched.stdout));
});
