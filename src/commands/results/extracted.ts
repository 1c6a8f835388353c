import { readSource } from '../../documents/source.ts';
import { failureOf, ok, type Recommendation, type Result } from '../../errors/failure.ts';
import type { Problem } from '../../errors/problem.ts';
import { guardPlace } from '../../plan/guard.ts';
import { sha256 as sha256Of } from '../../platform/ids.ts';
import { type Backlog, matchExperiment, targetProblems } from '../../project/backlog.ts';
import { type Design, type Metrics, parseDesign } from '../../project/design.ts';
import type { GuardDocuments } from '../../project/read.ts';
import { designFileOf } from '../../project/read.ts';
import type { Manifest } from '../../records/manifest-schema.ts';
import { BACKLOG, type RunPaths } from '../../records/paths.ts';
import { projectManifest } from '../../records/projection.ts';
import type { RunView } from '../../records/run-view.ts';
import type { Analysis } from '../../workflow/results/analysis-schema.ts';
import { composeAnalysis } from '../../workflow/results/compose.ts';
import { metricNamesOf, readMetricsFile } from './read-metrics-file.ts';
import { readTaskValues, type TaskValues } from './read-task-values.ts';

/** From a recorded run to its analysis. Reads only. */

export interface ExtractedRun {
  readonly analysis: Analysis;
  /** Warnings. */
  readonly problems: readonly Problem[];
  readonly recommendations: readonly Recommendation[];
}

interface Recorded {
  readonly view: RunView;
  readonly paths: RunPaths;
}

export function extractRun(root: string, documents: GuardDocuments, run: Recorded): Result<ExtractedRun> {
  const { view } = run;
  const read = readDesignOf(root, view);
  if (!read.ok) return read;
  const { design, file, sha256, problems } = read.value;
  const manifest = projectManifest(view);
  const hypothesisId = hypothesisOf(documents.backlog, design, view);
  const hypothesis = documents.backlog.hypotheses.find(({ id }) => id === hypothesisId) ?? null;
  const { metrics, baselines } = design;
  const wanted = metrics !== null && metricNamesOf(metrics).length > 0 ? metrics : null;
  const values = wanted === null ? ok(NO_VALUES) : readValues(root, run, manifest, wanted);
  if (!values.ok) return values;
  const { problems: unmeasured, ...measured } = values.value;
  const analysis = composeAnalysis({
    ...{ manifest, hypothesisId, hypothesis, metrics, baselines, ...measured },
    backlogChanged: ![undefined, null, sha256Of(documents.backlogText)].includes(manifest.inputs[BACKLOG]),
    design: { file, sha256, as_launched: manifest.inputs[file] === sha256 },
  });
  return ok({
    analysis,
    problems: [
      ...unmeasured,
      ...problems.filter(({ pointer }) => /^\/(?:metrics|baselines)(?:\/|$)/.test(pointer ?? '')),
      ...(hypothesisId === null ? [] : targetProblems(documents.backlogText, hypothesisId)),
    ],
    recommendations: wanted === null ? [declareMetrics(file, hypothesis?.success_metric ?? 'accuracy')] : [],
  });
}

const NO_VALUES: TaskValues = { source: null, found: new Map(), tasks: null, problems: [] };

function readValues(root: string, { paths }: Recorded, manifest: Manifest, metrics: Metrics): Result<TaskValues> {
  const hasTasks = manifest.tasks !== undefined;
  const escape = guardPlace(root, `${paths.relative}/${hasTasks ? 'tasks' : metrics.file}`);
  if (escape !== null) return { ok: false, failure: escape };
  if (hasTasks) return readTaskValues(paths, manifest, metrics);
  const read = readMetricsFile(root, paths, manifest, metrics);
  return read.ok ? ok({ ...read.value, tasks: null, problems: [] }) : read;
}

interface DesignOfRun {
  readonly design: Design;
  readonly file: string;
  readonly sha256: string;
  readonly problems: readonly Problem[];
}

/** As it is now: what is to be measured may be declared after the launch. */
function readDesignOf(root: string, { opened }: RunView): Result<DesignOfRun> {
  const file = designFileOf(opened.iteration_id);
  const { text, sha256, problems: unread } = readSource(root, file);
  const { value, problems } = text === null ? { value: null, problems: unread } : parseDesign(text, file);
  if (value === null || sha256 === null)
    return { ok: false, failure: failureOf('design.invalid', { message: `${file} cannot be used.`, problems }) };
  return ok({ design: value, file, sha256, problems });
}

/** The design names it, or the entry of the backlog. */
function hypothesisOf(backlog: Backlog, design: Design, { opened }: RunView): string | null {
  if (design.hypothesis_id !== null) return design.hypothesis_id;
  const match = matchExperiment(backlog, opened);
  return match.kind === 'one' ? match.experiment.hypothesis_id : null;
}

function declareMetrics(file: string, name: string): Recommendation {
  return {
    file,
    pointer: '/metrics',
    current: null,
    suggested: `{primary: {name: ${name}, mode: maximize}}`,
    why: 'the design declares no metrics, so the results have no numbers',
  };
}
