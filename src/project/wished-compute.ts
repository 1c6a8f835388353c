import type { ComputeValue, NewDesign } from './new-design.ts';

/** Keys of `compute` from the words of a command line. Pure. */

const COUNTS = 'cpus gpu_count gpus gpus_per_node nodes num_nodes ntasks ntasks_per_node nice grace'.split(' ');
const FLAGS = ['exclusive', 'requeue'];
/** Names for one thing: a new value of one replaces the others. */
const SAME: readonly (readonly string[])[] = [
  ['time', 'walltime', 'walltime_estimate'],
  ['memory', 'memory_estimate', 'memory_per_cpu', 'memory_per_gpu'],
  ['gpu_count', 'gpus', 'gpus_per_node'],
  ['nodes', 'num_nodes'],
];

/** The keys of the source with the given ones over them. */
export function computeOver(
  source: NewDesign['compute'],
  given: Readonly<Record<string, string | number | boolean>>,
): NewDesign['compute'] {
  const replaced = Object.keys(given).flatMap((key) => SAME.find((names) => names.includes(key)) ?? [key]);
  const kept = Object.entries(source).filter(([key]) => !replaced.includes(key));
  const added = Object.entries(given).filter(([, value]) => value !== '');
  return Object.fromEntries([
    ...kept,
    ...added.map(([key, value]): [string, ComputeValue] => [key, typed(key, value)]),
  ]);
}

/** From the words of a command line to the type that the design has. */
function typed(key: string, value: string | number | boolean): ComputeValue {
  if (typeof value !== 'string') return value;
  if (COUNTS.includes(key) && /^-?\d{1,15}$/.test(value)) return Number(value);
  if (FLAGS.includes(key) && /^(?:true|false)$/.test(value)) return value === 'true';
  return key === 'sbatch_options' ? [value] : value;
}
