import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { autolab, autolabJson, inRun, startAutolab } from '../support/autolab.ts';
import { call, callWithoutTrace } from '../support/contract.ts';
import { edit, json, makeProject, read, temporaryFolder, until, write } from '../support/project.ts';
import { begun, letEnd, manifestOf, stateOf, WAITING } from '../support/runs.ts';

/** Looking at what was run: R22, R23, X3, X7. */

const TALKING =
  'printf "one\\ntwo\\nthree\\n"; printf "bad\\nworse\\n" >&2; echo 1 > "$AUTOLAB_RUN_DIR/metrics.json"\n';

/** A completed run `r1` and a failed one `r2`. */
async function twoRuns(): Promise<string> {
  const root = makeProject({ entrypoint: TALKING });
  await call(root, ['launch', '--run-id', 'r1']);
  write(root, '.autolab/state.json', json({ ...stateOf(root), stage: 'launch' }));
  write(root, 'experiments/iter1/main.sh', 'echo failing; exit 3\n');
  await call(root, ['launch', '--run-id', 'r2']);
  return root;
}

describe('a project with a completed and a failed run', () => {
  let root = '';

  beforeAll(async () => {
    // What `makeProject` makes goes with the first test.
    root = mkdtempSync(join(tmpdir(), 'autolab-test-runs-'));
    cpSync(await twoRuns(), root, { recursive: true });
  });

  afterAll(() => {
    rmSync(root, { recursive: true, force: true });
  });

  it('lists its runs, with outcome and duration', async () => {
    const [text, listed] = await Promise.all([autolab(root, ['runs']), autolabJson(root, ['runs'])]);

    expect(text.stdout.split('\n')).toMatchObject([
      expect.stringMatching(/^run +started +mode/),
      expect.stringMatching(/^r1 .*run\.completed/),
      expect.stringMatching(/^r2 .*local\.failed/),
      '',
    ]);
    expect(listed.json['runs']).toMatchObject([
      {
        run_id: 'r1',
        iteration_id: 'iter1',
        mode: 'local',
        job_id: null,
        status: 'completed',
        outcome: 'completed',
        code: 'run.completed',
      },
      { run_id: 'r2', status: 'failed', outcome: 'needs_retry', code: 'local.failed' },
    ]);
    for (const row of listed.json['runs'] as { duration_seconds: number }[])
      expect(row.duration_seconds).toBeGreaterThan(0);
  });

  it('shows the logs of the last run, or of the one that is named', async () => {
    const [last, named, err, driver, tail, forPrograms] = await Promise.all([
      autolab(root, ['logs']),
      autolab(root, ['logs', 'iter1/r1']),
      autolab(root, ['logs', 'r1', '--stream', 'err', '-n', '1']),
      autolab(root, ['logs', 'r1', '--stream', 'driver']),
      autolab(root, ['logs', 'r1', '-n', '2']),
      autolabJson(root, ['logs', 'r1']),
    ]);

    expect(last.stdout).toContain('failing\n');
    expect(named.stdout).toBe('==> logs/stdout.log <==\none\ntwo\nthree\n\n==> logs/stderr.log <==\nbad\nworse\n');
    expect(err.stdout).toBe('worse\n');
    expect(
      driver.stdout
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { type: string }).type),
    ).toContain('step');
    expect(tail.stdout).toContain('<==\ntwo\nthree\n');
    expect(forPrograms.json).toMatchObject({
      run_id: 'r1',
      logs: { 'logs/stdout.log': 'one\ntwo\nthree\n', 'logs/stderr.log': 'bad\nworse\n' },
    });
  });

  it('projects each manifest from its journal, byte for byte', async () => {
    for (const runId of ['r1', 'r2']) {
      const printed = await autolab(root, ['manifest', runId]);
      expect(printed.stdout).toBe(read(root, `experiments/iter1/runs/${runId}/run_manifest.json`));
      expect(await call(root, ['manifest', runId, '--check'])).toMatchObject({
        status: 0,
        json: { code: 'ok', run_id: runId },
      });
    }
    const keys = Object.keys(manifestOf(root, 'r1'));
    expect(keys).toEqual([...keys].sort());
    expect(manifestOf(root, 'r1')).toMatchObject({
      schema_version: '1.0',
      command: 'bash experiments/iter1/main.sh',
      commit: { source: 'none' },
      local: { exit_code: 0, signal: null },
      resource_request: { time_seconds: 300, memory_mb: 1024, cpus: 1 },
      artifact_sync_to_local: { status: 'ok' },
      sync: { to_remote: { status: 'skipped' } },
    });
    expect(manifestOf(root, 'r2')).toMatchObject({
      status: 'failed',
      local: { exit_code: 3 },
      artifact_sync_to_local: { status: 'failed' },
    });
  });

  it('skips the remote steps of a local run, and says why', () => {
    const steps = manifestOf(root, 'r1')['steps'] as { name: string; status: string; reason: string }[];

    expect(steps.filter((step) => step.status === 'skipped').map((step) => step.name)).toEqual([
      'sync_to_remote',
      'collect_to_remote',
      'sync_artifacts_to_local',
    ]);
    for (const step of steps.filter((one) => one.status === 'skipped')) expect(step.reason).toContain('local run');
    expect(steps.map((step) => step.name)).toEqual([
      'record-code',
      'render-prompt',
      'write-scripts',
      'sync_to_remote',
      'execute',
      'collect_to_remote',
      'collect',
      'sync_artifacts_to_local',
      'verify_local_artifacts',
    ]);
  });

  it('has digests that sha256sum can check', () => {
    const checked = execFileSync('sha256sum', ['--strict', '--check', 'artifacts.sha256'], {
      cwd: inRun(root, 'iter1', 'r1'),
      encoding: 'utf8',
    });

    expect(checked).toContain('metrics.json: OK');
    expect(checked).toContain('logs/stdout.log: OK');
  });

  it('verifies the same on a copy, years later, and appends nothing', async () => {
    const copy = join(temporaryFolder(), 'copy');
    cpSync(root, copy, { recursive: true });

    const verified = await callWithoutTrace(copy, ['verify', 'r1']);
    const text = await autolab(copy, ['verify', 'r1']);

    expect(verified.status).toBe(0);
    const names = (verified.json['verifiers'] as { name: string; status: string }[]).map(({ name }) => name);
    expect(names).toEqual([
      'journal',
      'manifest_schema',
      'projection',
      'logs_present',
      'required_artifacts',
      'artifact_digests',
      'sync_status',
      'approval',
      'script_lint',
      'line_budgets',
      'placeholders',
      'path_scope',
      'ledger',
      'code_rebuildable',
    ]);
    for (const name of names) expect(text.stdout).toMatch(new RegExp(`${name}\\s`));
  });

  it('knows no run that is not there', async () => {
    for (const words of [
      ['logs', 'r'],
      ['verify', 'r9'],
      ['manifest', 'iter2/r1'],
      ['manifest', '../r1'],
    ]) {
      expect(await callWithoutTrace(root, words), words.join(' ')).toMatchObject({
        status: 12,
        json: { code: 'run.not_found' },
      });
    }
  });
});

describe('what somebody changed afterwards', () => {
  it('is found: in the manifest, an artifact, the journal', async () => {
    const root = await twoRuns();
    const run = 'experiments/iter1/runs/r1';
    const manifest = read(root, `${run}/run_manifest.json`);

    edit(root, `${run}/run_manifest.json`, (text) => text.replace('"run.completed"', '"run.improved"'));
    const differing = await callWithoutTrace(root, ['manifest', 'r1', '--check']);
    const notVerified = await callWithoutTrace(root, ['verify', 'r1']);
    write(root, `${run}/run_manifest.json`, manifest);
    write(root, `${run}/metrics.json`, '2\n');
    const notTheArtifact = await callWithoutTrace(root, ['verify', 'r1']);
    edit(root, `${run}/journal.jsonl`, (text) => text.replace('"exit_code":0', '"exit_code":1'));
    const corrupt = await callWithoutTrace(root, ['manifest', 'r1']);

    expect(differing).toMatchObject({ status: 10, json: { code: 'manifest.differs' } });
    expect(differing.json['message']).toMatch(/from line \d+ on/);
    expect(failedIn(notVerified.json)).toContain('projection');
    expect(notTheArtifact).toMatchObject({ status: 10, json: { code: 'verify.failed' } });
    expect(failedIn(notTheArtifact.json)).toEqual(['artifact_digests']);
    expect(corrupt).toMatchObject({ status: 12, json: { code: 'journal.corrupt' } });
    expect(corrupt.json['message']).toMatch(/journal\.jsonl:\d+: /);
  });

  function failedIn(answer: Readonly<Record<string, any>>): readonly string[] {
    return (answer['verifiers'] as { name: string; status: string }[])
      .filter(({ status }) => status === 'fail')
      .map(({ name }) => name);
  }
});

describe('a run that goes on', () => {
  it('is followed line by line until it ends', async () => {
    const root = makeProject({ entrypoint: `echo first\n${WAITING}echo last\n` });
    await call(root, ['launch', '--detach']);
    const runId = await begun(root);

    const following = startAutolab(root, ['logs', '-f', '--stream', 'out']);
    onTestFinished(() => {
      following.child.kill('SIGKILL');
    });
    let shown = '';
    following.child.stdout?.on('data', (chunk: string) => {
      shown += chunk;
    });
    await until('the first line is shown', () => shown.includes('first\n'));
    appendFileSync(inRun(root, 'iter1', runId, 'logs/stdout.log'), 'second\n');
    await until('the second line is shown while the run goes on', () => shown.includes('second\n'));
    letEnd(root, runId);
    const ended = await following.ended;

    expect(ended).toMatchObject({ status: 0, stdout: 'first\nsecond\nlast\n' });
    expect(await call(root, ['resume'])).toMatchObject({ status: 0, json: { code: 'run.completed' } });
  });

  it('is listed as running, and cancelled its manifest is still the projection', async () => {
    const root = makeProject({ entrypoint: WAITING });
    await call(root, ['launch', '--detach', '--run-id', 'r1']);
    await begun(root);

    const during = await autolabJson(root, ['runs']);
    await call(root, ['cancel']);

    expect(during.json['runs']).toMatchObject([{ run_id: 'r1', status: 'running', outcome: null }]);
    expect(manifestOf(root, 'r1')).toMatchObject({ status: 'failed', code: 'run.cancelled', outcome: 'cancelled' });
    expect(await call(root, ['manifest', '--check'])).toMatchObject({ status: 0 });
  });
});

describe('runs of several iterations', () => {
  it('are told apart: those of the current one, or --all', async () => {
    const root = makeProject();
    await call(root, ['launch', '--run-id', 'r1']);
    cpSync(join(root, 'experiments/iter1/runs'), join(root, 'experiments/iter0/runs'), { recursive: true });

    const [current, all] = await Promise.all([autolabJson(root, ['runs']), autolabJson(root, ['runs', '--all'])]);

    expect(current.json['runs']).toHaveLength(1);
    expect((all.json['runs'] as unknown[]).length).toBe(2);
    expect(readdirSync(join(root, 'experiments'))).toContain('iter0');
  });

  it('none yet is no failure', async () => {
    const root = makeProject();

    expect(await autolab(root, ['runs'])).toMatchObject({
      status: 0,
      stdout: 'There are no runs yet. Start one: autolab launch\n',
    });
    expect(existsSync(join(root, 'experiments/iter1/runs'))).toBe(false);
  });
});
