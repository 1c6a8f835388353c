import type { ConfirmedRow, ConfirmResult } from '../../../records/step-results.ts';
import type { TaskEnd } from '../../../records/tasks/task-end.ts';
import { countsBy, tasksResult } from '../../../records/tasks/task-summary.ts';
import type { ElementEnds } from '../../../schedulers/slurm/arrays/element-rows.ts';

/** What the record of a run has of all its elements: a row an array and state, however many there are. Pure. */

type Summary = Omit<ConfirmResult, 'tasks' | 'starts'>;

export function confirmedEnd(
  tasks: readonly TaskEnd[],
  { source, ended }: ElementEnds,
  strays: readonly string[],
): Summary {
  const rows = rowsOf([...ended.values()].map(({ element, state, exitCode }) => ({ element, state, exitCode })));
  const states = [...new Set([...ended.values()].map(({ state }) => state))];
  const worst = [...ended.values()].find(({ exitCode }) => exitCode !== '0:0')?.exitCode ?? '0:0';
  const times = (pick: (task: TaskEnd) => string | null): readonly string[] =>
    tasks.flatMap((task) => pick(task) ?? []).sort();
  return {
    ...{ source, rows, elapsed: null, max_rss: null, nodes: null },
    state: states.length === 1 ? (states[0] ?? '') : 'MIXED',
    exit_code: worst,
    evidence: [
      ...Object.entries(countsBy([...ended.values()], ({ state }) => state)).map(
        ([state, count]) => `${source}: ${count} elements ended as ${state}`,
      ),
      ...strays,
    ],
    started_at: times((task) => task.started_at)[0] ?? null,
    ended_at: times((task) => task.ended_at).at(-1) ?? null,
    used: usedBy(tasks),
  };
}

interface Row {
  readonly element: string;
  readonly state: string;
  readonly exitCode: string;
}

function rowsOf(elements: readonly Row[]): readonly ConfirmedRow[] {
  const groups = new Map<string, ConfirmedRow>();
  for (const { element, state, exitCode } of elements) {
    const job_id = element.replace(/_.*$/, '');
    const key = `${job_id} ${state} ${exitCode}`;
    if (!groups.has(key)) groups.set(key, { job_id, state, exit_code: exitCode, elapsed: '', max_rss: '' });
  }
  return [...groups.values()];
}

/** Of all tasks together; the memory is that of the largest. */
function usedBy(tasks: readonly TaskEnd[]): Summary['used'] {
  const summary = tasksResult(
    '',
    tasks.map((task) => ({ ...task, params: {}, artifacts: null, reused_from: null })),
  );
  const { wall_seconds: wall, cpu_seconds: cpu, max_rss_bytes: memory } = summary;
  if (wall === null) return null;
  return {
    wall_seconds: wall.sum,
    cpu_seconds: cpu?.sum ?? null,
    max_rss_bytes: memory?.max ?? null,
    source: 'receipts',
    samples: null,
  };
}
