import { locate, type LocatedDocument, valueAt, writtenAt } from '../../documents/located.ts';
import { readSource } from '../../documents/source.ts';
import { yamlDocument } from '../../documents/yaml-document.ts';
import { failureOf, type Recommendation } from '../../errors/failure.ts';
import { entrypointWords, shellWords } from '../../launch-scripts/entrypoint.ts';
import { now } from '../../platform/time.ts';
import { type Compute, readDesign } from '../../project/design.ts';
import { designFileOf } from '../../project/read.ts';
import { commandParts } from '../../records/command-parts.ts';
import { projectManifest } from '../../records/projection.ts';
import { queueTimes } from '../../records/queue-times.ts';
import type { RunView } from '../../records/run-view.ts';
import { listRuns } from '../../run/claim.ts';
import { lightState } from '../../run/light-state.ts';
import { peekRun } from '../../run/session.ts';
import { adviceFrom, type AskedLimits, LEAST_RUNS, type UsageAdvice, type UsedRun } from '../looks/advice.ts';
import { type CommandResult, resultOfFailure, succeed, type VerbResult } from '../result.ts';
import type { NoOptions, Verb } from '../verb.ts';

export interface AdviseResult extends VerbResult {
  /** Whose runs were looked at: the command without its arguments. */
  readonly program?: string;
  /** How many runs of it were looked at, of every experiment; those that say nothing are left out. */
  readonly runs_considered?: number;
  /** With fewer completed runs a smaller request is never advised. */
  readonly runs_needed?: number;
  /** One for each recommendation, in their order. */
  readonly advice?: readonly AdvisedEdit[];
}

/** A change of the design, and where. */
export interface AdvisedEdit extends UsageAdvice {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly pointer: string;
  readonly current: string;
}

const NAME = 'advise';

/** Reads the design of the current experiment and all records. Writes nothing. */
export const advise: Verb<NoOptions> = {
  name: NAME,
  options: {},
  perform: ({ root }) => {
    const state = lightState(root);
    if (state === null) return resultOfFailure(NAME, failureOf('state.invalid'));
    const file = designFileOf(state.iteration_id);
    const source = readSource(root, file);
    const document = source.text === null ? null : yamlDocument(source.text, file);
    const design = document === null ? null : readDesign(document, 'launch');
    if (document === null || design?.value === undefined || design.value === null)
      return resultOfFailure(
        NAME,
        failureOf('design.invalid', {
          message: `${file} cannot be read.`,
          problems: design?.problems ?? source.problems,
        }),
        { outcome: 'refused', iteration_id: state.iteration_id },
      );
    const { entrypoint, compute } = design.value;
    const words = shellWords(entrypointWords(entrypoint, 'python'));
    const { program } = commandParts({ run_id: '', entrypoint: { ...NO_SCRIPT, template: words, argv: [] } });
    const runs = runsOf(root, program, compute.location);
    const advice = adviceFrom(runs, limitsOf(compute)).map((one): AdvisedEdit => {
      const { pointer, current } = placeOf(document, one.resource);
      return { ...one, file, ...locate(document, pointer), pointer, current };
    });
    return answer(state.iteration_id, { program, runs, advice });
  },
};

const NO_SCRIPT = { script: '', script_sha256: '', script_source: 'rendered' } as const;

interface Advised {
  readonly program: string;
  readonly runs: readonly UsedRun[];
  readonly advice: readonly AdvisedEdit[];
}

function answer(iteration_id: string, { program, runs, advice }: Advised): CommandResult {
  const completed = runs.filter(({ end }) => end === 'completed').length;
  const recommendations = advice.map((one): Recommendation => {
    const { file, pointer, current, suggested, why } = one;
    return { file, pointer, current, suggested, why };
  });
  const message =
    advice.length > 0
      ? `${runs.length} run(s) of \`${program}\` speak for ${advice.length} change(s).`
      : completed < LEAST_RUNS
        ? `There is no advice: ${completed} completed run(s) of \`${program}\`; at least ${LEAST_RUNS} are needed to ask for less.`
        : `${runs.length} run(s) of \`${program}\` speak for no change.`;
  const hint = advice.length > 0 ? 'Edit the design, then: autolab approve --by WHO' : '';
  const details = { program, runs_considered: runs.length, runs_needed: LEAST_RUNS, advice };
  return succeed(
    NAME,
    { message, hint },
    { iteration_id, recommendations, details: details satisfies Partial<AdviseResult> },
  );
}

/** The runs of the same program in the same place, whatever their arguments; without those that say nothing. */
function runsOf(root: string, program: string, location: Compute['location']): readonly UsedRun[] {
  return listRuns(root).flatMap((name) => {
    const peek = peekRun(root, name);
    if (peek.kind !== 'run' || peek.view.opened.launch_mode !== location) return [];
    return commandParts(peek.view.opened).program === program ? usedBy(peek.view) : [];
  });
}

/** Of a run that was cancelled, lost or is open nothing is known. */
function usedBy(view: RunView): readonly UsedRun[] {
  const { usage, code } = projectManifest(view);
  const end = endOf(code ?? '');
  if (view.closed === null || end === null) return [];
  const { time_seconds, memory_mb, cpus } = usage.requested;
  return [
    {
      end,
      time_limit_seconds: time_seconds,
      running_seconds: queueTimes(view, now()).running_seconds,
      memory_limit_mb: memory_mb,
      peak_memory_bytes: usage.used.max_rss_bytes,
      cpus,
      cpu_seconds: usage.used.cpu_seconds,
    },
  ];
}

function endOf(code: string): UsedRun['end'] | null {
  if (code === 'run.completed' || code === 'run.accepted') return 'completed';
  if (/\.timeout$/.test(code)) return 'timeout';
  if (/\.out_of_memory$/.test(code)) return 'out_of_memory';
  return /\.failed$/.test(code) ? 'failed' : null;
}

function limitsOf({ time_seconds, memory_mb, cpus, nodes, ntasks, ntasks_per_node }: Compute): AskedLimits {
  return { time_seconds, memory_mb, cpus, spread: [nodes, ntasks, ntasks_per_node].some((count) => (count ?? 1) > 1) };
}

/** Older designs have other names for the same. */
const KEYS: Readonly<Record<UsageAdvice['resource'], readonly string[]>> = {
  time: ['time', 'walltime', 'walltime_estimate'],
  memory: ['memory', 'memory_estimate'],
  cpus: ['cpus'],
};

function placeOf(
  document: LocatedDocument,
  resource: UsageAdvice['resource'],
): Pick<AdvisedEdit, 'pointer' | 'current'> {
  const pointers = KEYS[resource].map((key) => `/compute/${key}`);
  const pointer = pointers.find((one) => valueAt(document, one) !== undefined) ?? `/compute/${resource}`;
  return { pointer, current: writtenAt(document, pointer, valueAt(document, pointer)).replace(/^(["'])(.*)\1$/, '$2') };
}
