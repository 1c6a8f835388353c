import { listed, shown } from '../../documents/excerpt.ts';
import { readDuration } from '../durations.ts';
import { checkTaskFilePath } from './task-file-path.ts';
import { MOST_TASKS, type TaskSpec } from './task-spec.ts';

/** `--set tasks.KEY=VALUE`: other values of a parameter, or another limit. Each returns why it cannot be changed so. Pure. */

const COUNTS = ['max_parallel', 'max_failures', 'workers'] as const;
const GRID = 'grid.';
const KEYS = [...COUNTS, 'time', 'file', 'grid.NAME'];

export function changeTasks(tasks: TaskSpec | null, key: string, value: string): TaskSpec | string {
  if (tasks === null)
    return `the design has no tasks to set ${shown(`tasks.${key}`)} in; make another one: autolab new ID --from EXPERIMENT --grid NAME=VALUE,VALUE`;
  const count = COUNTS.find((name) => name === key);
  if (count !== undefined) return changeCount(tasks, count, value);
  if (key === 'time') return changeTime(tasks, value);
  if (key === 'file') return changeFile(tasks, value);
  if (key.startsWith(GRID)) return changeAxis(tasks, key.slice(GRID.length), value);
  return `tasks have no ${shown(key)} to set; they have ${listed(KEYS, 'and')}`;
}

/** An empty value takes the limit away. */
function changeCount(tasks: TaskSpec, key: (typeof COUNTS)[number], value: string): TaskSpec | string {
  const count = value === '' ? null : Number(value);
  if (count === null) return { ...tasks, [key]: null };
  if (/^[1-9]\d*$/.test(value) && count <= MOST_TASKS) return { ...tasks, [key]: count };
  return `${shown(`tasks.${key}`)} must be a whole number from 1 to ${MOST_TASKS}, not ${shown(value)}`;
}

function changeTime(tasks: TaskSpec, value: string): TaskSpec | string {
  if (value === '') return { ...tasks, time_seconds: null };
  const reading = readDuration(value);
  return reading.ok ? { ...tasks, time_seconds: reading.seconds } : `${shown('tasks.time')} ${reading.message}`;
}

function changeFile(tasks: TaskSpec, value: string): TaskSpec | string {
  const reason = checkTaskFilePath(value);
  return reason === null
    ? { ...tasks, source: { kind: 'file', file: value } }
    : `${shown('tasks.file')} ${reason}; it says ${shown(value)}`;
}

/** The values of one parameter, as `--grid` takes them. */
function changeAxis({ source, ...limits }: TaskSpec, name: string, value: string): TaskSpec | string {
  if (source.kind !== 'grid')
    return `the tasks of the design are a ${source.kind}, not a grid; change them there, or make another one: autolab new ID --from EXPERIMENT --grid NAME=VALUE,VALUE`;
  const names = source.axes.map((axis) => axis.name);
  if (!names.includes(name)) return `the tasks have no parameter ${shown(name)}; they have ${listed(names, 'and')}`;
  const values = value.split(',').map((one) => one.trim());
  const axes = source.axes.map((axis) => (axis.name === name ? { name, values } : axis));
  return { source: { kind: 'grid', axes }, ...limits };
}
