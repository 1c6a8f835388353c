import type { Compute } from '../project/design.ts';
import { readDuration } from '../project/durations.ts';
import { readMemory } from '../project/memory.ts';
import type { Directive, Place } from './sbatch-directives.ts';
import { sbatchQuote } from './sbatch-words.ts';
import { slurmGres, slurmMemory, slurmTime } from './slurm-script.ts';

/** What the options of a Slurm script may say: what the design says, and nothing that breaks the launch. Pure. */

export interface RuleProblem extends Place {
  readonly message: string;
  readonly severity: 'error' | 'warning';
}

const REQUIRED = ['job-name', 'output', 'error', 'time', 'mem'] as const;

const FORBIDDEN: Readonly<Record<string, string>> = {
  array: 'would run the experiment several times',
  clusters: 'would send the job to where the launcher does not look for it, so that it could be submitted twice',
  wait: 'would make sbatch wait for the end of a job that is held until sbatch has answered',
  'test-only': 'would submit nothing',
  help: 'would submit nothing',
  usage: 'would submit nothing',
  version: 'would submit nothing',
  wrap: 'would run another command instead of this script',
  'export-file': "would replace the environment, in which the launcher's variables come",
  'ntasks-per-node': 'may give the job more processors than were approved',
  'ntasks-per-socket': 'may give the job more processors than were approved',
  'ntasks-per-core': 'may give the job more processors than were approved',
  'ntasks-per-gpu': 'may give the job more processors than were approved',
  mincpus: 'may give the job more processors than were approved',
  exclusive: 'would give the job whole nodes, which were not approved',
  uid: 'would run the job as somebody else',
  gid: 'would run the job as another group',
  'get-user-env': "would replace the environment, in which the launcher's variables come",
  deadline: 'would let Slurm end the job before the time that was approved',
  'time-min': 'would let Slurm give less time than was approved',
  'mem-per-cpu': 'stands against `--mem`, which the design is about',
  'mem-per-gpu': 'stands against `--mem`, which the design is about',
};

const OVERRULED: Readonly<Record<string, string>> = {
  chdir: 'the job runs in the project root',
  export: 'the launcher says what the job gets',
};

/** `end` is where a missing option is complained of. Without `compute`, only what holds for every design. */
export function directiveProblems(
  directives: readonly Directive[],
  end: Place,
  compute: Compute | undefined,
): RuleProblem[] {
  // The last one counts, as it does for sbatch.
  const given = new Map(directives.map((directive) => [directive.name, directive]));
  const wanted = compute === undefined ? [] : wantedOf(compute);
  return [
    ...REQUIRED.filter((name) => !given.has(name)).map((name) => {
      const value = wanted.find((one) => one.name === name)?.value ?? EXAMPLES[name];
      return error(end, `\`--${name}\` is missing; write: ${directiveLine(name, value)}`);
    }),
    ...directives.flatMap((directive) => generalProblems(directive)),
    ...wanted.flatMap((one) => compared(one, given.get(one.name), end)),
    ...(compute === undefined
      ? []
      : [...gpuProblems(directives, end, compute), ...requeueProblems(directives, compute)]),
  ];
}

const EXAMPLES = {
  'job-name': 'autolab-iter1',
  output: 'experiments/iter1/runs/any/logs/slurm-%j.out',
  error: 'experiments/iter1/runs/any/logs/slurm-%j.err',
  time: '00:30:00',
  mem: '4G',
} as const;

function error(place: Place, message: string): RuleProblem {
  return { line: place.line, column: place.column, message, severity: 'error' };
}

function directiveLine(name: string, value: string): string {
  return `#SBATCH --${name}=${sbatchQuote(value)}`;
}

function generalProblems(directive: Directive): RuleProblem[] {
  const { name, value } = directive;
  if (value === '') return [error(directive, `\`--${name}\` has an empty value`)];
  const forbidden = FORBIDDEN[name];
  if (forbidden !== undefined) return [error(directive, `\`--${name}\` ${forbidden}; remove it`)];
  const overruled = OVERRULED[name];
  if (overruled !== undefined)
    return [{ ...error(directive, `\`--${name}\` has no effect: ${overruled}`), severity: 'warning' }];
  if (name !== 'output' && name !== 'error') return [];
  // Backslashes keep Slurm from filling in %j.
  if (value !== null && !value.includes('\\') && /(?:^|\/)runs\/[^/]+\/logs\/[^/]+$/.test(value)) return [];
  return [
    error(
      directive,
      `\`--${name}\` must name a file under runs/…/logs/; write: ${directiveLine(name, EXAMPLES[name])}`,
    ),
  ];
}

interface Wanted {
  readonly name: string;
  /** Of `compute`, in the design. */
  readonly key: string;
  /** As an option takes it; null where the design does not say. */
  readonly value: string | null;
  readonly same: (given: string) => boolean;
}

function wantedOf(compute: Compute): Wanted[] {
  const text = (name: string, value: string | number | null, key = name): Wanted => ({
    name,
    key,
    value: value === null ? null : String(value),
    same: (given) => given === String(value),
  });
  const { time_seconds, memory_mb, nodes } = compute;
  return [
    {
      ...text('time', time_seconds === null ? null : slurmTime(time_seconds)),
      same: (given) => secondsOf(given) === time_seconds,
    },
    {
      ...text('mem', memory_mb === null ? null : slurmMemory(memory_mb), 'memory'),
      same: (given) => megabytesOf(given) === memory_mb,
    },
    text('cpus-per-task', compute.cpus, 'cpus'),
    text('partition', compute.partition),
    text('qos', compute.qos),
    text('account', compute.account),
    text('constraint', compute.constraint),
    { ...text('nodes', nodes), same: (given) => [String(nodes), `${String(nodes)}-${String(nodes)}`].includes(given) },
    text('ntasks', compute.ntasks),
    text('exclude', compute.exclude),
    text('reservation', compute.reservation),
    text('nice', compute.nice),
  ];
}

function secondsOf(text: string): number | null {
  const reading = readDuration(text);
  return reading.ok ? reading.seconds : null;
}

function megabytesOf(text: string): number | null {
  const reading = readMemory(text);
  return reading.ok ? reading.megabytes : null;
}

function compared({ name, key, value, same }: Wanted, directive: Directive | undefined, end: Place): RuleProblem[] {
  if (directive === undefined) {
    if (value === null || REQUIRED.some((required) => required === name)) return [];
    return [
      error(end, `the design says \`compute.${key}\`, and the script does not; write: ${directiveLine(name, value)}`),
    ];
  }
  if (value === null)
    return [
      error(
        directive,
        `\`--${name}\` is not in the design that was approved; remove it, or say it as \`compute.${key}\` there`,
      ),
    ];
  if (directive.value === '' || (directive.value !== null && same(directive.value))) return [];
  const found = directive.value === null ? 'no value' : JSON.stringify(directive.value);
  return [
    error(
      directive,
      `\`--${name}\` says ${found}, but the design that was approved says otherwise; write: ${directiveLine(name, value)}`,
    ),
  ];
}

const GPU_OPTIONS = ['gpus', 'gpus-per-node', 'gpus-per-task', 'gpus-per-socket'];

/** Which GPUs an option asks for: type and number; null where it is about something else. */
function gpusOf({ name, value }: Directive): { readonly type: string | null; readonly count: string } | null {
  if (value === null) return null;
  const text =
    name === 'gres'
      ? value
          .split(',')
          .find((one) => /^(?:gres[:/])?gpu(?:[:=/]|$)/.test(one))
          ?.replace(/^(?:gres[:/])?gpu[:=/]?/, '')
      : value;
  if (text === undefined || (name !== 'gres' && !GPU_OPTIONS.includes(name))) return null;
  const match = /^(?:(.*)[:=])?(\d+)$/.exec(text);
  if (match !== null) return { type: match[1] ?? null, count: match[2] ?? '' };
  return { type: text === '' ? null : text, count: '1' };
}

function gpuProblems(directives: readonly Directive[], end: Place, compute: Compute): RuleProblem[] {
  const { gpu_count, gpu_type, nodes, ntasks } = compute;
  const asked = directives.flatMap((directive) => {
    const gpus = gpusOf(directive);
    return gpus === null ? [] : [{ directive, ...gpus }];
  });
  const line = directiveLine('gres', slurmGres(compute));
  if (gpu_count === 0)
    return asked.map(({ directive }) =>
      error(
        directive,
        `\`--${directive.name}\` asks for GPUs, and the design that was approved does not; remove it, or say \`compute.gpu_count\` there`,
      ),
    );
  if (asked.length === 0)
    return [
      error(
        end,
        `the design says \`compute.gpu_count: ${String(gpu_count)}\`, and the script asks for no GPUs; write: ${line}`,
      ),
    ];
  return asked.flatMap(({ directive, type, count }) => {
    // The design's number is that of a node, as --gres counts.
    const unit =
      ['gres', 'gpus-per-node'].includes(directive.name) ||
      (directive.name === 'gpus' && (nodes ?? 1) === 1) ||
      (directive.name === 'gpus-per-task' && (ntasks ?? 1) === 1 && (nodes ?? 1) === 1);
    if (unit && count === String(gpu_count) && (type ?? null) === gpu_type) return [];
    return [
      error(directive, `\`--${directive.name}\` asks for other GPUs than the design that was approved; write: ${line}`),
    ];
  });
}

function requeueProblems(directives: readonly Directive[], { requeue }: Compute): RuleProblem[] {
  return directives
    .filter(({ name }) => name === (requeue ? 'no-requeue' : 'requeue'))
    .map((directive) =>
      error(
        directive,
        `\`--${directive.name}\` stands against the design that was approved (\`compute.requeue: ${String(requeue)}\`); write: #SBATCH --${requeue ? '' : 'no-'}requeue`,
      ),
    );
}
