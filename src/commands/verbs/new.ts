import { join, resolve } from 'node:path';
import type { LaunchEvent } from '../../events/events.ts';
import { lstatOrNull } from '../../platform/files.ts';
import { sentences } from '../../platform/sentence.ts';
import type { TasksWish } from '../../project/tasks/wished-tasks.ts';
import { STATE } from '../../records/paths.ts';
import {
  anyText,
  flag,
  maybeCount,
  maybeText,
  oneOf,
  type OptionRules,
  required,
  type Rule,
  text,
  texts,
} from '../check-options.ts';
import { newExperiment, type NewExperimentWish, planInNewProject } from '../new-experiment.ts';
import type { NewTasks } from '../new-tasks.ts';
import { type CommandResult, resultOfFailure, type VerbResult } from '../result.ts';
import { approveAndLaunch } from '../then-launch.ts';
import type { ProjectRoot, Verb } from '../verb.ts';
import { init } from './init.ts';
import { WAIT_RULES, type WaitOptions } from './launch.ts';

export interface NewOptions extends WaitOptions {
  /** Of the experiment: a name for its folder under `experiments/`. */
  readonly id: string;
  /** The words of the run's command; `{{run_dir}}` and the like are resolved at launch. Default: null, none yet. */
  readonly command?: readonly string[] | null;
  /** Default: null, what this host has. */
  readonly location?: 'local' | 'slurm' | null;
  /** Keys of `compute` in the design, such as `time`, `memory` and `gpu_count`; '' removes one of `from`. */
  readonly compute?: Readonly<Record<string, string | number | boolean>>;
  /** What is measured: `NAME:max` or `NAME:min`, then further names. */
  readonly metrics?: readonly string[];
  /** The file in the run's folder that has them. Default: null, `metrics.json`. */
  readonly metricsFile?: string | null;
  /** What to compare with: `NAME=VALUE`, values of the first metric. */
  readonly baselines?: readonly string[];
  /** Files that must be in the run's folder at the end. */
  readonly artifacts?: readonly string[];
  /** Data that the run reads: files, folders and patterns. */
  readonly inputs?: readonly string[];
  /** Many tasks in one run, all combinations: `NAME=VALUE,VALUE` each; `{{task.NAME}}` in the command. */
  readonly grid?: readonly string[];
  /** Or one task a line of this .csv, .tsv or .jsonl file; copied beside the design if it is outside of the project. */
  readonly list?: string | null;
  /** Tasks at the same time. */
  readonly maxParallel?: number | null;
  /** After so many failures, what has not begun is not started. */
  readonly maxFailures?: number | null;
  /** So many jobs share the tasks. */
  readonly workers?: number | null;
  /** What is expected, or the id of a hypothesis of the backlog. */
  readonly hypothesis?: string | null;
  readonly successMetric?: string | null;
  readonly targetDelta?: string | number | null;
  /** Take the design of this experiment; the other options are laid over it. */
  readonly from?: string | null;
  /** Who asks for it, for the record; needed to launch. */
  readonly by?: string | null;
  /** Why, for the record. */
  readonly note?: string | null;
  /** The key file to sign the approval with. Default: null, git's `user.signingkey`, else the agent's key. */
  readonly key?: string | null;
  /** Approve it and launch it, too; the result is the launch's. Default: false. */
  readonly launch?: boolean;
}

export interface NewResult extends VerbResult {
  /** The files that were made or changed; empty if all was there. */
  readonly created?: readonly string[];
  /** The path of design.yaml. */
  readonly design?: string;
  readonly location?: 'local' | 'slurm';
  /** Null if the run has one task. */
  readonly tasks?: NewTasks | null;
}

const NAME = 'new';

const maybeTexts: Rule = {
  takes: 'an array of strings, at least one, or null',
  accepts: (value) => value === null || (texts.accepts(value) && (value as readonly string[]).length > 0),
};
const scalars: Rule = {
  takes: 'an object of strings, numbers and booleans',
  accepts: (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((one) => ['string', 'number', 'boolean'].includes(typeof one)),
};
const maybeNumber: Rule = {
  takes: 'a number, its text, or null',
  accepts: (value) => value === null || ['string', 'number'].includes(typeof value),
};

const options: OptionRules<NewOptions> = {
  ...WAIT_RULES,
  id: required(anyText),
  command: maybeTexts,
  location: oneOf('local', 'slurm', null),
  compute: scalars,
  metrics: texts,
  metricsFile: maybeText,
  baselines: texts,
  artifacts: texts,
  inputs: texts,
  grid: texts,
  list: maybeText,
  maxParallel: maybeCount,
  maxFailures: maybeCount,
  workers: maybeCount,
  hypothesis: maybeText,
  successMetric: maybeText,
  targetDelta: maybeNumber,
  from: maybeText,
  by: maybeText,
  note: maybeText,
  key: maybeText,
  launch: flag,
};

type Emit = (event: LaunchEvent) => unknown;

export const createExperiment: Verb<NewOptions, ProjectRoot, LaunchEvent> = {
  name: NAME,
  options,
  perform: (place, given, emit) => createThenLaunch(place, given, emit),
};

async function createThenLaunch(place: ProjectRoot, given: NewOptions, emit: Emit): Promise<CommandResult> {
  const wish = wishOf(given);
  const made = await newExperiment(place.root, wish);
  if (!wish.toLaunch || made.outcome !== 'ok') return made;
  return approveAndLaunch(place, made, { by: wish.by ?? '', note: wish.note, key: given.key ?? null }, given, emit);
}

export interface NewInFolderOptions extends NewOptions {
  /** The folder; a project is made in it if it is none. */
  readonly directory: string;
}

/** The same in a folder that may be no project yet: whatever is wrong with the call is said before one is made. */
export const createInFolder: Verb<NewInFolderOptions, null, LaunchEvent> = {
  name: NAME,
  options: { ...options, directory: required(text) },
  perform: async (_place, { directory, ...given }, emit) => {
    const root = resolve(directory);
    const wish = wishOf(given);
    if (lstatOrNull(join(root, STATE)) !== null) return createThenLaunch({ root }, given, emit);
    const planned = await planInNewProject(root, wish);
    if (!planned.ok) return resultOfFailure(NAME, planned.failure);
    const project = await init.perform(null, { directory: root }, () => undefined);
    if (project.outcome !== 'ok') return { ...project, command: NAME };
    const made = await createThenLaunch({ root }, given, emit);
    return { ...made, message: sentences(project.message, made.message) };
  },
};

function tasksWishOf({
  grid = [],
  list = null,
  maxParallel = null,
  maxFailures = null,
  workers = null,
}: NewOptions): TasksWish {
  return { grid, list, maxParallel, maxFailures, workers };
}

function wishOf(given: NewOptions): NewExperimentWish {
  return {
    id: given.id,
    command: given.command ?? null,
    location: given.location ?? null,
    compute: given.compute ?? {},
    metrics: given.metrics ?? [],
    metricsFile: given.metricsFile ?? null,
    baselines: given.baselines ?? [],
    artifacts: given.artifacts ?? [],
    inputs: given.inputs ?? [],
    tasks: tasksWishOf(given),
    hypothesis: given.hypothesis ?? null,
    successMetric: given.successMetric ?? null,
    targetDelta: given.targetDelta ?? null,
    from: given.from ?? null,
    toLaunch: given.launch === true,
    by: given.by ?? null,
    note: given.note ?? null,
  };
}
