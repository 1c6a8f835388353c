import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { autolab, autolabJson, type JsonEnded, startProgram } from '../support/autolab.ts';
import { commitAll, temporaryFolder, write } from '../support/project.ts';
import { SLOW_MS } from '../support/runs.ts';

vi.setConfig({ testTimeout: SLOW_MS });

/** Each error that a first user meets names the command that helps; here it is typed as it stands. */

const BIN = fileURLToPath(new URL('../../bin', import.meta.url));

/** What a user fills in. */
const FILLED: Readonly<Record<string, string>> = { WHO: 'ada', TEXT: "'looks right'", ID: 'second', COMMAND: 'true' };

/** Types the command, which must stand in the hint, with the words in capitals filled in. */
async function follow(folder: string, failed: JsonEnded, command: string): Promise<void> {
  expect(String(failed.json['hint'])).toContain(command);
  const line = command.replaceAll(/\b(WHO|TEXT|ID|COMMAND)\b/g, (word) => FILLED[word] ?? word);
  const words = line.includes('autolab approve') ? `${line} --yes` : line;
  const path = `${BIN}:${process.env['PATH'] ?? ''}`;
  const ended = await startProgram(['bash', '-c', words], folder, { env: { PATH: path } }).ended;
  expect(ended.status, `${words}\n${ended.stdout}${ended.stderr}`).toBe(0);
}

async function failing(folder: string, words: readonly string[], status: number, code: string): Promise<JsonEnded> {
  const ended = await autolabJson(folder, words);
  expect([ended.status, ended.json['code']], ended.stderr + String(ended.json['message'])).toEqual([status, code]);
  return ended;
}

const SCRIPT = 'echo "{\\"accuracy\\": 0.9}" > "$1/metrics.json"\n';
const NEW = [
  'new',
  'first',
  '--on',
  'local',
  '--time',
  '10:00',
  '--metric',
  'accuracy:max',
  '--artifact',
  'metrics.json',
];
const COMMAND = ['--', 'bash', 'train.sh', '{{run_dir}}'];

/** A repository of a user who has one script. */
function repository(script = SCRIPT): string {
  const root = temporaryFolder();
  write(root, 'train.sh', script);
  commitAll(root);
  return root;
}

async function project(script = SCRIPT): Promise<string> {
  const root = repository(script);
  expect((await autolab(root, ['init'])).status).toBe(0);
  write(root, '.autolab/launch.yaml', 'host_mode: local\n');
  return root;
}

async function proposed(script = SCRIPT): Promise<string> {
  const root = await project(script);
  const made = await autolab(root, [...NEW, ...COMMAND]);
  expect(made.status, made.stderr).toBe(0);
  return root;
}

async function approved(script = SCRIPT): Promise<string> {
  const root = await proposed(script);
  const given = await autolab(root, ['approve', '--by', 'ada', '--yes']);
  expect(given.status, given.stderr).toBe(0);
  return root;
}

test('no project', async () => {
  const root = repository();
  await follow(root, await failing(root, ['launch'], 12, 'project.not_found'), 'autolab init');
  expect((await autolab(root, ['next'])).status).toBe(0);
});

test('one folder too high', async () => {
  const root = await approved();
  const failed = await failing(dirname(root), ['-C', dirname(root), 'status'], 12, 'project.not_found').catch(
    () => null,
  );
  // Other tests make projects in the same folder: one of them is named, if not this one.
  if (failed !== null) expect(failed.json['hint']).toMatch(/^Go there: cd /);
  const above = temporaryFolder();
  mkdirSync(join(above, 'my sweep/.autolab'), { recursive: true });
  const one = await failing(above, ['status'], 12, 'project.not_found');
  expect(one.json['hint']).toBe(`Go there: cd '${join(above, 'my sweep')}'`);
});

test('a project without an experiment', async () => {
  const root = await project();
  await follow(root, await failing(root, ['launch'], 12, 'backlog.no_match'), 'autolab new ID -- COMMAND');
});

test('nothing approved', async () => {
  const root = await proposed();
  await follow(root, await failing(root, ['launch'], 12, 'state.wrong_stage'), 'autolab approve --by WHO');
  expect((await autolab(root, ['launch'])).status).toBe(0);
});

test('approved, and changed since', async () => {
  const root = await approved();
  write(root, 'train.sh', `# once more\n${SCRIPT}`);
  await follow(root, await failing(root, ['launch'], 10, 'review.stale'), 'autolab approve --by WHO');
  expect((await autolab(root, ['launch'])).status).toBe(0);
});

test('a design for Slurm, and no Slurm', async () => {
  const root = await project();
  const options = ['new', 'first', '--on', 'slurm', '--time', '10:00', '--memory', '1G', ...COMMAND];
  expect((await autolab(root, options)).status).toBe(0);
  const failed = await autolabJson(root, ['approve', '--by', 'ada', '--yes']);
  expect([failed.status, failed.json['attempt_counted']]).toEqual([10, false]);
  await follow(root, failed, 'autolab new ID --from first --on local');
  expect((await autolab(root, ['approve', '--by', 'ada', '--yes'])).status).toBe(0);
});

test('nothing to launch any more: the run is there', async () => {
  const root = await approved();
  expect((await autolab(root, ['launch'])).status).toBe(0);
  const failed = await failing(root, ['launch'], 12, 'state.wrong_stage');
  await follow(root, failed, 'autolab rerun --by WHO');
});

test('a metric that is not there', async () => {
  const root = await approved('echo "{\\"loss\\": 0.1}" > "$1/metrics.json"\n');
  expect((await autolab(root, ['launch'])).status).toBe(0);
  const failed = await autolabJson(root, ['extract']);
  expect(failed.status).toBe(10);
  expect(failed.json['problems']).toMatchObject([
    { file: expect.stringMatching(/metrics\.json$/), pointer: '/accuracy' },
  ]);
  write(root, 'train.sh', SCRIPT);
  await follow(root, failed, 'autolab decide repeat --at implementation --by WHO --note TEXT');
  for (const words of [['advance'], ['approve', '--by', 'ada', '--yes'], ['launch'], ['extract']])
    expect((await autolab(root, words)).status, words.join(' ')).toBe(0);
});

test('a command that is not there', async () => {
  const root = await project();
  const made = await autolabJson(root, [...NEW, '--', 'bash', 'trian.sh', '{{run_dir}}']);
  expect(JSON.stringify(made.json)).toContain('trian.sh');
});

test('not in a git repository: the record says so, and nothing stops the run', async () => {
  const root = temporaryFolder();
  write(root, 'train.sh', SCRIPT);
  for (const words of [
    [...NEW.slice(0, 2), '--init', ...NEW.slice(2), ...COMMAND],
    ['approve', '--by', 'ada', '--yes'],
    ['launch'],
    ['extract'],
  ]) {
    const ended = await autolab(root, words);
    expect(ended.status, ended.stderr).toBe(0);
  }
});

test('an experiment that is closed', async () => {
  const root = await approved();
  for (const words of [['launch'], ['extract'], ['document'], ['decide', 'stop', '--by', 'ada', '--note', 'enough']])
    expect((await autolab(root, words)).status, words.join(' ')).toBe(0);
  const failed = await failing(root, ['launch'], 12, 'backlog.closed');
  await follow(root, failed, 'autolab backlog reopen first --by WHO --note TEXT');
  execFileSync('git', ['status'], { cwd: root });
});
