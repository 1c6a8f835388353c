import { dirname, join, resolve } from 'node:path';
import { failureOf } from '../../errors/failure.ts';
import { findProject, newInFolder, type NewOptions, type NewResult, openProject, ProjectError } from '../../index.ts';
import { lstatOrNull } from '../../platform/files.ts';
import { quotePosix } from '../../platform/quoting.ts';
import { sentences } from '../../platform/sentence.ts';
import { type CommandContext, type CommandHandler, type Options, UsageError } from '../command.ts';
import { drive, waitOptions } from '../driving.ts';
import { flag, list, oneOf, text, wholeNumber } from '../options.ts';

export const newExperiment: CommandHandler = async (ctx, words, options) => {
  const given = givenOptions(words[0] ?? '', ctx.command, options);
  return { result: await drive(ctx, 'new', (steering) => make(ctx, { ...given, ...steering }, flag(options, 'init'))) };
};

async function make(ctx: CommandContext, given: NewOptions, init: boolean): Promise<NewResult> {
  const directory = resolve(ctx.directory ?? '.');
  const root = findProject(directory);
  if (root !== null) {
    const own = init ? repositoryBelow(root, directory) : null;
    if (own !== null)
      throw new UsageError(
        `${own} is a git repository of its own inside of the project ${root}; make a project there (cd ${quotePosix(own)} && autolab init), or name the one around it (autolab -C ${quotePosix(root)} new ID)`,
      );
    const made = await (init ? newInFolder({ ...given, directory: root }) : openProject(root).new(given));
    return root === directory ? made : { ...made, message: sentences(made.message, `The project: ${root}.`) };
  }
  if (init) return newInFolder({ ...given, directory });
  throw new ProjectError(
    failureOf('project.not_found', {
      message: `There is no autolab project in ${directory} or above it.`,
      hint: 'Create one: autolab init; or let this command do it, too: --init',
    }),
  );
}

/** The git repository that a folder is in, if it is a smaller one than the project; null otherwise. */
function repositoryBelow(root: string, folder: string): string | null {
  for (let at = folder; at !== root && at !== dirname(at); at = dirname(at))
    if (lstatOrNull(join(at, '.git')) !== null) return at;
  return null;
}

/** The options that are a key of `compute` each. */
const COMPUTE: Readonly<Record<string, string>> = {
  time: 'time',
  memory: 'memory',
  cpus: 'cpus',
  gpus: 'gpu_count',
  gpuType: 'gpu_type',
  nodes: 'nodes',
  ntasks: 'ntasks',
  partition: 'partition',
  qos: 'qos',
  account: 'account',
  constraint: 'constraint',
};

function givenOptions(id: string, command: readonly string[] | null, options: Options): NewOptions {
  return {
    id,
    command: command?.length === 0 ? null : command,
    location: oneOf(options, 'on', ['local', 'slurm']),
    compute: computeOf(options),
    metrics: list(options, 'metric'),
    metricsFile: text(options, 'metricsFile'),
    baselines: list(options, 'baseline'),
    artifacts: list(options, 'artifact'),
    inputs: list(options, 'input'),
    grid: list(options, 'grid'),
    list: fileOf(options, 'list'),
    maxParallel: wholeNumber(options, 'maxParallel'),
    maxFailures: wholeNumber(options, 'maxFailures'),
    workers: wholeNumber(options, 'workers'),
    hypothesis: text(options, 'hypothesis'),
    successMetric: text(options, 'successMetric'),
    targetDelta: text(options, 'targetDelta'),
    from: text(options, 'from'),
    by: text(options, 'by'),
    note: text(options, 'note'),
    key: text(options, 'key'),
    launch: flag(options, 'launch'),
    ...waitOptions(options),
  };
}

/** As the user sees it, from the folder of the call. */
function fileOf(options: Options, name: string): string | null {
  const file = text(options, name);
  return file === null || file === '' ? file : resolve(file);
}

function computeOf(options: Options): Readonly<Record<string, string>> {
  const own = Object.entries(COMPUTE).flatMap(([name, key]) => {
    const value = text(options, name);
    return value === null ? [] : [[key, value] as const];
  });
  return Object.fromEntries([...own, ...list(options, 'compute').map(pairOf)]);
}

/** `nodelist=n1`. */
function pairOf(word: string): readonly [key: string, value: string] {
  const at = word.indexOf('=');
  if (at <= 0) throw new UsageError(`--compute takes KEY=VALUE, not ${JSON.stringify(word)}`);
  return [word.slice(0, at), word.slice(at + 1)];
}
