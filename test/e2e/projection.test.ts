import { cpSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { autolab, autolabJson, inRun } from '../support/autolab.ts';
import { edit, makeProject, runIds, temporaryFolder, treeDigest, write } from '../support/project.ts';
import { begun, letEnd, manifestOf, SLOW_MS, WAITING } from '../support/runs.ts';

vi.setConfig({ testTimeout: SLOW_MS });

async function expectProjection(root: string, what: string): Promise<void> {
  const check = await autolabJson(root, ['manifest', '--check']);
  expect([check.status, check.json['code']], `${what}: ${String(check.json['message'])}`).toEqual([0, 'ok']);
  const [runId = ''] = runIds(root);
  const printed = await autolab(root, ['manifest', runId]);
  expect(printed.stdout, what).toBe(readFileSync(inRun(root, 'iter1', runId, 'run_manifest.json'), 'utf8'));
}

test('the manifest is the projection of the journal: completed, failed, cancelled, waiting, resumed, open runs', async () => {
  const cases: Readonly<Record<string, () => Promise<string>>> = {
    completed: async () => {
      const root = makeProject({ git: true });
      await autolab(root, ['launch']);
      return root;
    },
    failed: async () => {
      const root = makeProject({ entrypoint: 'exit 3\n' });
      await autolab(root, ['launch']);
      return root;
    },
    cancelled: async () => {
      const root = makeProject({ entrypoint: WAITING });
      await autolab(root, ['launch', '--detach']);
      await autolab(root, ['cancel']);
      return root;
    },
    'waiting for an artifact': async () => {
      const root = makeProject({ entrypoint: 'true\n' });
      await autolab(root, ['launch']);
      return root;
    },
    'detached, open': async () => {
      const root = makeProject({ entrypoint: WAITING });
      await autolab(root, ['launch', '--detach']);
      return root;
    },
    resumed: async () => {
      const root = makeProject({ entrypoint: WAITING });
      await autolab(root, ['launch'], { env: { AUTOLAB_CRASH_AT: 'journal.execute.run.started.torn' } });
      letEnd(root, await begun(root));
      await autolab(root, ['resume']);
      return root;
    },
  };
  const halves = [0, 1].map((half) => Object.entries(cases).filter((_, index) => index % 2 === half));
  await Promise.all(
    halves.map(async (half) => {
      for (const [what, make] of half) await expectProjection(await make(), what);
    }),
  );
});

test('--check tells a manifest that was edited, and names the line', async () => {
  const root = makeProject();
  await autolab(root, ['launch']);
  const [runId = ''] = runIds(root);
  const path = `experiments/iter1/runs/${runId}/run_manifest.json`;
  const line =
    readFileSync(join(root, path), 'utf8')
      .split('\n')
      .findIndex((text) => text.includes('"command"')) + 1;
  edit(root, path, (text) => text.replace(/"command": ".*"/, '"command": "other"'));
  const check = await autolabJson(root, ['manifest', '--check']);
  expect([check.status, check.json['code']]).toEqual([10, 'manifest.differs']);
  expect(check.json['message']).toContain(`line ${line}`);
  const verify = await autolabJson(root, ['verify']);
  expect([verify.status, verify.json['code']]).toEqual([10, 'verify.failed']);
});

test('the same inputs have the same fingerprint, whenever and wherever; other inputs another', async () => {
  const fingerprint = async (change: (root: string) => void, words: readonly string[] = []): Promise<string> => {
    const root = makeProject();
    // In the same words for every project: the fingerprint is of the inputs, and a folder's name is none.
    change(root);
    const ended = await autolab(root, ['launch', ...words]);
    expect(ended.status, ended.stderr).toBe(0);
    return manifestOf(root, runIds(root)[0] ?? '')['fingerprint'] as string;
  };
  const same = (): void => undefined;
  const [one, two, attempt, design, activation] = await Promise.all([
    fingerprint(same),
    fingerprint(same, ['--run-id', 'named']),
    fingerprint((root) => {
      edit(root, '.autolab/state.json', (text) => text.replace('"stage_attempt": 0', '"stage_attempt": 1'));
    }),
    fingerprint((root) => {
      edit(root, 'experiments/iter1/design.yaml', (text) => text.replace('00:05:00', '00:06:00'));
    }),
    fingerprint((root) => {
      edit(root, 'docs/environment.md', (text) => text.replace('# nothing to activate', 'export A=1'));
    }),
  ]);
  expect(one).toMatch(/^[0-9a-f]{64}$/);
  expect([two, attempt]).toEqual([one, one]);
  expect(new Set([one, design, activation]).size).toBe(3);
});

test('code is part of the fingerprint where git lists it', async () => {
  const fingerprint = async (code: string): Promise<string> => {
    const root = makeProject({ git: true });
    write(root, 'src/model.py', code);
    await autolab(root, ['launch']);
    return manifestOf(root, runIds(root)[0] ?? '')['fingerprint'] as string;
  };
  const [one, same, other] = await Promise.all([fingerprint('a\n'), fingerprint('a\n'), fingerprint('b\n')]);
  expect(same).toBe(one);
  expect(other).not.toBe(one);
});

test('a copy of the project elsewhere passes verify and --check, unchanged; a changed artifact is found there', async () => {
  const root = makeProject({ git: true });
  await autolab(root, ['launch']);
  const [runId = ''] = runIds(root);
  const copy = join(temporaryFolder(), 'years later');
  cpSync(root, copy, { recursive: true });
  // The place where it ran is gone.
  renameSync(root, `${root}.gone`);
  try {
    const before = treeDigest(copy);
    const verify = await autolabJson(copy, ['verify', runId]);
    expect([verify.status, verify.json['code']], JSON.stringify(verify.json['verifiers'])).toEqual([0, 'ok']);
    expect((await autolab(copy, ['manifest', '--check'])).status).toBe(0);
    expect(treeDigest(copy)).toBe(before);
    edit(copy, `experiments/iter1/runs/${runId}/metrics.json`, (text) => text.replace('1', '2'));
    const changed = await autolabJson(copy, ['verify', runId]);
    expect([changed.status, changed.json['code']]).toEqual([10, 'verify.failed']);
    expect(JSON.stringify(changed.json['verifiers'])).toContain('metrics.json');
  } finally {
    renameSync(`${root}.gone`, root);
  }
});
