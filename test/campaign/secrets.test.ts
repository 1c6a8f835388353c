import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { autolab, autolabJson, PROGRAM, startProgram } from '../support/autolab.ts';
import { family } from '../support/campaign.ts';
import { fakeCommands, makeProject, runIds, startsOf } from '../support/project.ts';
import { manifestOf, SLOW_MS } from '../support/runs.ts';
import { launch, world } from '../support/slurm-faults.ts';

/** Credentials that are around while autolab works, and files that are nobody else's business. */

vi.setConfig({ testTimeout: SLOW_MS });

const { count } = family('secrets');

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

/** What a person wrote into the design and the activation has to work, and stands where it has to stand. */
const WRITTEN = ['--data', `https://ada:${IN_URL}@example.org/d.csv`, '--api-key', PASSWORD, '--pad-token', 'padding'];
const ACTIVATION = `export HF_TOKEN='${TOKEN}'\n`;
const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
const ENTRYPOINT = `echo started >> "$AUTOLAB_RUN_DIR/marker"
digest() { printf %s "$1" | sha256sum | cut -c 1-64; }
[ "$(digest "$2")" = ${sha(WRITTEN[1] ?? '')} ] && [ "$(digest "$4")" = ${sha(PASSWORD)} ] || exit 3
[ "$(digest "$HF_TOKEN")" = ${sha(TOKEN)} ] || exit 4
echo '{"accuracy": 1}' > "$AUTOLAB_RUN_DIR/metrics.json"
`;
const HOLDERS = /(?:design\.yaml|environment\.md|run_local\.sh|run_slurm\.sbatch|withheld\.json)$/;
const withSecrets = {
  command: ['bash', 'experiments/iter1/main.sh', ...WRITTEN],
  activation: ACTIVATION,
  entrypoint: ENTRYPOINT,
};

function expectWithheld(root: string, printed: string): void {
  const [runId = ''] = runIds(root);
  const leaks = (text: string): boolean => [TOKEN, PASSWORD, IN_URL].some((value) => text.includes(value));
  expect(leaks(printed), printed).toBe(false);
  const leaking = filesBelow(root).filter((path) => leaks(readFileSync(path, 'latin1')) && !HOLDERS.test(path));
  expect(leaking).toEqual([]);
  const withheld = join(root, 'experiments/iter1/runs', runId, 'receipt/withheld.json');
  expect(lstatSync(withheld).mode & 0o077).toBe(0);
  const manifest = manifestOf(root, runId);
  expect(manifest['entrypoint'].argv.slice(-5)).toEqual([
    'https://***@example.org/d.csv',
    '--api-key',
    '***',
    '--pad-token',
    'padding',
  ]);
}

test.each([
  ['', {}],
  [', killed before the script was written', { AUTOLAB_CRASH_AT: 'claim.pending_noted' }],
])('what the design and the activation hold works, and stays out of the record%s', async (_what, crash) => {
  const root = makeProject(withSecrets);
  const dry = await autolabJson(root, ['launch', '--dry-run']);
  expect([dry.status, dry.stdout.includes(PASSWORD), dry.stdout.includes(TOKEN)], dry.stderr).toEqual([
    0,
    false,
    false,
  ]);
  const first = await autolab(root, ['launch'], { env: crash });
  expect(first.stderr).toContain('pass it by a variable or a file');
  const ended = await autolabJson(root, first.signal === null ? ['status'] : ['resume']);
  if (first.signal !== null) expect(ended.json['code'], ended.stdout).toBe('run.completed');
  expectWithheld(root, first.stdout + first.stderr + ended.stdout + ended.stderr);
  const verified = await autolabJson(root, ['verify']);
  expect([verified.status, verified.json['code']], verified.stdout).toEqual([0, 'ok']);
  expect((await autolab(root, ['manifest', '--check'])).status).toBe(0);
  count('completed, no secret written');
});

test('so do those of a Slurm run', async () => {
  const one = world([], withSecrets);
  const ended = await launch(one);
  expect([ended.status, ended.json['code']], ended.stderr).toEqual([0, 'run.completed']);
  expectWithheld(one.root, ended.stdout + ended.stderr);
  count('completed, no secret written');
});

test('a run whose withheld script is gone is not started by what the record has', async () => {
  const root = makeProject(withSecrets);
  await autolab(root, ['launch'], { env: { AUTOLAB_CRASH_AT: 'claim.pending_noted' } });
  const [runId = ''] = runIds(root);
  rmSync(join(root, 'experiments/iter1/runs', runId, 'receipt/withheld.json'));
  const ended = await autolabJson(root, ['resume']);
  expect([ended.status, ended.json['code'], startsOf(root, runId)]).toEqual([10, 'script.invalid', 0]);
  expect(ended.json['message']).toContain('receipt/withheld.json');
  count('script.invalid, not started');
});

test('a message about a value does not give away the credential in it', async () => {
  const root = makeProject({ artifacts: [`"https://ada:${IN_URL}@example.org/a.csv"`] });
  const ended = await autolabJson(root, ['launch']);
  expect(ended.json['code'], ended.stdout).toBe('design.invalid');
  expect([ended.stdout.includes(IN_URL), ended.stdout.includes('***')], ended.stdout).toEqual([false, true]);
  count('design.invalid, no secret written');
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
