import { SITE_MEMORY } from '../project/compute/memory.ts';
import type { Compute, Design } from '../project/design.ts';
import { sbatchQuote } from './sbatch-words.ts';

/** The design's requests as options of sbatch. Pure. */

/** `#SBATCH` lines. The run's id is in two of them, because Slurm takes the paths of log files literally. */
export function directives({ iteration_id, compute }: Pick<Design, 'iteration_id' | 'compute'>, runId: string): string {
  const log = `experiments/${iteration_id}/runs/${runId}/logs/slurm-`.replaceAll('%', '%%');
  const lines = [
    directiveLine('job-name', `autolab-${iteration_id}`),
    directiveLine('output', `${log}%j.out`),
    directiveLine('error', `${log}%j.err`),
    ...requestOf(compute).flatMap(({ name, value }) => (value === null ? [] : [directiveLine(name, value)])),
    ...passedOn(compute).map(({ name, value }) => directiveLine(name, value)),
  ];
  // A requeued job reopens its log files, and would truncate the output so far.
  const requeue = compute.requeue ? '#SBATCH --requeue\n#SBATCH --open-mode=append\n' : '#SBATCH --no-requeue\n';
  return lines.map((line) => `${line}\n`).join('') + requeue;
}

/** `value` null: an option without one. */
export function directiveLine(name: string, value: string | null): string {
  return `#SBATCH --${name}${value === null || value === '' ? '' : `=${sbatchQuote(value)}`}`;
}

export interface RequestedOption {
  readonly name: string;
  /** From `compute`. */
  readonly key: string;
  /** null: not requested; '': the option has no value. */
  readonly value: string | null;
}

/** Every option that has a key, whether or not the design sets it. */
export function requestOf(compute: Compute): readonly RequestedOption[] {
  const asked = (name: string, value: string | number | null, key: string = name): RequestedOption => ({
    name,
    key,
    value: value === null ? null : String(value),
  });
  const { time_seconds, memory, memory_mb, memory_per_cpu_mb, memory_per_gpu_mb, exclusive, signal } = compute;
  const amount = (megabytes: number | null): string | null => (megabytes === null ? null : slurmMemory(megabytes));
  return [
    asked('time', time_seconds === null ? null : slurmTime(time_seconds)),
    asked('mem', memory === SITE_MEMORY ? null : amount(memory_mb), 'memory'),
    asked('mem-per-cpu', amount(memory_per_cpu_mb), 'memory_per_cpu'),
    asked('mem-per-gpu', amount(memory_per_gpu_mb), 'memory_per_gpu'),
    asked('cpus-per-task', compute.cpus, 'cpus'),
    asked('gres', slurmGres(compute), 'gpu_count'),
    asked('partition', compute.partition),
    asked('qos', compute.qos),
    asked('account', compute.account),
    asked('constraint', compute.constraint),
    asked('nodes', compute.nodes),
    asked('ntasks', compute.ntasks),
    asked('ntasks-per-node', compute.ntasks_per_node, 'ntasks_per_node'),
    asked('exclusive', exclusive === false ? null : exclusive === true ? '' : exclusive),
    asked('exclude', compute.exclude),
    asked('nodelist', compute.nodelist),
    asked('reservation', compute.reservation),
    asked('licenses', compute.licenses),
    asked('nice', compute.nice),
    asked('begin', compute.begin),
    // To the batch shell only, which passes it on.
    asked('signal', signal === null ? null : `B:${signal.name}@${signal.seconds}`),
    asked('comment', compute.comment),
    asked('mail-type', compute.mail_type, 'mail_type'),
    asked('mail-user', compute.mail_user, 'mail_user'),
    asked('wckey', compute.wckey),
  ];
}

/** `sbatch_options`, without the parts that the line for GPUs contains. */
export function passedOn({ sbatch_options }: Pick<Compute, 'sbatch_options'>): Compute['sbatch_options'] {
  return sbatch_options.filter(({ name }) => name !== 'gres');
}

/** `HH:MM:SS` or `D-HH:MM:SS`, for a whole number of seconds. */
export function slurmTime(seconds: number): string {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const days = Math.floor(seconds / 86_400);
  const clock = `${two((seconds % 86_400) / 3600)}:${two((seconds % 3600) / 60)}:${two(seconds % 60)}`;
  return days === 0 ? clock : `${days}-${clock}`;
}

/** `4G` or `4000M`, for a whole number of megabytes of 1024 × 1024 bytes; `0` means all memory of a node. */
export function slurmMemory(megabytes: number): string {
  if (megabytes === 0) return '0';
  return megabytes % 1024 === 0 ? `${megabytes / 1024}G` : `${megabytes}M`;
}

/**
 * `gpu:2`, `gpu:a100:2`, `gpu:2,disk:10G`: GPUs and other resources in one option, because the last one counts. null if
 * there are none.
 */
export function slurmGres({
  gpu_count,
  gpu_type,
  sbatch_options,
}: Pick<Compute, 'gpu_count' | 'gpu_type' | 'sbatch_options'>): string | null {
  const gpus = gpu_count === 0 ? [] : [`gpu:${gpu_type === null ? '' : `${gpu_type}:`}${gpu_count}`];
  const all = [...gpus, ...otherGres(sbatch_options)];
  return all.length === 0 ? null : all.join(',');
}

function otherGres(options: Compute['sbatch_options']): readonly string[] {
  return options.flatMap(({ name, value }) => (name === 'gres' && value !== null ? [value] : []));
}
