import { listed, shown } from '../documents/excerpt.ts';
import type { Entrypoint } from './design-entrypoint.ts';
import type { NewDesign } from './new-design.ts';
import { taskPlaceholders } from './placeholders.ts';
import { changeTasks } from './tasks/task-changes.ts';
import { computeOver } from './wished-compute.ts';

/** `--set KEY=VALUE`: another argument of the command, another key of `compute` or of `tasks`. Pure. */

export interface ChangedDesign {
  readonly design: NewDesign;
  /** What is wrong with the changes. */
  readonly problems: readonly string[];
}

export function changedDesign(given: NewDesign, sets: readonly string[]): ChangedDesign {
  const problems: string[] = [];
  let design = given;
  for (const set of sets) {
    const [, key = '', value = ''] = /^([^=]+)=(.*)$/s.exec(set) ?? [];
    const changed = key === '' ? `\`--set\` takes KEY=VALUE, not ${shown(set)}` : changeOne(design, key, value);
    if (typeof changed === 'string') problems.push(changed);
    else design = changed;
  }
  return { design, problems };
}

/** The changed design, or why it cannot be changed so. */
function changeOne(design: NewDesign, key: string, value: string): NewDesign | string {
  const compute = /^compute\.(.+)$/s.exec(key)?.[1];
  if (compute !== undefined) return { ...design, compute: computeOver(design.compute, { [compute]: value }) };
  const ofTasks = /^tasks\.(.+)$/s.exec(key)?.[1];
  if (ofTasks !== undefined) {
    const tasks = changeTasks(design.tasks, ofTasks, value);
    return typeof tasks === 'string' ? tasks : { ...design, tasks };
  }
  if (design.entrypoint === null) return `there is no command to set ${shown(key)} in`;
  const entrypoint = changeArgument(design.entrypoint, key.replace(/^args\./, ''), value);
  if (typeof entrypoint === 'string') return entrypoint;
  const lost = lostParameter(design.entrypoint, entrypoint);
  if (lost !== null)
    return `${shown(key)} has another value in each task, ${shown(`{{task.${lost}}}`)}; set the values of the tasks: --set tasks.grid.${lost}=${value}`;
  return { ...design, entrypoint };
}

/** A parameter of the tasks that the changed command does not name any more: its tasks would do the same twice. */
function lostParameter(before: Entrypoint, after: Entrypoint): string | null {
  const [was, is] = [before, after].map((entrypoint) => new Set(taskPlaceholders(JSON.stringify(entrypoint))));
  const lost = [...(was ?? [])].find((name) => /^task\.(?!index$)/.test(name) && is?.has(name) !== true);
  return lost?.slice('task.'.length) ?? null;
}

/** `use_amp` and `use-amp` are one argument. */
function plain(name: string): string {
  return name.replaceAll('-', '_');
}

function changeArgument(entrypoint: Entrypoint, name: string, value: string): Entrypoint | string {
  if (entrypoint.kind === 'module') {
    const key = Object.keys(entrypoint.args).find((one) => plain(one) === plain(name)) ?? plain(name);
    return { ...entrypoint, args: { ...entrypoint.args, [key]: typedArgument(value) } };
  }
  const argv = changeWords(entrypoint.argv, name, value);
  return typeof argv === 'string' ? argv : { kind: 'command', argv };
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/;

/** As YAML would read the plain word; a number whose spelling would change stays a text. */
function typedArgument(value: string): unknown {
  if (value === 'true' || value === 'false') return value === 'true';
  if (value === 'null') return null;
  return NUMBER.test(value) && String(Number(value)) === value ? Number(value) : value;
}

/** The words with another value for an argument; null if they do not have it, or several times. */
export function withArgument(argv: readonly string[], name: string, value: string): readonly string[] | null {
  const words = changeWords(argv, name, value);
  return typeof words === 'string' ? null : words;
}

interface Found {
  readonly index: number;
  readonly form: 'flag' | 'joined' | 'pair';
}

/** `--lr 0.1`, `--lr=0.1`, and the `lr=0.1` of Hydra. */
function changeWords(argv: readonly string[], name: string, value: string): readonly string[] | string {
  const found = argv.flatMap((word, index): readonly Found[] => {
    if (index === 0) return [];
    const [, dashes = '', own = '', joined] = /^(--?|)([^=]+)(=)?/s.exec(word) ?? [];
    if (plain(own) !== plain(name)) return [];
    if (joined !== undefined) return [{ index, form: dashes === '' ? 'pair' : 'joined' }];
    return dashes === '' ? [] : [{ index, form: 'flag' }];
  });
  const [first, ...others] = found;
  if (first === undefined) {
    const names = argumentsOf(argv);
    const has = names.length === 0 ? 'it has no named argument' : `it has ${listed(names, 'and')}`;
    return `the command has no argument ${shown(name)}: ${has}; for another command: autolab new ID --from EXPERIMENT -- COMMAND`;
  }
  if (others.length > 0)
    return `the command has the argument ${shown(name)} ${found.length} times; write it anew: autolab new ID --from EXPERIMENT -- COMMAND`;
  return replaceAt(argv, first, value);
}

function replaceAt(argv: readonly string[], { index, form }: Found, value: string): readonly string[] | string {
  const word = argv[index] ?? '';
  const next = argv[index + 1];
  if (form !== 'flag') return argv.with(index, `${word.slice(0, word.indexOf('=') + 1)}${value}`);
  const isSwitch = /^(?:true|false)$/.test(value) && !/^(?:true|false|yes|no|on|off|[01])$/i.test(next ?? '');
  const isBare = isSwitch || next === undefined || /^--|^-[A-Za-z]|^[A-Za-z_][\w.]*=/.test(next);
  if (!isBare) return argv.with(index + 1, value);
  if (value === 'true') return argv;
  if (value === 'false') return argv.filter((_, at) => at !== index);
  return `the argument ${shown(word)} of the command has no value; set it to true or false`;
}

function argumentsOf(argv: readonly string[]): readonly string[] {
  return argv.slice(1).flatMap((word) => {
    const [, option, pair] = /^--?([A-Za-z][^=]*)|^([A-Za-z_][\w.]*)=/.exec(word) ?? [];
    return option ?? pair ?? [];
  });
}
