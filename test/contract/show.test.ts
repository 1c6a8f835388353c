import { describe, expect, it } from 'vitest';
import { autolab } from '../support/autolab.ts';
import { call, callWithoutTrace } from '../support/contract.ts';
import { CLOSED, openProject, recordOf } from '../support/old-records.ts';
import { edit, makeProject, temporaryFolder, write } from '../support/project.ts';
import { measuredProject, ranProject } from '../support/results.ts';
import { begun, letEnd, WAITING } from '../support/runs.ts';

/** `autolab show`: a run on one screen. */

/** What is shown is on one screen; only what is to be typed or opened may be longer than a line. */
function expectOneScreen(text: string): void {
  const lines = text.trimEnd().split('\n');
  expect(lines.length).toBeLessThanOrEqual(23);
  for (const line of lines) if (!/^ {2}(?:report|next) /.test(line)) expect(line.length, line).toBeLessThanOrEqual(80);
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
}

describe('a completed run', () => {
  it('is on one screen, with what it measured and what comes next', async () => {
    const root = await ranProject({ git: true });

    const [text, facts] = await Promise.all([autolab(root, ['show']), callWithoutTrace(root, ['show', 'iter1/r1'])]);

    expect([text.status, text.stderr]).toEqual([0, '']);
    expectOneScreen(text.stdout);
    expect(text.stdout).toMatch(/^✔ completed {2}e1 r1 {2}\[run\.completed\]\n {2}The run completed/);
    for (const line of [
      /^ {2}command {4}bash experiments\/iter1\/main\.sh$/m,
      /^ {2}commit {5}[0-9a-f]{12} on main$/m,
      /^ {2}where {6}local, on \S+$/m,
      /^ {2}started {4}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d, closed .* UTC$/m,
      /^ {2}time {7}ran .* of 5 min \(\d+ %\)$/m,
      /^ {2}metrics {4}accuracy {2}0\.75 {2}0\.25 better than published \(0\.5\)$/m,
      /^ {13}loss {6}0\.5 {2}\(majority: 1\)$/m,
      /^ {2}artifacts {2}\d+ files, .* metrics\.json$/m,
      /^ {2}verified {3}\d+ passed$/m,
      /^ {2}next {7}autolab extract$/m,
    ])
      expect(text.stdout).toMatch(line);
    expect(facts).toMatchObject({
      status: 0,
      json: { code: 'ok', run_id: 'r1', status: 'completed', artifact_sync_status: 'ok' },
    });
    expect(facts.json['run']).toMatchObject({
      verdict: { outcome: 'completed', code: 'run.completed' },
      command: 'bash experiments/iter1/main.sh',
      mode: 'local',
      commit: { branch: 'main', dirty: false },
      queued_seconds: null,
      requested: { time_seconds: 300, memory_mb: 1024, cpus: 1 },
      metrics: [{ name: 'accuracy', value: 0.75, mode: 'maximize' }, { name: 'loss' }],
      artifacts: { partial: false, names: ['metrics.json'] },
      verifiers: { others: expect.arrayContaining(['ledger: skip']) as unknown },
      next_command: 'autolab extract',
    });
  });

  it('is shown at any time: the next command is then to run it again', async () => {
    const root = await ranProject();
    edit(root, '.autolab/state.json', (text) => text.replace('"last_run_id": "r1"', '"last_run_id": ""'));
    const shown = await callWithoutTrace(root, ['show', 'r1']);
    expect(shown.json['run'].next_command).toBe('autolab rerun iter1/r1 --by WHO');
    write(root, '.autolab/state.json', '{');
    expect((await callWithoutTrace(root, ['show', 'r1'])).json['run']).toMatchObject({
      metrics: [{ value: 0.75 }, {}],
    });
  });
});

describe('a run that did not complete', () => {
  it('has its verdict, what to do, and advice', async () => {
    const root = makeProject({ entrypoint: 'sleep 60\n', compute: { time: '"00:00:01"' } });
    await call(root, ['launch', '--run-id', 'r1']);

    const { stdout } = await autolab(root, ['show']);

    expectOneScreen(stdout);
    expect(stdout).toMatch(
      /^✖ failed {2}e1 r1 {2}\[local\.timeout\]\n {2}The run reached its limit of 1 s.*\n {2}Raise/,
    );
    expect(stdout).toMatch(/^ {2}advice {5}\/compute\/time: 00:00:01 → 00:01:00$/m);
    const next = /^ {2}next {7}autolab (.*)$/m.exec(stdout)?.[1] ?? '';
    expect(next).toBe('rerun iter1/r1 --set compute.time=00:01:00 --by WHO');
    const typed = await autolab(root, next.replace('WHO', 'ada').split(' '));
    expect(typed.status, typed.stderr).toBe(0);
  });

  it('shows its last words, and what to read before it is launched again', async () => {
    const root = makeProject({ entrypoint: 'echo "loss is nan" >&2\necho\nexit 3\n' });
    await call(root, ['launch', '--run-id', 'r1']);

    const { stdout } = await autolab(root, ['show']);

    expectOneScreen(stdout);
    expect(stdout).toMatch(/^ {2}last line {2}loss is nan$/m);
    expect(stdout).toMatch(/^ {2}next {7}autolab logs iter1\/r1$/m);
  });

  it('is shown while it is open', async () => {
    const root = makeProject({ entrypoint: WAITING });
    await call(root, ['launch', '--detach', '--run-id', 'r1']);
    const runId = await begun(root);

    const shown = await autolab(root, ['show']);
    letEnd(root, runId);

    expectOneScreen(shown.stdout);
    expect(shown.stdout).toMatch(/^… running {2}e1 r1\n/);
    expect(shown.stdout).toMatch(/^ {2}next {7}autolab resume$/m);
    expect((await call(root, ['resume'])).status).toBe(0);
  });

  it('is named where its record cannot be read', async () => {
    const root = await ranProject();
    edit(root, 'experiments/iter1/runs/r1/journal.jsonl', (text) => text.replace('"exit_code":0', '"exit_code":1'));

    const [damaged, unknown] = await Promise.all([
      callWithoutTrace(root, ['show', 'r1']),
      callWithoutTrace(root, ['show', 'r9']),
    ]);

    expect(damaged).toMatchObject({ status: 12, json: { code: 'journal.corrupt', run_id: 'r1', run: null } });
    expect(damaged.json['message']).toMatch(/journal\.jsonl:\d+: .*\/run_manifest\.json has what was recorded last\.$/);
    expect(damaged.json['hint']).toContain('Restore it from a backup');
    expect(unknown).toMatchObject({ status: 12, json: { code: 'run.not_found' } });
  });
});

it('shows text of others as text, on one screen, however much there is', async () => {
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`m${at}\u001b[2J${'x'.repeat(100)}`, at]));
  const root = measuredProject({
    metrics: JSON.stringify({ accuracy: 0.5, loss: 1, ...many }),
    command: ['bash', 'experiments/iter1/main.sh', '--name', `\u202e${'long '.repeat(100)}`, '</script>'],
  });
  await call(root, ['launch', '--run-id', 'r1']);
  const { stdout } = await autolab(root, ['show']);
  expectOneScreen(stdout);
  expect(stdout).toMatch(/, and 28 more$/m);
});

it('shows records of every format', async () => {
  const root = makeProject();
  for (const name of CLOSED) {
    const { journal, manifest } = recordOf(name);
    const { run_id } = JSON.parse(manifest) as { run_id: string };
    write(root, `experiments/iter1/runs/${run_id}/journal.jsonl`, journal);
    const { status, stdout, stderr } = await autolab(root, ['show', run_id]);
    expect([status, stderr], name).toEqual([0, '']);
    expectOneScreen(stdout);
    expect(stdout, name).toContain('bash experiments/iter1/main.sh');
  }
});

it.each([
  [1, 'open-local-running', 'running', 'autolab resume'],
  [1, 'open-slurm-queued', 'submitted', 'autolab resume'],
  [2, 'open-local-running', 'running', 'autolab resume'],
] as const)('shows format-%i/%s, which is open', async (format, name, status, next) => {
  const { stdout } = await autolab(openProject(name, [], temporaryFolder(), format), ['show']);
  expectOneScreen(stdout);
  expect(stdout).toMatch(new RegExp(`^… ${status} `));
  expect(stdout).toMatch(new RegExp(`^ {2}next {7}${next}$`, 'm'));
});
