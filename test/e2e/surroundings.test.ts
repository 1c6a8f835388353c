import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { autolab, autolabJson, parseJson, PROGRAM, startProgram } from '../support/autolab.ts';
import { makeProject, read, runIds, temporaryFolder } from '../support/project.ts';
import { eachOf, hasClaim, manifestOf, SLOW_MS } from '../support/runs.ts';

/** What a run gets from the shell that launches it: its folder for temporary files, and Python's buffering. */

vi.setConfig({ testTimeout: SLOW_MS });

const SAYS = `echo "$TMPDIR|$AUTOLAB_SCRATCH|\${PYTHONUNBUFFERED-unset}" > "$AUTOLAB_RUN_DIR/said"
mktemp > /dev/null && echo '{"accuracy": 1}' > "$AUTOLAB_RUN_DIR/metrics.json"
`;

function said(root: string): readonly string[] {
  return read(root, `experiments/iter1/runs/${runIds(root)[0] ?? ''}/said`)
    .trim()
    .split('|');
}

test.each([
  ['is not there', '/nonexistent/folder', 'it does not exist'],
  ['is a file', '/etc/hostname', 'it is not a folder'],
  ['is relative', 'tmp', 'it is not an absolute path'],
  ['cannot be written', '/proc', 'cannot be used'],
])('a TMPDIR that %s: .autolab/tmp takes its place, which is said and recorded', async (_what, TMPDIR, why) => {
  const root = makeProject({ entrypoint: SAYS, git: true });
  writeFileSync(join(root, 'changed.txt'), 'not committed: a patch is made\n');

  const ended = await autolab(root, ['launch'], { env: { TMPDIR, PYTHONUNBUFFERED: undefined } });

  const [runId = ''] = runIds(root);
  const scratch = join(root, '.autolab/tmp', runId);
  expect([ended.status, ended.signal], ended.stderr).toEqual([0, null]);
  expect(ended.stderr).toMatch(new RegExp(`TMPDIR.*${why}.*\\.autolab/tmp/${runId}`));
  expect(said(root)).toEqual([scratch, scratch, '1']);
  expect(manifestOf(root, runId)).toMatchObject({
    environment_set: { PYTHONUNBUFFERED: '1', TMPDIR: scratch },
    warnings: [expect.stringContaining(why) as string],
  });
  expect(existsSync(scratch), 'removed with the run').toBe(false);
  const [run] = (await autolabJson(root, ['clean', '--dry-run'])).json['leftovers'] as unknown[];
  expect(run).toBeUndefined();
});

test('a TMPDIR with spaces is used as it is', async () => {
  const root = makeProject({ entrypoint: SAYS });
  const TMPDIR = join(temporaryFolder(), 'a folder with spaces');
  mkdirSync(TMPDIR);
  expect((await autolab(root, ['launch'], { env: { TMPDIR } })).status).toBe(0);
  expect(said(root)[0]).toBe(TMPDIR);
  expect(said(root)[1]).toContain(`${TMPDIR}/autolab-`);
  expect(readdirSync(TMPDIR).filter((name) => name.startsWith('autolab'))).toEqual([]);
});

test('a scratch folder that cannot be made any more ends the run; the next one has another', async () => {
  const root = makeProject({ entrypoint: SAYS });
  const TMPDIR = join(temporaryFolder(), 'tmp');
  mkdirSync(TMPDIR);
  const killed = await autolab(root, ['launch'], { env: { TMPDIR, AUTOLAB_CRASH_AT: 'claim.pending_noted' } });
  expect(killed.signal).toBe('SIGKILL');
  const { scratch } = JSON.parse(
    read(root, `experiments/iter1/runs/${runIds(root)[0] ?? ''}/journal.jsonl`).split('\n')[0] ?? '',
  ).data as { scratch: string };
  writeFileSync(scratch, 'in its place\n');

  const ended = await autolabJson(root, ['launch'], { env: { TMPDIR } });

  expect([ended.status, ended.json['code']], ended.stderr).toEqual([10, 'local.start_failed']);
  expect(ended.json['message']).toContain(`The scratch folder ${scratch} cannot be made`);
  expect((await autolabJson(root, ['launch'], { env: { TMPDIR } })).json['code']).toBe('run.completed');
});

test('PYTHONUNBUFFERED is set where the user does not set it, and recorded; otherwise it is the user’s', async () => {
  const cases = [
    [undefined, '1', { PYTHONUNBUFFERED: '1' }],
    ['', '', {}],
    ['0', '0', {}],
  ] as const;
  await eachOf(cases, async ([PYTHONUNBUFFERED, seen, recorded]) => {
    const root = makeProject({ entrypoint: SAYS });
    expect((await autolab(root, ['launch'], { env: { PYTHONUNBUFFERED } })).status).toBe(0);
    expect(said(root)[2]).toBe(seen);
    expect(manifestOf(root, runIds(root)[0] ?? '')['environment_set']).toEqual(recorded);
  });
});

test('what an activation sets is the user’s, too', async () => {
  const root = makeProject({ entrypoint: SAYS, activation: 'export PYTHONUNBUFFERED=\n' });
  expect((await autolab(root, ['launch'])).status).toBe(0);
  expect(said(root)[2]).toBe('');
});

test('too few open files: said with the way to raise the limit, and nothing is lost', async () => {
  const root = makeProject({ entrypoint: SAYS });
  for (const most of [20, 30, 64]) {
    const shell = ['bash', '-c', `ulimit -n ${most}; exec "$0" "$@"`, process.execPath, PROGRAM, 'launch', '--json'];
    const refused = await startProgram(shell, root).ended;
    expect(refused.stdout + refused.stderr, String(most)).not.toMatch(/^\s+at .*:\d+:\d+|autolab has a bug/m);
    if (refused.status === 0) break;
    expect([refused.status, parseJson(refused)['code']], String(most)).toEqual([12, 'project.read_only']);
    expect(parseJson(refused)['hint'], String(most)).toContain('ulimit -n 4096');
    expect(runIds(root)).toEqual([]);
    expect(hasClaim(root)).toBe(false);
  }
  if (runIds(root).length === 0) expect((await autolab(root, ['launch'])).status).toBe(0);
  expect(runIds(root)).toHaveLength(1);
});
