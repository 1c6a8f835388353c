import { likelyWord } from '../../platform/misspelling.ts';
import type { RunRow } from './row.ts';
import type { RunCell } from './where.ts';

/** The names by which a row of runs is filtered and sorted. Pure. */

/** A name that `--where` and `--sort` take, and what it is of a row. */
export interface RunColumn {
  readonly name: string;
  readonly cell: (row: RunRow) => RunCell;
  /** Whether more is better; null if there is no better. */
  readonly mode: 'maximize' | 'minimize' | null;
}

type Own = readonly [names: string, cell: (row: RunRow) => RunCell];

/** The first name is that of the table. */
const OWN: readonly Own[] = [
  ['run run_id', (row) => row.run_id],
  ['iteration iteration_id', (row) => row.iteration_id],
  ['experiment experiment_id', (row) => row.experiment_id],
  ['started started_at', (row) => row.started_at],
  ['mode', (row) => row.mode],
  ['job job_id', (row) => row.job_id],
  ['status', (row) => row.status],
  ['outcome', (row) => row.outcome],
  ['code', (row) => row.code],
  ['queued queued_seconds', (row) => row.queued_seconds],
  ['running running_seconds', (row) => row.running_seconds],
  ['tasks', (row) => row.tasks],
  ['seconds duration_seconds', (row) => row.duration_seconds],
  ['commit', (row) => row.commit],
  ['program', (row) => row.program],
  ['tree', (row) => row.tree],
];

const METRIC = 'metrics.';
const ARGUMENT = 'args.';

/** `use_amp`, `use-amp` and `--use-amp` are one argument. */
function plain(name: string): string {
  return name.replace(/^--?/, '').replaceAll('-', '_');
}

/** The column of this name, or why there is none. */
export function columnNamed(rows: readonly RunRow[], name: string): RunColumn | string {
  const own = OWN.find(([names]) => names.split(' ').includes(name));
  if (own !== undefined) return { name, cell: own[1], mode: null };
  if (name === 'delta') return { name, cell: (row) => row.metric?.delta ?? null, mode: 'maximize' };
  if (name === 'metric') return { name, cell: (row) => row.metric?.value ?? null, mode: modeOf(rows, null) };
  return argumentNamed(rows, name) ?? metricNamed(rows, name) ?? unknown(rows, name);
}

function argumentNamed(rows: readonly RunRow[], name: string): RunColumn | null {
  if (name.startsWith(METRIC)) return null;
  const wanted = plain(name.startsWith(ARGUMENT) ? name.slice(ARGUMENT.length) : name);
  const cell = (row: RunRow): RunCell =>
    Object.entries(row.arguments).find(([known]) => plain(known) === wanted)?.[1] ?? null;
  return rows.some((row) => cell(row) !== null) ? { name, cell, mode: null } : null;
}

function metricNamed(rows: readonly RunRow[], name: string): RunColumn | null {
  const wanted = name.startsWith(METRIC) ? name.slice(METRIC.length) : name;
  const cell = (row: RunRow): RunCell => (Object.hasOwn(row.metrics, wanted) ? (row.metrics[wanted] ?? null) : null);
  return rows.some((row) => cell(row) !== null) ? { name, cell, mode: modeOf(rows, wanted) } : null;
}

/** As the newest run of which it is the primary metric has it. */
function modeOf(rows: readonly RunRow[], metric: string | null): RunColumn['mode'] {
  return (
    rows.findLast((row) => row.metric !== null && (metric === null || row.metric.name === metric))?.metric?.mode ?? null
  );
}

const MOST_NAMES = 40;

function unknown(rows: readonly RunRow[], name: string): string {
  const own = OWN.map(([names]) => names.split(' ')[0] ?? '');
  const ofRuns = [...new Set(rows.flatMap((row) => [...Object.keys(row.arguments), ...Object.keys(row.metrics)]))];
  const names = [...own, 'metric', 'delta', ...ofRuns];
  const likely = likelyWord(name, names);
  const list = `${names.slice(0, MOST_NAMES).join(', ')}${names.length > MOST_NAMES ? ', …' : ''}`;
  return `No run has ${JSON.stringify(name)}${likely === null ? '' : `; did you mean ${likely}?`} Known: ${list}.`;
}
