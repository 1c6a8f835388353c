import type { Compute, Design } from '../project/design.ts';
import { activationBlock } from './activation.ts';
import { entrypointWords, shellWords } from './entrypoint.ts';
import { markedScript } from './mark.ts';
import { sbatchQuote } from './sbatch-words.ts';
import { SLURM_PROLOGUE } from './slurm-prologue.ts';

export { neutralSlurmScript } from './mark.ts';

/**
 * `launch/run_slurm.sbatch`: rendered from design and environment. The run's id stands in two lines, because Slurm wants
 * the paths of log files literally; everything else is the same bytes every time. Pure.
 */

export interface SlurmScriptParts {
  readonly design: Pick<Design, 'iteration_id' | 'entrypoint' | 'compute'>;
  /** The activation block of docs/environment.md, byte for byte. */
  readonly activation: string;
  /** What starts Python for an entrypoint that is a module. */
  readonly python: string;
  readonly runId: string;
}

/** The script. The design's ids are those that its reader accepts: no control characters, no slash, no backslash. */
export function renderSlurmScript({ design, activation, python, runId }: SlurmScriptParts): string {
  return markedScript(
    'run_slurm.sbatch',
    `# Made by autolab from experiments/${design.iteration_id}/design.yaml and docs/environment.md, for Slurm.
# Made anew at every launch. Once edited it is yours: it is checked (autolab lint-script) and never overwritten.
# The job's name, its folder and its log files are said by the launcher, whose options overrule these lines.
${directives(design, runId)}set -euo pipefail

${SLURM_PROLOGUE}
${activationBlock(activation)}
${srunFor(design.compute)}${shellWords(entrypointWords(design.entrypoint, python))}
`,
  );
}

function directives({ iteration_id, compute }: SlurmScriptParts['design'], runId: string): string {
  const log = `experiments/${iteration_id}/runs/${runId}/logs/slurm-`.replaceAll('%', '%%');
  const options: readonly (readonly [string, string | number | null])[] = [
    ['job-name', `autolab-${iteration_id}`],
    ['output', `${log}%j.out`],
    ['error', `${log}%j.err`],
    ['time', compute.time_seconds === null ? null : slurmTime(compute.time_seconds)],
    ['mem', compute.memory_mb === null ? null : slurmMemory(compute.memory_mb)],
    ['cpus-per-task', compute.cpus],
    ['gres', compute.gpu_count > 0 ? slurmGres(compute) : null],
    ['partition', compute.partition],
    ['qos', compute.qos],
    ['account', compute.account],
    ['constraint', compute.constraint],
    ['nodes', compute.nodes],
    ['ntasks', compute.ntasks],
    ['exclude', compute.exclude],
    ['reservation', compute.reservation],
    ['nice', compute.nice],
  ];
  const lines = options.flatMap(([name, value]) =>
    value === null ? [] : [`#SBATCH --${name}=${sbatchQuote(String(value))}\n`],
  );
  // A requeued job opens its log files anew, and what it said before would be lost.
  const requeue = compute.requeue ? '#SBATCH --requeue\n#SBATCH --open-mode=append\n' : '#SBATCH --no-requeue\n';
  return lines.join('') + requeue;
}

/** `HH:MM:SS` or `D-HH:MM:SS`, for a whole number of seconds. */
export function slurmTime(seconds: number): string {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const days = Math.floor(seconds / 86_400);
  const clock = `${two((seconds % 86_400) / 3600)}:${two((seconds % 3600) / 60)}:${two(seconds % 60)}`;
  return days === 0 ? clock : `${String(days)}-${clock}`;
}

/** `4G` or `4000M`, for a whole number of megabytes of 1024 × 1024 bytes. */
export function slurmMemory(megabytes: number): string {
  return megabytes % 1024 === 0 ? `${String(megabytes / 1024)}G` : `${String(megabytes)}M`;
}

/** `gpu:2` or `gpu:a100:2`. */
export function slurmGres({ gpu_count, gpu_type }: Pick<Compute, 'gpu_count' | 'gpu_type'>): string {
  return `gpu:${gpu_type === null ? '' : `${gpu_type}:`}${String(gpu_count)}`;
}

export function runsOnManyTasks({ nodes, ntasks }: Pick<Compute, 'nodes' | 'ntasks'>): boolean {
  return (ntasks ?? 1) > 1 || (nodes ?? 1) > 1;
}

/**
 * What starts the entrypoint: nothing, so that bash waits for it and the receipt is written; srun where it is to run on
 * several tasks. srun passes on only what sbatch's --export named unless told otherwise, which would lose the activation;
 * since Slurm 22.05 it does not inherit the number of CPUs of a task (RELEASE_NOTES). One task that fails ends all.
 */
export function srunFor(compute: Compute): string {
  if (!runsOnManyTasks(compute)) return '';
  const cpus = compute.cpus === null ? '' : ` --cpus-per-task=${String(compute.cpus)}`;
  return `srun --export=ALL --kill-on-bad-exit=1${cpus} -- `;
}
