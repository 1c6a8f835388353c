import type { Place } from '../documents/positions.ts';
import { SITE_MEMORY } from '../project/compute/memory.ts';
import type { Compute } from '../project/design.ts';
import { readDuration } from '../project/durations.ts';
import { readMemory } from '../project/memory.ts';
import { BREAKS_LAUNCH } from '../project/sbatch-owned.ts';
import { directiveLine, passedOn, type RequestedOption, requestOf } from './directives.ts';
import { gpuProblems } from './gpu-rules.ts';
import { error, type RuleProblem } from './rule-problem.ts';
import type { Directive } from './sbatch-directives.ts';

/**
 * The rules for the options of a Slurm script: they must agree with the design, and must not break the launch. Pure.
 */

const REQUIRED = ['job-name', 'output', 'error', 'time'] as const;
/** One of these sets the memory. */
const MEMORY = ['mem', 'mem-per-cpu', 'mem-per-gpu'] as const;

/** Allowed only if the design sets them. */
const NOT_APPROVED: Readonly<Record<string, string>> = {
  'ntasks-per-node': 'may give the job more processors than were approved',
  'ntasks-per-socket': 'may give the job more processors than were approved',
  'ntasks-per-core': 'may give the job more processors than were approved',
  'ntasks-per-gpu': 'may give the job more processors than were approved',
  mincpus: 'may give the job more processors than were approved',
  exclusive: 'would give the job whole nodes, which were not approved',
};
const CLUSTERS = 'would send the job to a cluster that autolab does not query, so that it could be submitted twice';

/** They do not change the result: a script that was written by hand may set them without the design. */
const FREE = ['begin', 'comment', 'mail-type', 'mail-user', 'wckey'];

const OVERRULED: Readonly<Record<string, string>> = {
  chdir: 'the job runs in the project root',
  export: "autolab sets the job's environment",
};

/**
 * `end`: the place for the message about a missing option. Without `compute`, only the rules for every design apply;
 * whether the design leaves the memory to the site must be passed then.
 */
export function directiveProblems(
  directives: readonly Directive[],
  end: Place,
  compute: Compute | undefined,
  siteMemory = compute?.memory === SITE_MEMORY,
): RuleProblem[] {
  // The last one counts, as for sbatch.
  const given = new Map(directives.map((directive) => [directive.name, directive]));
  const wanted = compute === undefined ? [] : wantedOf(compute);
  return [
    ...REQUIRED.filter((name) => !given.has(name)).map((name) => {
      const value = wanted.find((one) => one.name === name)?.value ?? EXAMPLES[name];
      return error(end, `\`--${name}\` is missing; write: ${directiveLine(name, value)}`);
    }),
    ...memoryProblems(given, end, compute, siteMemory),
    ...directives.flatMap((directive) => generalProblems(directive)),
    ...(compute === undefined ? [] : notApproved(directives, wanted)),
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

/** One form of memory, the design's; only `memory: site` allows none. Values are compared below. */
function memoryProblems(
  given: ReadonlyMap<string, Directive>,
  end: Place,
  compute: Compute | undefined,
  siteMemory: boolean,
): readonly RuleProblem[] {
  const found = MEMORY.flatMap((name) => given.get(name) ?? []);
  if (siteMemory)
    return found.map((directive) =>
      error(directive, `\`--${directive.name}\` is given, and the design leaves the memory to the site; remove it`),
    );
  const form =
    compute === undefined
      ? undefined
      : requestOf(compute).find(({ name, value }) => isMemoryOption(name) && value !== null);
  const line = form === undefined ? directiveLine('mem', EXAMPLES.mem) : directiveLine(form.name, form.value);
  if (found.length === 0) return [error(end, `\`--${form?.name ?? 'mem'}\` is missing; write: ${line}`)];
  if (form === undefined)
    return found
      .slice(1)
      .map((directive) =>
        error(directive, `\`--${directive.name}\` conflicts with \`--${found[0]?.name ?? ''}\`; remove one`),
      );
  return found
    .filter(({ name }) => name !== form.name)
    .map((directive) =>
      error(directive, `\`--${directive.name}\` contradicts \`compute.${form.key}\` of the design; write: ${line}`),
    );
}

function isMemoryOption(name: string): boolean {
  return MEMORY.some((one) => one === name);
}

function notApproved(directives: readonly Directive[], wanted: readonly Wanted[]): RuleProblem[] {
  return directives.flatMap((directive) => {
    const reason = NOT_APPROVED[directive.name];
    if (reason === undefined || wanted.some(({ name, value }) => name === directive.name && value !== null)) return [];
    return [error(directive, `\`--${directive.name}\` ${reason}; remove it`)];
  });
}

function generalProblems(directive: Directive): RuleProblem[] {
  const { name, value } = directive;
  if (value === '') return [error(directive, `\`--${name}\` has an empty value`)];
  const forbidden = name === 'clusters' ? CLUSTERS : BREAKS_LAUNCH[name];
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

interface Wanted extends RequestedOption {
  readonly same: (given: string) => boolean;
}

/** Options that must agree with the design. GPUs can be requested in several ways, and have their own rules. */
function wantedOf(compute: Compute): Wanted[] {
  const { nodes } = compute;
  const same = ({ name, value }: RequestedOption) => {
    if (name === 'time') return (given: string) => secondsOf(given) === compute.time_seconds;
    if (isMemoryOption(name)) return (given: string) => value !== null && megabytesOf(given) === megabytesOf(value);
    if (name === 'nodes')
      return (given: string) => [String(nodes), `${String(nodes)}-${String(nodes)}`].includes(given);
    if (name === 'mail-type') return (given: string) => given.toUpperCase() === value;
    return (given: string) => given === value;
  };
  const passed = passedOn(compute).map(({ name, value }) => ({ name, key: 'sbatch_options', value: value ?? '' }));
  return [
    ...requestOf(compute).filter(({ name }) => name !== 'gres' && !passed.some((one) => one.name === name)),
    ...passed,
  ].map((asked) => ({ ...asked, same: same(asked) }));
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
    if (value === null || name === 'time' || isMemoryOption(name)) return [];
    return [
      error(end, `the design sets \`compute.${key}\`, and the script does not; write: ${directiveLine(name, value)}`),
    ];
  }
  if (value === null) {
    if (FREE.includes(name) || NOT_APPROVED[name] !== undefined || isMemoryOption(name)) return [];
    return [
      error(directive, `\`--${name}\` is not in the approved design; remove it, or set \`compute.${key}\` there`),
    ];
  }
  if (
    value === ''
      ? directive.value === null
      : directive.value === '' || (directive.value !== null && same(directive.value))
  )
    return [];
  const found = directive.value === null ? 'no value' : JSON.stringify(directive.value);
  return [
    error(
      directive,
      `\`--${name}\` says ${found}, but the approved design says otherwise; write: ${directiveLine(name, value)}`,
    ),
  ];
}

function requeueProblems(directives: readonly Directive[], { requeue }: Compute): RuleProblem[] {
  return directives
    .filter(({ name }) => name === (requeue ? 'no-requeue' : 'requeue'))
    .map((directive) =>
      error(
        directive,
        `\`--${directive.name}\` contradicts the approved design (\`compute.requeue: ${String(requeue)}\`); write: #SBATCH --${requeue ? '' : 'no-'}requeue`,
      ),
    );
}
