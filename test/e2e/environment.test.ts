import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { LOCAL_PROLOGUE_2 } from '../../src/launch-scripts/local-prologue-2.ts';
import { LOCAL_PROLOGUE } from '../../src/launch-scripts/prologue.ts';
import { sha256 } from '../../src/platform/ids.ts';
import { autolab, inRun } from '../support/autolab.ts';
import { call } from '../support/contract.ts';
import { edit, json, makeProject, read, readJson, temporaryFolder, write } from '../support/project.ts';
import { manifestOf, SLOW_MS, stateOf } from '../support/runs.ts';

/** What a run finds when it begins: `receipt/environment.json` and the manifest. */

vi.setConfig({ testTimeout: SLOW_MS });

/** What is asked may be slow on a busy machine. */
const PATIENT = { AUTOLAB_TEST_ENVIRONMENT_SECONDS: '100' };
const FILE = 'experiments/iter1/runs/r1/receipt/environment.json';

/** A folder with a `python3` of that version that has one package and runs shell scripts. */
function fakePython(version: string): string {
  const folder = temporaryFolder();
  const path = join(folder, 'python3');
  const answer = `printf '%s\\n' "$0" ${version} $'Some.Package\\t1.0' . > "\${@: -1}"`;
  writeFileSync(
    path,
    `#!/bin/bash\necho hello from sitecustomize\nif [ "$1" = -B ]; then ${answer}; else exec bash "$@"; fi\n`,
  );
  chmodSync(path, 0o755);
  return folder;
}

async function launch(root: string, env: Readonly<Record<string, string>> = {}) {
  const { status, json: result } = await call(root, ['launch', '--run-id', 'r1'], { env: { ...PATIENT, ...env } });
  expect([status, result['code']], JSON.stringify(result['problems'])).toEqual([0, 'run.completed']);
  expect((await call(root, ['manifest', 'r1', '--check'])).status).toBe(0);
  return manifestOf(root, 'r1');
}

const MAIN = ['python3', 'experiments/iter1/main.sh'];

describe('the environment of a local run', () => {
  it('is recorded as the entrypoint finds it, and is none of its output', async () => {
    const folder = fakePython('3.11.7');
    const root = makeProject({
      command: MAIN,
      activation: `export PATH="${folder}:$PATH" OMP_NUM_THREADS=3 API_TOKEN=hush-0815\nexport CUDA_X="see hush-0815"\nset -u\n`,
    });

    const manifest = await launch(root);

    const record = readJson(root, FILE);
    expect(record).toMatchObject({
      format: 1,
      interpreter: { path: join(folder, 'python3'), version: '3.11.7' },
      packages: { python: { 'some-package': '1.0' } },
      variables: { OMP_NUM_THREADS: '3', CUDA_X: 'see ***' },
    });
    expect(read(root, FILE)).not.toContain('hush');
    expect(manifest['environment']).toEqual({
      sha256: sha256(read(root, FILE)),
      interpreter: { path: join(folder, 'python3'), version: '3.11.7' },
    });
    expect(manifest['environment_fingerprint']).toMatch(/^[0-9a-f]{64}$/);
    expect(read(root, 'experiments/iter1/runs/r1/logs/stdout.log')).toBe('hello from sitecustomize\n');
    expect((await call(root, ['verify', 'r1'])).json['code']).toBe('ok');
  });

  it('has the same fingerprint in two projects with the same packages, and another with another version', async () => {
    const [a, b, c] = ['3.11.7', '3.11.7', '3.12.0'].map((version) => {
      const activation = `export PATH="${fakePython(version)}${delimiter}$PATH"\n`;
      return makeProject({ command: MAIN, activation });
    });
    const prints: unknown[] = [];
    for (const [index, root] of [a, b, c].entries())
      prints.push((await launch(root ?? '', { OMP_NUM_THREADS: String(index + 1) }))['environment_fingerprint']);
    expect(prints[0]).toBe(prints[1]);
    expect(prints[2]).not.toBe(prints[0]);
  });

  it('of a Node program has the packages that npm installed', async () => {
    const text = `require('node:fs').writeFileSync(process.env.AUTOLAB_RUN_DIR + '/metrics.json', '{}');\n`;
    const root = makeProject({ command: ['node', 'experiments/iter1/main.js'] });
    write(root, 'experiments/iter1/main.js', text);
    const lock = { packages: { 'node_modules/left-pad': { version: '1.3.0' } } };
    write(root, 'node_modules/.package-lock.json', JSON.stringify(lock, null, 2));

    const manifest = await launch(root);

    expect(manifest['environment']).toMatchObject({ interpreter: { version: process.versions.node } });
    expect(readJson(root, FILE)).toMatchObject({ packages: { node: { 'left-pad': '1.3.0' } } });
  });

  it('is null in part if something hangs, and the run is as it was', async () => {
    const folder = fakePython('3.11.7');
    edit(folder, 'python3', (text) => text.replace('if [ "$1" = -B ]; then', 'if [ "$1" = -B ]; then sleep 1000;'));
    const root = makeProject({ command: MAIN, activation: `export PATH="${folder}:$PATH"\n` });

    const manifest = await launch(root, { AUTOLAB_TEST_ENVIRONMENT_SECONDS: '1' });

    expect(manifest).toMatchObject({ environment: { interpreter: null } });
    expect(manifest).not.toHaveProperty('environment_fingerprint');
    expect(readJson(root, FILE)).toMatchObject({ interpreter: null, packages: null });
  });

  it.each([
    ['removes what was written down', 'rm -rf "$AUTOLAB_RUN_DIR/receipt/environment."*\n', false],
    ['puts other things in their places', HOSTILE(), true],
  ])('does not fail a run that %s', async (_, hostile, isRecorded) => {
    const root = makeProject({ entrypoint: `echo '{"accuracy": 1}' > "$AUTOLAB_RUN_DIR/metrics.json"\n${hostile}` });

    const manifest = await launch(root);

    expect('environment' in manifest).toBe(isRecorded);
    if (isRecorded) expect(readJson(root, FILE)).toMatchObject({ os: null, packages: null, variables: null });
  });

  it.each(['write.environment.json.temporary', 'write.environment.json.renamed', 'journal.collect.run.observed.after'])(
    'is recorded once by a driver that was killed at %s, and by the next',
    async (point) => {
      const root = makeProject();
      const words = ['launch', '--run-id', 'r1'];
      const killed = await autolab(root, words, { env: { ...PATIENT, AUTOLAB_CRASH_AT: point } });
      expect(killed.signal).toBe('SIGKILL');

      const manifest = await launch(root);

      expect(manifest['environment']).toMatchObject({ sha256: sha256(read(root, FILE)) });
      const lines = read(root, 'experiments/iter1/runs/r1/journal.jsonl').split('\n');
      expect(lines.filter((line) => line.includes('"event":"run.observed"'))).toHaveLength(1);
    },
  );

  it('is not taken by a script of an earlier prologue', async () => {
    const root = makeProject({ git: false });
    expect((await call(root, ['launch', '--run-id', 'r0'], { env: PATIENT })).status).toBe(0);
    write(root, '.autolab/state.json', json({ ...stateOf(root), stage: 'launch', stage_attempt: 0 }));
    edit(root, 'experiments/iter1/launch/run_local.sh', (text) =>
      text.replace(LOCAL_PROLOGUE, () => LOCAL_PROLOGUE_2).replace(/^# autolab: script=.*\n/m, ''),
    );

    expect(await launch(root)).not.toHaveProperty('environment');
  });

  it('does not fail a run in whose place for the file stands a folder', async () => {
    const root = makeProject({
      entrypoint: `echo '{"accuracy": 1}' > "$AUTOLAB_RUN_DIR/metrics.json"\nmkdir "$AUTOLAB_RUN_DIR/receipt/environment.json"\n`,
    });
    expect(await launch(root)).not.toHaveProperty('environment');
    rmSync(inRun(root, 'iter1', 'r1', 'receipt/environment.json'), { recursive: true });
  });

  it.each([
    [
      'a PATH that lost coreutils',
      'mkdir -p "$AUTOLAB_RUN_DIR/b"\nln -s "$BASH" "$AUTOLAB_RUN_DIR/b/bash"\nexport PATH="$AUTOLAB_RUN_DIR/b"\n',
    ],
    ['a readonly PATH', 'readonly PATH\n'],
    [
      'functions with the names of programs',
      'printf() { builtin printf hijacked; }; timeout() { exit 3; }; export -f printf timeout\n',
    ],
    ['a trace', 'set -x\n'],
  ])('is taken after an activation with %s', async (_, activation) => {
    const root = makeProject({ activation, entrypoint: `echo '{"accuracy": 1}' > "$AUTOLAB_RUN_DIR/metrics.json"\n` });
    mkdirSync(join(root, 'unused'));

    const manifest = await launch(root);

    expect(manifest['environment']).toMatchObject({ interpreter: { version: expect.stringMatching(/^\d/) as string } });
    expect(readJson(root, FILE)['variables']).not.toBeNull();
  });
});

function HOSTILE(): string {
  return `cd "$AUTOLAB_RUN_DIR/receipt"
rm -f environment.host environment.variables environment.conda environment.json
mkfifo environment.host; ln -s /etc/passwd environment.variables; mkdir environment.conda
ln -s /nowhere environment.json; head -c 3000000 /dev/zero > environment.gpus
`;
}
