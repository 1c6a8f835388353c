import { shown } from '../../documents/excerpt.ts';
import type { Notes } from '../../documents/notes.ts';
import type { Compute } from '../compute/compute.ts';
import type { Entrypoint } from '../design-entrypoint.ts';
import { longestValues } from './task-sizes.ts';
import type { TaskSpec, WrittenTasks } from './task-spec.ts';
import { checkTaskNames, checkTaskPlaces, noTaskWords } from './task-words.ts';

/** What the other parts of a design must not say beside `tasks`, and what they must not say without. */

export interface OtherParts {
  readonly entrypoint: Entrypoint | null;
  readonly compute: Compute | null;
}

/** `tasks`: null if there are none, or they cannot be read. */
export function checkTasks(notes: Notes, tasks: TaskSpec | null, { entrypoint, compute }: OtherParts): void {
  const { value = {} } = notes.document;
  const isGiven = value['tasks'] !== undefined && value['tasks'] !== null;
  if (!isGiven) {
    noTaskWords(notes, '/entrypoint', value['entrypoint']);
    for (const { pointer, fields } of artifactsIn(value['artifacts']))
      noTaskWords(notes, `${pointer}/from`, fields['from']);
    return;
  }
  checkTaskArtifacts(notes, value['artifacts']);
  if (entrypoint !== null) checkTaskPlaces(notes, entrypoint, value['entrypoint']);
  if (tasks === null) return;
  if (compute !== null) checkTaskCompute(notes, tasks, compute);
  if (tasks.source.kind !== 'file') checkTaskSource(notes, tasks.source, `/tasks/${tasks.source.kind}`);
}

/** Once the parameters are known. `pointer`: of what names them. */
export function checkTaskSource(notes: Notes, source: WrittenTasks, pointer: string): void {
  checkTaskNames(notes, notes.document.value?.['entrypoint'], longestValues(source), pointer);
}

/** The limits of a task and of what runs several of them. */
function checkTaskCompute(notes: Notes, tasks: TaskSpec, compute: Compute): void {
  const { workers, time_seconds: seconds } = tasks;
  if (compute.location === 'local') {
    if (workers !== null)
      notes.warn('/tasks/workers', 'value.not_used', 'is for Slurm; a run on this machine has `max_parallel`');
    if (seconds !== null && compute.time_seconds !== null)
      notes.warn('/compute/time', 'value.not_used', 'is not used: here `tasks.time` is the limit of each task');
    return;
  }
  if (seconds === null) return;
  if (workers === null)
    notes.error(
      '/tasks/time',
      'value.conflict',
      'goes with `workers`; without them `compute.time` is the limit of each task: remove this one',
    );
  else if (compute.time_seconds !== null && seconds > compute.time_seconds)
    notes.error(
      '/tasks/time',
      'value.conflict',
      'is longer than `compute.time`, the limit of a worker, which could begin no task; make `compute.time` longer',
    );
}

function checkTaskArtifacts(notes: Notes, written: unknown): void {
  for (const { pointer, at, fields } of artifactsIn(written)) {
    const reason = typeof fields['path'] === 'string' ? whyNotOfTask(fields['path']) : null;
    if (reason !== null) notes.error(at, 'value.invalid', reason);
    if (typeof fields['from'] === 'string' && fields['from'] !== '')
      notes.error(
        `${pointer}/from`,
        'value.conflict',
        `is not for a design with tasks, which would all collect the same; let each task write into ${shown('{{task_dir}}')}`,
      );
  }
}

interface WrittenArtifact {
  readonly pointer: string;
  /** Where its path is. */
  readonly at: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The list as the file has it, with the places of its elements. */
function artifactsIn(written: unknown): readonly WrittenArtifact[] {
  if (!Array.isArray(written)) return [];
  return (written as readonly unknown[]).map((item, index) => {
    const pointer = `/artifacts/${index}`;
    const isMapping = typeof item === 'object' && item !== null;
    return isMapping
      ? { pointer, at: `${pointer}/path`, fields: { ...item } }
      : { pointer, at: pointer, fields: { path: item } };
  });
}

function whyNotOfTask(path: string): string | null {
  if (path === 'stdout.log' || path === 'stderr.log') return 'is the log of a task, which is kept anyway; remove it';
  const inner = /^tasks\/(?:[^/]*\/)?(.+)$/.exec(path)?.[1];
  if (inner === undefined) return null;
  return `is relative to the folder of each task already; write ${shown(inner)}`;
}
