import { execFileSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { autolabJson, PROGRAM, startProgram } from '../support/autolab.ts';
import { family } from '../support/campaign.ts';
import { fakeCommands, makeProject, runIds } from '../support/project.ts';
import { SLOW_MS } from '../support/runs.ts';
import { launch, world } from '../support/slurm-faults.ts';

/** Credentials that are around while autolab works, and files that are nobody else's business. */

vi.setConfig({ testTimeout: SLOW_MS });

const { count } = family(
  'secrets',
  'what other programs print about themselves was written down with the credentials in it: it is without them',
);

const TOKEN = 'tok-5ae1f00dcafe';
const PASSWORD = 'correct-horse-battery';
const IN_URL = 'hunter2hunter2';
const SECRETS = { API_TOKEN: TOKEN, DB_PASSWORD: PASSWORD, DATABASE_URL: `postgres://ada:${IN_URL}@db/x` };
const LEAK = `using ${TOKEN} and ${PASSWORD} for https://ada:${IN_URL}@example.org/r.git`;

/** Every file below a folder, git's own aside. */
function filesBelow(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('/.git'))
    .map((entry) => join(entry.parentPath, entry.name));
}

function expectNoSecret(root: string, printed: string): void {
  const leaks = (text: string): readonly string[] => [TOKEN, PASSWORD, IN_URL].filter((value) => text.includes(value));
  expect(leaks(printed), printed).toEqual([]);
  const files = filesBelow(root);
  expect(files.length).toBeGreaterThan(15);
  for (const path of files) expect(leaks(readFileSync(path, 'latin1')), path).toEqual([]);
}

test('variables and the remote of the repository stay out of everything that is written', async () => {
  const root = makeProject({ git: true });
  execFileSync('git', ['remote', 'add', 'origin', `https://ada:${IN_URL}@example.org/r.git`], { cwd: root });
  const ended = await autolabJson(root, ['launch'], { env: SECRETS });
  expect([ended.status, ended.json['code']], ended.stderr).toEqual([0, 'run.completed']);
  expectNoSecret(root, ended.stdout + ended.stderr);
  count('completed, no secret written');
});

test('probes that print credentials are kept without them, and so are the messages', async () => {
  const root = makeProject();
  const noisy = fakeCommands({ hostname: `echo '${LEAK}' >&2\nexit 3`, sinfo: `echo '${LEAK}' >&2\nexit 3` });
  const ended = await autolabJson(root, ['launch'], { env: { ...noisy, ...SECRETS } });
  // launch.yaml fixes the mode; what the probes said is in the record all the same.
  expect(ended.json['code'], ended.stdout).toBe('run.completed');
  expectNoSecret(root, ended.stdout + ended.stderr);
  count('completed, no secret written');
});

test('so are the words with which Slurm refuses a job', async () => {
  const one = world([{ command: 'sbatch', nth: 1, fault: 'refused', words: LEAK }]);
  const ended = await launch(one, ['launch'], SECRETS);
  expect(ended.json['code'], ended.stdout).toBe('slurm.refused');
  expect(String(ended.json['message'])).toContain('***');
  expectNoSecret(one.root, ended.stdout + ended.stderr);
  count('slurm.refused, no secret written');
});

test.each([
  ['077', 0o077],
  ['027', 0o027],
])('with the umask %s, what autolab makes is as private as that', async (umask, mask) => {
  const root = makeProject();
  const before = new Set(filesBelow(root).map((path) => path.slice(root.length)));
  const words = ['sh', '-c', `umask ${umask}; exec "$@"`, 'sh', process.execPath, PROGRAM, 'launch'];
  const ended = await startProgram(words, root).ended;
  expect(ended.status, ended.stderr).toBe(0);
  const made = filesBelow(root).filter((path) => !before.has(path.slice(root.length)) || /state\.json$/.test(path));
  const folders = [`experiments/iter1/runs/${runIds(root)[0] ?? ''}`, 'experiments/iter1/launch'];
  expect(made.length).toBeGreaterThan(15);
  for (const path of [...made, ...folders.map((name) => join(root, name))])
    expect(lstatSync(path).mode & mask, `${path} is open to others`).toBe(0);
  count('private');
});
