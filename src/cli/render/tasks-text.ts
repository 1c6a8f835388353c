import type { LaunchPlan } from '../../index.ts';
import { secondsText } from '../../platform/units.ts';

/** The tasks of a launch on a few lines: name and value. Pure. */

type Planned = NonNullable<LaunchPlan['tasks']>;

export function tasksLines(tasks: Planned): readonly (readonly [string, string])[] {
  return [
    ['tasks', tasksWords(tasks)],
    ['first', tasks.first_command],
    ['last', tasks.last_command],
    ['at most', totalWords(tasks)],
    ...(tasks.chunks === null ? [] : [['chunks', chunkWords(tasks.chunks)] as const]),
  ];
}

function tasksWords({ count, parameters, max_parallel, max_failures, workers }: Planned): string {
  return [
    `${count}: ${parameters.map(parameterWords).join(', ')}`,
    ...(max_parallel === null ? [] : [`${max_parallel} at the same time`]),
    ...(workers === null ? [] : [amount(workers, 'worker')]),
    ...(max_failures === null ? [] : [`no more start after ${amount(max_failures, 'failure')}`]),
  ].join('; ');
}

function parameterWords({ name, values, min, max }: Planned['parameters'][number]): string {
  const range = min === null || max === null || min === max ? '' : `, ${min} to ${max}`;
  return `${name} (${amount(values, 'value')}${range})`;
}

function totalWords({ count, total }: Planned): string {
  const { requests, cpus, gpus, time_seconds: seconds, cpu_seconds, gpu_seconds } = total;
  const who = requests === count ? amount(count, 'task') : amount(requests, 'worker');
  const each = [amount(cpus / requests, 'CPU'), ...(gpus === 0 ? [] : [amount(gpus / requests, 'GPU')])].join(', ');
  if (seconds === null || cpu_seconds === null) return `${who} of ${each}, without a time limit`;
  const gpuHours = gpus === 0 ? '' : ` and ${hoursText(gpu_seconds ?? 0)} GPU hours`;
  return `${hoursText(cpu_seconds)} CPU hours${gpuHours}: ${who} of ${each}, up to ${secondsText(seconds / requests)} each`;
}

function amount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function hoursText(seconds: number): string {
  const hours = seconds / 3600;
  return hours >= 100 ? String(Math.round(hours)) : String(Number(hours.toPrecision(2)));
}

const MOST_CHUNKS = 6;

/** Of many, the first and the last. */
function chunkWords(chunks: NonNullable<Planned['chunks']>): string {
  const words = chunks.map(({ first, count }) => `${count} from task ${first}`);
  const shown = words.length > MOST_CHUNKS ? [...words.slice(0, MOST_CHUNKS - 2), '…', ...words.slice(-1)] : words;
  return `${chunks.length}: ${shown.join(', ')}`;
}
