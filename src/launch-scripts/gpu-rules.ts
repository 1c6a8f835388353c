import type { Place } from '../documents/positions.ts';
import type { Compute } from '../project/design.ts';
import { directiveLine, slurmGres } from './directives.ts';
import { error, type RuleProblem } from './rule-problem.ts';
import type { Directive } from './sbatch-directives.ts';

/** The rules for the options of a Slurm script about GPUs and other generic resources. Pure. */

const GPU_OPTIONS = ['gpus', 'gpus-per-node', 'gpus-per-task', 'gpus-per-socket'];
const GPUS = /^(?:gres[:/])?gpu(?:[:=/]|$)/;

export function gpuProblems(directives: readonly Directive[], end: Place, compute: Compute): RuleProblem[] {
  return [...numberProblems(directives, end, compute), ...otherProblems(directives, end, compute)];
}

/** The GPUs that an option requests: type and number; null if it is about another resource. */
function gpusOf({ name, value }: Directive): { readonly type: string | null; readonly count: string } | null {
  if (value === null) return null;
  const text =
    name === 'gres'
      ? value
          .split(',')
          .find((one) => GPUS.test(one))
          ?.replace(/^(?:gres[:/])?gpu[:=/]?/, '')
      : value;
  if (text === undefined || (name !== 'gres' && !GPU_OPTIONS.includes(name))) return null;
  const match = /^(?:(.*)[:=])?(\d+)$/.exec(text);
  if (match !== null) return { type: match[1] ?? null, count: match[2] ?? '' };
  return { type: text === '' ? null : text, count: '1' };
}

function numberProblems(directives: readonly Directive[], end: Place, compute: Compute): RuleProblem[] {
  const { gpu_count, gpu_type, nodes, ntasks } = compute;
  const asked = directives.flatMap((directive) => {
    const gpus = gpusOf(directive);
    return gpus === null ? [] : [{ directive, ...gpus }];
  });
  if (gpu_count === 0)
    return asked.map(({ directive }) =>
      error(
        directive,
        `\`--${directive.name}\` requests GPUs, and the approved design does not; remove it, or set \`compute.gpu_count\` there`,
      ),
    );
  const line = directiveLine('gres', slurmGres(compute));
  if (asked.length === 0)
    return [
      error(
        end,
        `the design sets \`compute.gpu_count: ${gpu_count}\`, and the script requests no GPUs; write: ${line}`,
      ),
    ];
  return asked.flatMap(({ directive, type, count }) => {
    // The design's number is per node, as in --gres.
    const unit =
      ['gres', 'gpus-per-node'].includes(directive.name) ||
      (directive.name === 'gpus' && (nodes ?? 1) === 1) ||
      (directive.name === 'gpus-per-task' && (ntasks ?? 1) === 1 && (nodes ?? 1) === 1);
    if (unit && count === String(gpu_count) && (type ?? null) === gpu_type) return [];
    return [error(directive, `\`--${directive.name}\` requests other GPUs than the approved design; write: ${line}`)];
  });
}

/** Other generic resources, which `sbatch_options` name; a script may keep its own. */
function otherProblems(directives: readonly Directive[], end: Place, compute: Compute): RuleProblem[] {
  const wanted = compute.sbatch_options.find(({ name }) => name === 'gres')?.value ?? null;
  if (wanted === null) return [];
  // The last one counts, as for sbatch.
  const directive = directives.findLast(({ name }) => name === 'gres');
  const found = (directive?.value ?? '').split(',').filter((one) => one !== '' && !GPUS.test(one));
  if (found.join(',') === wanted) return [];
  const line = directiveLine('gres', slurmGres(compute));
  return [error(directive ?? end, `the design sets \`--gres=${wanted}\`, and the script does not; write: ${line}`)];
}
