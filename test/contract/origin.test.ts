import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectJournal } from '../../src/engine/project-journal.ts';
import { CATALOG } from '../../src/errors/catalog.ts';
import { autolab, autolabJson } from '../support/autolab.ts';
import { call } from '../support/contract.ts';
import { complaints, type Schema } from '../support/json-schema.ts';
import { chained, CLOSED, recordOf } from '../support/old-records.ts';
import { json, makeProject, type ProjectOptions, read, readJson, runIds, write } from '../support/project.ts';
import { begun, manifestOf, stateOf, WAITING } from '../support/runs.ts';

/** The workflow that the stage comes from takes what autolab writes, and autolab takes what it writes. */

const schemaOf = (name: string): Schema => readJson('test/fixtures/origin', `${name}.schema.json`);

const MANIFEST = schemaOf('manifest');

/** What its text verifier takes for unfinished text, in its first version and in its newest. */
const UNFINISHED = [
  /\{\{\s*\w+\s*\}\}/,
  /<[A-Za-z0-9_]+>/,
  /\b(?:todo|tbd|fixme|placeholder)\b/i,
  /(?<!\.)\.\.\.(?!\.)/,
  /\u2026/,
];

function unfinished(text: string): string[] {
  return UNFINISHED.flatMap((pattern) => pattern.exec(text)?.slice(0, 1) ?? []);
}

/** Its default budget: 160 lines, 60,000 characters, 80,000 bytes. */
const LIMITS = `line_limits:
  fixed_max_lines: {launch/run_local.sh: 160, launch/run_slurm.sbatch: 120}
  run_manifest_dynamic:
    {min_cap_lines: 120, max_cap_lines: 1200, base_lines: 160, per_item_lines: 25, max_chars: 60000, max_bytes: 80000, count_paths: [variants]}
`;

const lines = (text: string): number => text.split('\n').length - 1;

interface Line {
  readonly event: string;
  readonly step: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The journal of a record, as a new run with their limits has it. */
function journalOf(name: string): readonly Line[] {
  const text = recordOf(name).journal.replaceAll('Every placeholder is filled in.', 'Every name is filled in.');
  const entries = text.trimEnd().split('\n');
  return entries.map((entry, index) => {
    const { data, ...line } = JSON.parse(entry) as Line;
    return { ...line, data: index === 0 ? { ...data, format: 3, manifest_layout: 'compact' } : data };
  });
}

/** What the file says after each line. */
function manifestsAfter(entries: readonly Line[]): string[] {
  return entries.map((_, index) => {
    const text = entries.slice(0, index + 1).map((entry) => JSON.stringify(entry));
    const projected = projectJournal(chained(text.join('\n')));
    return 'text' in projected ? projected.text : projected.problem;
  });
}

describe.each(CLOSED.filter((name) => name.startsWith('format-2/')))('the manifest of a run like %s', (name) => {
  it('is taken at every moment from the submission on, and never has a word of unfinished text', () => {
    const entries = journalOf(name);
    const submitted = entries.findIndex(({ event }) => event === 'job.submitted');
    const texts = manifestsAfter(entries);
    for (const [index, text] of texts.entries()) {
      const early = name.includes('local') || index >= submitted ? [] : ['/: has no job_id'];
      expect(complaints(JSON.parse(text), MANIFEST), `line ${index + 1}`).toEqual(early);
      expect(unfinished(text), `line ${index + 1}`).toEqual([]);
    }
    const end = texts.at(-1) ?? '';
    expect(lines(end)).toBeLessThanOrEqual(160);
    expect(JSON.parse(end)).toMatchObject({ status: name.endsWith('completed') ? 'completed' : 'failed' });
  });
});

it('says in the manifest that outputs are missing if they did not come back', () => {
  const entries = journalOf('format-2/ssh-completed');
  const back = entries.findIndex(({ event, step }) => event === 'step.outcome' && step === 'sync_artifacts_to_local');
  const broke = { status: 'failed', retryable: true, code: 'sync.failed', message: 'it broke', result: {} };
  const failed = entries
    .slice(0, back + 1)
    .map((entry, index) => (index === back ? { ...entry, data: { ...entry.data, ...broke } } : entry));

  const text = manifestsAfter(failed).at(-1) ?? '';

  expect(complaints(JSON.parse(text), MANIFEST)).toEqual([]);
  expect(JSON.parse(text)).toMatchObject({ status: 'partial', artifact_sync_to_local: { status: 'failed' } });
});

/** A project as the workflow has it. */
function theirProject(options: ProjectOptions = {}): string {
  const root = makeProject(options);
  write(root, '.autolab/experiment_file_line_limits.yaml', LIMITS);
  write(
    root,
    '.autolab/backlog.yaml',
    'hypotheses:\n  - {id: h1, status: open, title: It learns, success_metric: accuracy, target_delta: 0.1}\nexperiments:\n  - {id: e1, hypothesis_id: h1, status: open, iteration_id: iter1, type: plan}\n',
  );
  write(
    root,
    '.autolab/state.json',
    json({
      ...stateOf(root),
      assistant_mode: 'on',
      current_task_id: 't1',
      repeat_guard: { same_decision_streak: 0 },
      history: [{ timestamp_utc: '2026-11-24T03:15:00Z', stage_before: 'launch', stage_after: 'launch', status: 'x' }],
    }),
  );
  write(
    root,
    '.autolab/todo_focus.json',
    json({
      generated_at: '2026-11-24T03:15:00Z',
      stage: 'launch',
      open_task_count: 1,
      focus_tasks: [{ task_id: 't1', stage: 'design', source: 'manual', text: 'later' }],
    }),
  );
  return root;
}

/** Everything that the workflow reads after a call. */
function expectTaken(root: string, what: string): void {
  expect(complaints(stateOf(root), schemaOf('state')), `${what}: state`).toEqual([]);
  expect(stateOf(root), what).toMatchObject({ assistant_mode: 'on', current_task_id: 't1' });
  const result = readJson(root, '.autolab/agent_result.json');
  expect(complaints(result, schemaOf('agent_result')), `${what}: agent_result`).toEqual([]);
  for (const name of ['review_result', 'todo_focus'] as const) {
    const path = name === 'review_result' ? 'experiments/iter1/review_result.json' : '.autolab/todo_focus.json';
    expect(complaints(readJson(root, path), schemaOf(name)), `${what}: ${name}`).toEqual([]);
  }
  const script = 'experiments/iter1/launch/run_local.sh';
  if (existsSync(join(root, script))) expect(unfinished(read(root, script)), `${what}: ${script}`).toEqual([]);
  for (const runId of runIds(root)) {
    const text = read(root, `experiments/iter1/runs/${runId}/run_manifest.json`);
    expect(complaints(JSON.parse(text), MANIFEST), `${what}: manifest`).toEqual([]);
    expect(unfinished(text), `${what}: manifest`).toEqual([]);
    expect(lines(text), `${what}: manifest`).toBeLessThanOrEqual(160);
  }
}

describe('what a launch leaves', () => {
  it.each([
    ['completed', {}, 0],
    ['failed', { entrypoint: 'exit 3\n' }, 10],
    ['stopped at its limit', { entrypoint: 'sleep 60\n', compute: { time: '"00:00:02"' } }, 10],
    ['refused by the gate', { compute: { time: 'soon' } }, 10],
  ] as const)('is taken by the workflow: %s', async (what, options, status) => {
    const root = theirProject(options);
    const ended = await autolab(root, ['launch', '--run-id', 'r1']);
    expect(ended.status, ended.stderr).toBe(status);
    expectTaken(root, what);
  });

  it('is taken by the workflow while the run is open, and once it is cancelled', async () => {
    const root = theirProject({ entrypoint: WAITING });
    expect((await autolab(root, ['launch', '--detach'])).status).toBe(0);
    const runId = await begun(root);
    await autolab(root, ['launch', '--detach']);
    expectTaken(root, 'running');
    expect(readJson(root, '.autolab/agent_result.json')).toMatchObject({ status: 'needs_retry', run_open: true });
    expect(manifestOf(root, runId)).toMatchObject({ artifact_sync_to_local: { status: 'pending' } });
    expect((await autolab(root, ['cancel'])).status).toBe(0);
    expectTaken(root, 'cancelled');
  });

  it('is an open run that it may write its own history around', async () => {
    const root = theirProject({ entrypoint: 'echo started >> "$AUTOLAB_RUN_DIR/marker"\n' });
    const first = await autolabJson(root, ['launch', '--run-id', 'r1']);
    expect(first.json['code'], first.stderr).toBe('artifacts.missing');
    expectTaken(root, 'an artifact is missing');

    write(root, '.autolab/state.json', json({ ...stateOf(root), history: [], task_cycle_stage: 'verify' }));
    write(root, 'experiments/iter1/runs/r1/metrics.json', '{"accuracy": 1}\n');
    const second = await autolabJson(root, ['launch']);

    expect(second.json['code'], second.stderr).toBe('run.completed');
    expectTaken(root, 'completed');
    expect(stateOf(root)).toMatchObject({ stage: 'extract_results', task_cycle_stage: 'verify' });
  });

  it('stays what it takes after a task is done, and an experiment is opened again', async () => {
    const root = theirProject();
    expect((await autolab(root, ['todo', 'done', 't1'])).status).toBe(0);
    expect(complaints(readJson(root, '.autolab/todo_focus.json'), schemaOf('todo_focus'))).toEqual([]);
    write(
      root,
      '.autolab/backlog.yaml',
      read(root, '.autolab/backlog.yaml').replace('status: open, iter', 'status: done, iter'),
    );
    const opened = await autolab(root, ['backlog', 'reopen', 'e1', '--by', 'ada', '--note', 'again']);
    expect(opened.status, opened.stderr).toBe(0);
    const text = read(root, '.autolab/backlog.yaml');
    // One flow mapping a line: `{a: b}` is JSON once its words have quotes.
    const items = [...text.matchAll(/\{.*\}/g)].map(([item]) => item.replaceAll(/([a-z_]+): ([^,}]+)/g, '"$1": "$2"'));
    const [hypothesis, experiment] = items.map((item) => JSON.parse(item) as unknown);
    const backlog = { hypotheses: [hypothesis], experiments: [experiment] };
    expect(complaints(backlog, schemaOf('backlog')), text).toEqual([]);
  });
});

it('renders scripts for Slurm without a word of unfinished text', () => {
  const scripts = readdirSync('test/fixtures/scripts');
  expect(scripts.length).toBeGreaterThan(5);
  for (const name of scripts) expect(unfinished(read('test/fixtures/scripts', name)), name).toEqual([]);
});

describe('what the workflow writes', () => {
  const COMPUTE =
    'location: local\n  walltime_estimate: "00:05:00"\n  memory_estimate: 1GB\n  gpu_count: 0\n  gpu_type: ""\n';

  it.each([
    [
      'its first version',
      `id: d1\niteration_id: iter1\nhypothesis_id: h1\nentrypoint:\n  module: package.train\n  args: {epochs: 3}\ncompute:\n  ${COMPUTE}metrics: {primary: {name: accuracy, unit: "%", mode: maximize}, success_delta: "+1", aggregation: mean, baseline_comparison: majority}\nbaselines: [{name: majority, description: the most frequent}]\n`,
    ],
    [
      'its newest version',
      `schema_version: "1.0"\nid: d1\niteration_id: iter1\nhypothesis_id: h1\nentrypoint:\n  module: package.train\n  args: {epochs: 3}\ncompute:\n  ${COMPUTE}  num_nodes: 1\n  cpus: 1\n  partition: ""\n  qos: ""\n  notes: small\nmetrics: {primary: {name: accuracy, unit: "%", mode: maximize}, secondary: [loss], success_delta: "+1", aggregation: mean, baseline_comparison: majority}\nbaselines: [{name: majority, description: the most frequent}]\nvariants: [{name: wide, changes: {width: 2}}]\nreplicates: {count: 1}\nimplementation_requirements: [{requirement_id: r1, description: d, scope_kind: experiment}]\nextract_parser: {kind: command, command: parse}\n`,
    ],
  ])('is taken by autolab: a design of %s', async (_, design) => {
    const root = theirProject();
    write(root, 'experiments/iter1/design.yaml', design);

    const checked = await call(root, ['launch', '--dry-run']);

    expect(checked, checked.stdout).toMatchObject({ status: 0, json: { code: 'ok' } });
    const problems = checked.json['problems'] as { severity: string }[];
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  });
});

describe('the sentences of autolab', () => {
  // Names of commands and of the design's own words may stand in them.
  const WORDS = [/\bTODO\b/, /\bTBD\b/i, /\bFIXME\b/i, /placeholder/i, /<[A-Za-z0-9_]+>/, /\{\{/];
  const found = (text: string): string[] => WORDS.flatMap((pattern) => pattern.exec(text)?.slice(0, 1) ?? []);

  it('of the catalogue have no word of unfinished text', () => {
    const hits = Object.entries(CATALOG).flatMap(([code, { summary, hint }]) =>
      found(`${summary} ${hint}`).map((word) => `${code}: ${word}`),
    );
    expect(hits).toEqual([]);
  });

  it('of the verifiers have none, whatever they find', () => {
    const root = 'src/verify';
    const sentences = [
      'approval',
      'artifact-digests',
      'code-rebuildable',
      'journal',
      'judged-manifest',
      'ledger',
      'line-budgets',
      'logs-present',
      'manifest-schema',
      'path-scope',
      'placeholders',
      'projection',
      'required-artifacts',
      'script-lint',
      'sync-status',
    ].flatMap(
      (name) =>
        readFileSync(`${root}/${name}.ts`, 'utf8').match(/(?:passed|failed|warned|skipped)\(\s*(?:'[^']*'|`[^`]*`)/g) ??
        [],
    );
    expect(sentences.length).toBeGreaterThan(25);
    expect(sentences.flatMap((sentence) => found(sentence))).toEqual([]);
  });
});
