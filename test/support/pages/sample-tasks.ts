import { runPaths } from '../../../src/records/paths.ts';
import { parseTaskResults } from '../../../src/records/tasks/task-end.ts';
import { readRecord, type RunRecord, type TaskLog } from '../../../src/report/read-record.ts';
import { composeTasks, finalMetricsOfTasks } from '../../../src/report/tasks/tasks-of-run.ts';
import { metricsOfText } from '../../../src/workflow/results/task-metrics.ts';
import { composeTasksRun, gridOf, type MadeTask, TASK_METRICS, type TasksRun } from '../tasks/task-records.ts';
import { HOSTILE } from './sample-records.ts';

/** Records of runs with many tasks, for pages to be made of: nothing ran, and nothing is on the disk. */

function recordOf(
  made: readonly MadeTask[],
  run: TasksRun = { metrics: TASK_METRICS },
  taskLogs: readonly TaskLog[] = [],
): RunRecord {
  const composed = composeTasksRun(made, run);
  const record = readRecord(composed.view, runPaths('/nowhere', 'iter1', 'r1'));
  const names = run.metrics?.primary ? [run.metrics.primary.name, ...run.metrics.others] : [];
  const read = made.flatMap(({ state = 'completed', metrics }, index) => {
    if (state !== 'completed' || metrics === undefined || metrics === null) return [];
    const text = typeof metrics === 'string' ? metrics : JSON.stringify(metrics);
    return [
      { index, ...metricsOfText(text, `tasks/${index}/metrics.json`, { names, others: names.length === 0 ? 40 : 0 }) },
    ];
  });
  const tasks = composeTasks(record.manifest, parseTaskResults(composed.results) ?? [], read);
  return { ...record, tasks, taskLogs, metrics: finalMetricsOfTasks(record.manifest, tasks) };
}

const RATES = ['0.3', '0.1', '0.03', '0.01', '0.003'];
const WIDTHS = ['16', '32', '64', '128'];
const SEEDS = ['0', '1', '2'];

/** Smooth, with a best place inside, and a little noise that is the same every time. */
function accuracyOf(params: Readonly<Record<string, string>>, index: number): number {
  const rate = RATES.indexOf(params['lr'] ?? '0.03') - 2.2;
  const width = WIDTHS.indexOf(params['width'] ?? '64') - 2;
  const noise = ((index * 7919) % 101) / 101;
  return Math.round((0.93 - 0.03 * rate * rate - 0.012 * width * width + 0.012 * noise) * 10_000) / 10_000;
}

function sweep(axes: Readonly<Record<string, readonly string[]>>): readonly MadeTask[] {
  return gridOf(axes).map((params, index) => ({
    params,
    metrics: { accuracy: accuracyOf(params, index), loss: 1 - accuracyOf(params, index) },
  }));
}

const MEASURED: TasksRun = {
  metrics: { ...TASK_METRICS, others: ['loss'], baselines: [{ name: 'majority', value: 0.4415, others: {} }] },
};

function goodSweep(): RunRecord {
  return recordOf(sweep({ lr: RATES, width: WIDTHS, seed: SEEDS }), MEASURED);
}

function failedSweep(): RunRecord {
  const made = sweep({ lr: RATES, width: WIDTHS, seed: SEEDS }).map((task, index): MadeTask => {
    if (task.params['lr'] === '0.3' && task.params['width'] !== '16')
      return { ...task, state: 'failed', code: 'local.failed', message: 'It ended with status 1.' };
    if (index === 30)
      return { ...task, state: 'failed', code: 'local.out_of_memory', message: 'The kernel killed it.' };
    if (index === 40) return { ...task, state: 'end_unknown' };
    return index >= 57 ? { ...task, state: index === 57 ? 'cancelled' : 'not_started' } : task;
  });
  const logs = [3, 4, 5].map((index) => ({
    index,
    name: 'stderr.log',
    text: `epoch 1: loss nan\nTraceback (most recent call last):\n  File "train.py", line 40, in <module>\nValueError: the loss is not a number\n`,
  }));
  return recordOf(made, MEASURED, logs);
}

function manyTasks(): RunRecord {
  const each = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => String(at));
  const made = gridOf({ a: each(100), b: each(100) }).map((params, index): MadeTask => {
    const [a, b] = [Number(params['a']), Number(params['b'])];
    const metrics = { accuracy: Math.round((Math.sin(a / 17) + Math.cos(b / 23)) * 1000) / 1000 };
    return index % 97 === 0 ? { params, state: 'failed' } : { params, metrics };
  });
  return recordOf(made);
}

function randomSearch(): RunRecord {
  const made = Array.from({ length: 300 }, (_, index): MadeTask => {
    const at = (salt: number): number => (((index + 1) * salt) % 997) / 997;
    const params = {
      lr: at(131).toFixed(4),
      dropout: at(617).toFixed(2),
      layers: String(1 + (index % 4)),
      optimizer: ['adam', 'sgd', 'lion'][index % 3] ?? '',
    };
    const loss = 0.2 + at(131) * 0.8 + (at(617) - 0.3) * (at(617) - 0.3) + (index % 3) * 0.1;
    return index % 40 === 7 ? { params, state: 'failed' } : { params, metrics: { loss } };
  });
  return recordOf(made, { metrics: { ...TASK_METRICS, primary: { name: 'loss', mode: 'minimize' } } });
}

function hostileTasks(): RunRecord {
  const values = [HOSTILE, '../../etc/passwd', '$(reboot)', '', ' ', '{{task.index}}', `--${'x'.repeat(300)}`];
  const made = gridOf({ name: values, other: [HOSTILE, 'plain'] }).map((params, index): MadeTask => {
    if (index % 5 === 4) return { params, state: 'failed', message: HOSTILE, end: { node: HOSTILE } };
    return { params, metrics: { [HOSTILE]: index === 3 ? 1e300 : index - 5 } };
  });
  const metrics = { ...TASK_METRICS, primary: { name: HOSTILE, mode: 'minimize' as const } };
  return recordOf(made, { metrics }, [{ index: 4, name: 'stderr.log', text: `${HOSTILE}\n` }]);
}

/** Its last tasks run or wait. */
function openSweep(): RunRecord {
  const record = recordOf(sweep({ lr: RATES, width: ['16', '32'], seed: ['0', '1', '2', '3'] }), MEASURED);
  const { tasks, ...manifest } = record.manifest;
  if (tasks === undefined) throw new Error('The run has one task.');
  const tasksNow = Array.from({ length: tasks.count }, (_, index) => {
    if (index === 7) return 'failed';
    if (index === 9) return 'cancelled';
    return index < 22 ? 'completed' : index < 26 ? 'running' : 'waiting';
  });
  return {
    ...record,
    manifest: { ...manifest, tasks: { ...tasks, result: null } },
    tasks: null,
    tasksNow,
    metrics: [],
  };
}

/** By what they show. */
export function sampleTasks(): ReadonlyMap<string, RunRecord> {
  return new Map([
    ['tasks-grid', goodSweep()],
    ['tasks-failed', failedSweep()],
    ['tasks-open', openSweep()],
    ['tasks-single', recordOf(sweep({ lr: ['0.1'] }), MEASURED)],
    ['tasks-many', manyTasks()],
    ['tasks-line', recordOf(sweep({ lr: RATES, seed: SEEDS }), MEASURED)],
    ['tasks-seeds', recordOf(sweep({ seed: ['0', '1', '2', '3', '4', '5', '6', '7'] }), MEASURED)],
    ['tasks-three', recordOf(sweep({ optimizer: ['adam', 'sgd'], lr: RATES, width: WIDTHS }), MEASURED)],
    ['tasks-four', randomSearch()],
    ['tasks-hostile', hostileTasks()],
    ['tasks-states', recordOf(failedSweep().tasks?.results.map(({ params, state }) => ({ params, state })) ?? [], {})],
  ]);
}
