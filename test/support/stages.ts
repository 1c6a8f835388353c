import { json, makeProject, write } from './project.ts';

/** Projects at a stage of the workflow, with what the stages before it leave. */

const ITERATION = 'experiments/iter1';

const DIGEST = 'a'.repeat(64);

const ANALYSIS = {
  schema_version: '1.0',
  ...{ iteration_id: 'iter1', experiment_id: 'e1', hypothesis_id: 'h1' },
  run: {
    ...{ run_id: 'r1', run_dir: `${ITERATION}/runs/r1`, code: 'run.completed', launch_mode: 'local', job_id: null },
    ...{ started_at: '2026-01-01T00:00:00.000Z', completed_at: null, commit: null, dirty: null },
    ...{ fingerprint: DIGEST, journal_head: DIGEST },
    usage: { wall_seconds: null, cpu_seconds: null, max_rss_bytes: null },
  },
  source: null,
  design: { file: `${ITERATION}/design.yaml`, sha256: DIGEST, as_launched: true },
  ...{ metrics: [], target: null, verdict: 'no_metrics', tasks: null },
};

/** What each stage from the launch on leaves: enough for autolab to move on. */
const LEFT: readonly (readonly [stage: string, files: Readonly<Record<string, string>>])[] = [
  [
    'launch',
    {
      [`${ITERATION}/runs/r1/run_manifest.json`]: json({
        status: 'completed',
        artifact_sync_to_local: { status: 'ok' },
      }),
      [`${ITERATION}/runs/r1/metrics.json`]: json({ accuracy: 0.9 }),
    },
  ],
  [
    'extract_results',
    { [`${ITERATION}/analysis/r1.json`]: json(ANALYSIS), [`${ITERATION}/summary.md`]: '# Summary of r1\n' },
  ],
  [
    'update_docs',
    {
      'docs/results.md': '# Results\n\n<!-- autolab:results:begin -->\n<!-- autolab:results:end -->\n',
      [`${ITERATION}/docs_update.md`]: '# Docs\n',
    },
  ],
  ['decide_repeat', { [`${ITERATION}/decision_result.json`]: json({ decision: 'stop' }) }],
];

/** `e1` of `iter1`, whose run `r1` completed if the stage comes after the launch. */
export function projectAt(stage: string, state: Readonly<Record<string, unknown>> = {}): string {
  const at = LEFT.findIndex(([name]) => name === stage);
  const before = at < 0 ? [] : LEFT.slice(0, at);
  const ran = before.length > 0 || ['human_review', 'stop'].includes(stage);
  const root = makeProject({ state: { stage, ...(ran ? { last_run_id: 'r1', sync_status: 'ok' } : {}), ...state } });
  for (const [, files] of ran && at < 0 ? LEFT : before)
    for (const [path, text] of Object.entries(files)) write(root, path, text);
  return root;
}

/** What the stage itself leaves. */
export function leaveOutputs(root: string, stage: string): void {
  for (const [path, text] of Object.entries(LEFT.find(([name]) => name === stage)?.[1] ?? {})) write(root, path, text);
}
