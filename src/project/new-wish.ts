import { shown } from '../documents/excerpt.ts';
import { problemOfFile } from '../documents/located.ts';
import { nameOf } from '../documents/pointer.ts';
import { yamlDocument } from '../documents/yaml-document.ts';
import type { Code } from '../errors/catalog.ts';
import type { Problem } from '../errors/problem.ts';
import { type Backlog } from './backlog.ts';
import { type NewHypothesisEntry } from './backlog-add.ts';
import { type Design, readDesign } from './design.ts';
import { checkPathId } from './ids.ts';
import { designText, type NewDesign } from './new-design.ts';
import { designFileOf } from './read.ts';
import { type TasksWish, wishedTasks } from './tasks/wished-tasks.ts';
import { computeOver } from './wished-compute.ts';
import { type HypothesisWish, wishedHypothesis } from './wished-hypothesis.ts';
import { type ComplainOfOption, wishedBaselines, wishedMetrics } from './wished-metrics.ts';

/** From the options of `autolab new` to a design, or everything that is wrong with them. Pure. */

export interface NewWish extends HypothesisWish {
  /** The words of the run's command; null for that of `source`, or none yet. */
  readonly command: readonly string[] | null;
  readonly location: 'local' | 'slurm';
  /** Keys of `compute`; an empty text removes a key of the source. */
  readonly compute: Readonly<Record<string, string | number | boolean>>;
  /** `NAME:max`, `NAME:min`; further names without a direction. */
  readonly metrics: readonly string[];
  readonly metricsFile: string | null;
  /** `NAME=VALUE`. */
  readonly baselines: readonly string[];
  readonly artifacts: readonly string[];
  /** Paths of data. */
  readonly inputs: readonly string[];
  readonly tasks: TasksWish;
}

export interface WishedDesign {
  /** Of design.yaml. */
  readonly text: string;
  /** Null if there is no command yet, or something is wrong. */
  readonly design: Design | null;
  /** To be added to the backlog; null if there is none, or it has it already. */
  readonly hypothesis: NewHypothesisEntry | null;
  readonly hypothesisId: string | null;
  /** Errors and warnings; nothing may be written if there is an error. */
  readonly problems: readonly Problem[];
}

/** `source`: the design that the options are laid over; null if there is none. */
export function wishedDesign(wish: NewWish, source: NewDesign | null, backlog: Backlog): WishedDesign {
  const reason = checkPathId(wish.id);
  // An id that is refused must not break the rest, too.
  const { id } = reason === null ? wish : { id: 'ID' };
  const file = designFileOf(id);
  const problems: Problem[] = [];
  const wrong = (pointer: string, message: string, code: Code = 'value.invalid'): void => {
    problems.push({ ...problemOfFile(file, code, message), pointer });
  };
  if (reason !== null) wrong('/id', `the id ${shown(wish.id)} ${reason}`, 'path.unsafe_id');
  const { metrics, primary } = wishedMetrics(wish.metrics, wish.metricsFile, source, wrong);
  const { entry, id: hypothesisId } = wishedHypothesis({ ...wish, id }, backlog.hypotheses, primary, wrong);
  checkBytes(wish.command ?? [], wrong);
  const asked = {
    ...laidOver({ ...wish, id }, source ?? NO_SOURCE),
    hypothesisId: hypothesisId ?? source?.hypothesisId ?? null,
    tasks: wishedTasks(wish.tasks, source?.tasks ?? null, wrong),
    metrics,
    ...(wish.baselines.length === 0 ? {} : { baselines: wishedBaselines(wish.baselines, primary, wrong) }),
  };
  const text = designText(asked);
  const read = readDesign(yamlDocument(text, file));
  const own = read.problems.filter(
    ({ pointer }) => !isOfIds(pointer) && !(asked.entrypoint === null && pointer === '/entrypoint'),
  );
  return {
    text,
    design: read.value,
    hypothesis: entry,
    hypothesisId: asked.hypothesisId,
    problems: [...problems, ...own.map((problem) => inWordsOfTheCall(problem, file))],
  };
}

const NO_SOURCE: NewDesign = {
  id: '',
  hypothesisId: null,
  entrypoint: null,
  tasks: null,
  compute: {},
  artifacts: [],
  metrics: null,
  baselines: null,
  others: {},
};

function laidOver(wish: NewWish, source: NewDesign): NewDesign {
  const { id, command, artifacts, inputs, location } = wish;
  return {
    ...source,
    id,
    entrypoint: command === null ? source.entrypoint : { kind: 'command', argv: command },
    compute: { ...computeOver(source.compute, wish.compute), location },
    artifacts:
      artifacts.length === 0 ? source.artifacts : artifacts.map((path) => ({ path, required: true, from: null })),
    others: inputs.length === 0 ? source.others : { ...source.others, inputs },
  };
}

/** The id was checked before. */
function isOfIds(pointer: string | null): boolean {
  return pointer === '/id' || pointer === '/iteration_id';
}

/** The file is not there yet: the option is named, and no line. */
export function inWordsOfTheCall(problem: Problem, file: string): Problem {
  const { pointer, message } = problem;
  const name = shown(nameOf(pointer ?? ''));
  const words = message.startsWith(`${name} `) ? `${optionAt(pointer ?? '')}${message.slice(name.length)}` : message;
  return { ...problem, file, line: null, column: null, message: words };
}

const OPTIONS: Readonly<Record<string, string>> = {
  '/compute/location': '`--on`',
  '/compute/time': '`--time`',
  '/compute/memory': '`--memory`',
  '/compute/cpus': '`--cpus`',
  '/compute/gpu_count': '`--gpus`',
  '/compute/gpu_type': '`--gpu-type`',
  '/compute/nodes': '`--nodes`',
  '/compute/ntasks': '`--ntasks`',
  '/compute/partition': '`--partition`',
  '/compute/qos': '`--qos`',
  '/compute/account': '`--account`',
  '/compute/constraint': '`--constraint`',
};

/** What the user typed for a value of the design. */
function optionAt(pointer: string): string {
  const option = OPTIONS[pointer];
  if (option !== undefined) return option;
  const [, part = '', key = '', index] = pointer.split('/');
  if (part === 'entrypoint') return index === undefined ? 'the command' : `word ${Number(index) + 1} of the command`;
  if (part === 'compute') return `\`compute.${key}\``;
  if (part === 'artifacts') return '`--artifact`';
  if (part === 'inputs') return '`--input`';
  if (part === 'tasks') return taskOptionAt(key, index);
  if (part === 'metrics') return '`--metric`';
  return part === 'baselines' ? '`--baseline`' : `\`${part}\``;
}

/** `name`: of a parameter. */
function taskOptionAt(key: string, name: string | undefined): string {
  if (key === 'file') return '`--list`';
  if (key === 'grid' || key === '') return name === undefined ? '`--grid`' : `\`--grid ${shown(name).slice(1)}`;
  return `\`--${key.replaceAll('_', '-')}\``;
}

/** Node turns bytes that are not UTF-8 into this character: the program would not get the user's bytes. */
function checkBytes(command: readonly string[], wrong: ComplainOfOption): void {
  for (const [index, word] of command.entries())
    if (word.includes('\uFFFD'))
      wrong(`/entrypoint/command/${index}`, `word ${index + 1} of the command is not UTF-8 text; write it so`);
}

/** Null for anything that is no location. */
export function locationOf(value: unknown): NewWish['location'] | null {
  return value === 'local' || value === 'slurm' ? value : null;
}
