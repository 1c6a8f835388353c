import { expect, test, vi } from 'vitest';
import { autolabJson } from '../support/autolab.ts';
import { makeProject, read, readJson, runIds, startsOf, write } from '../support/project.ts';
import { manifestOf, SLOW_MS } from '../support/runs.ts';

/** A local run whose activation ends the script: the entrypoint never began, and the record says so. */

vi.setConfig({ testTimeout: SLOW_MS });

test.each([
  [
    'leaves with status 0',
    '[ -d /nowhere/env ] || exit 0\n',
    'The activation ended with status 0; the entrypoint was not started.',
  ],
  [
    'fails at its last command, without a word',
    'export A=1\n\ntest -d "/nowhere/env"\n',
    'The activation ended with status 1 at docs/environment.md, line 8: "test -d \\"/nowhere/env\\""; the entrypoint was not started.',
  ],
  [
    'fails in a function',
    'setup() {\n  return 3\n}\nsetup\n',
    'The activation ended with status 3 at docs/environment.md, line 9: "setup"; the entrypoint was not started.',
  ],
  [
    'fails in a file that it sources',
    'source ./env.sh\n',
    'The activation ended with status 1 at docs/environment.md, line 6: "source ./env.sh"; the entrypoint was not started.',
  ],
])('an activation that %s', async (_, activation, message) => {
  const root = makeProject({ activation, artifacts: [] });
  write(root, 'env.sh', ': one\n: two\nfalse\n');

  const end = await autolabJson(root, ['launch']);

  expect([end.status, end.json['code'], end.json['message']], end.stderr).toEqual([10, 'local.not_started', message]);
  const [runId = ''] = runIds(root);
  expect(startsOf(root, runId)).toBe(0);
  expect(manifestOf(root, runId)).toMatchObject({ status: 'failed', code: 'local.not_started' });
  expect(manifestOf(root, runId)['starts']).toBeUndefined();
});

test('a run whose entrypoint began says so, and its process is the entrypoint itself', async () => {
  const root = makeProject({
    // What is lifted by hand, and fails where it may, does not end the script.
    activation: 'set +e\nfalse\nset -e\nif false; then :; fi\nfalse || true\n',
    entrypoint: 'echo $$ > "$AUTOLAB_RUN_DIR/pid"\necho "{}" > "$AUTOLAB_RUN_DIR/metrics.json"\n',
  });

  const end = await autolabJson(root, ['launch']);

  expect(end.status, end.stderr).toBe(0);
  const [runId = ''] = runIds(root);
  const run = `experiments/iter1/runs/${runId}`;
  expect(manifestOf(root, runId)['starts']).toEqual({ expected: 1, begun: 1 });
  expect(readJson(root, `${run}/receipt/started.json`)['pid']).toBe(Number(read(root, `${run}/pid`)));
});
