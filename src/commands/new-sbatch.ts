import { resolve } from 'node:path';
import { shown } from '../documents/excerpt.ts';
import { problemOfFile } from '../documents/located.ts';
import type { Problem } from '../errors/problem.ts';
import { readDirectives } from '../launch-scripts/sbatch-directives.ts';
import { readDocument } from '../platform/document.ts';
import { quoteArgv } from '../platform/quoting.ts';
import type { Design } from '../project/design.ts';
import { entrypointScript } from '../project/entrypoint-script.ts';
import { KEY_OF_OPTION } from '../project/sbatch-owned.ts';

/** `#SBATCH` lines in the script that a command names: nobody reads them, because autolab submits a script of its own. */

const MOST_BYTES = 1024 * 1024;

/** Keys of `compute` with an option of `autolab new`. */
const OPTION_OF_KEY: Readonly<Record<string, string>> = {
  time: '--time',
  memory: '--memory',
  cpus: '--cpus',
  gpu_count: '--gpus',
  nodes: '--nodes',
  ntasks: '--ntasks',
  partition: '--partition',
  qos: '--qos',
  account: '--account',
  constraint: '--constraint',
};

/** What autolab does without being asked. */
const SET_ANYWAY = ['job-name', 'output', 'error', 'chdir', 'export', 'no-requeue', 'open-mode'];

/** A warning for each request that the design does not have; `given`: the keys of its `compute`. */
export function ignoredDirectives(root: string, design: Design | null, given: readonly string[]): readonly Problem[] {
  if (design === null || design.entrypoint.kind === 'module') return [];
  const script = entrypointScript(design.entrypoint.argv);
  const read = script === null ? null : readDocument(resolve(root, script), MOST_BYTES);
  if (script === null || read?.kind !== 'text') return [];
  const { directives } = readDirectives({ lines: read.text.split(/\r?\n/) });
  const { argv } = design.entrypoint;
  return directives
    .filter(({ name }) => !SET_ANYWAY.includes(name) && !given.includes(keyOf(name)))
    .map(({ name, value, line, column }) => ({
      ...problemOfFile(script, 'value.not_used', wordsFor(argv, name, value)),
      ...{ line, column, severity: 'warning' as const },
    }));
}

function keyOf(name: string): string {
  return name === 'gres' ? 'gpu_count' : (KEY_OF_OPTION[name] ?? name);
}

function wordsFor(argv: readonly string[], name: string, value: string | null): string {
  const line = shown(`#SBATCH --${name}${value === null ? '' : `=${value}`}`);
  return `${line} is ignored: autolab submits a script of its own; ${name === 'array' ? arrayAs(argv, value ?? '') : sameAs(name, value)}`;
}

function sameAs(name: string, value: string | null): string {
  const gpus = gpusIn(name, value ?? '');
  if (gpus !== null) return `write: ${quoteArgv(gpus)}`;
  const key = name === 'gres' ? undefined : KEY_OF_OPTION[name];
  const option = OPTION_OF_KEY[key ?? ''];
  if (option !== undefined) return `write: ${quoteArgv([option, value ?? ''])}`;
  if (key !== undefined) return `write: ${quoteArgv(['--compute', `${key}=${value ?? 'true'}`])}`;
  const whole = `--${name}${value === null ? '' : `=${value}`}`;
  return `write: ${quoteArgv(['--compute', `sbatch_options=${whole}`])}`;
}

/** `0-9%4` as options for tasks: the number of an element, which the script has in a variable of Slurm, becomes a word. */
function arrayAs(argv: readonly string[], value: string): string {
  const [, list = '', limit] = /^([^%]*)(?:%(\d+))?$/.exec(value) ?? [];
  const parts = list.split(',').map((part) => /^(\d{1,9})(?:-(\d{1,9})(?::(\d{1,9}))?)?$/.exec(part));
  const numbers = parts.map((part) => {
    const [, first = '', last, step] = part ?? [];
    // For a shell: `$(…)` stands for the numbers.
    return last === undefined ? first : `$(seq -s, ${first}${step === undefined ? '' : ` ${step}`} ${last})`;
  });
  const values = parts.includes(null) ? 'N,N,N' : numbers.join(',');
  const grid = values.includes('$') ? `--grid "i=${values}"` : `--grid i=${values}`;
  const most = limit === undefined ? '' : ` --max-parallel ${limit}`;
  const command = quoteArgv([...argv, '{{task.i}}']);
  return `write: ${grid}${most} -- ${command}; the script gets the number as its last argument, instead of $SLURM_ARRAY_TASK_ID`;
}

/** `gpu:a100:2` and `a100:2`; null for anything that is no number of GPUs. */
function gpusIn(name: string, value: string): readonly string[] | null {
  if (!['gres', 'gpus', 'gpus-per-node', 'gpus-per-task', 'gpus-per-socket'].includes(name)) return null;
  const text = name === 'gres' ? value : `gpu:${value}`;
  const parts = /^gpu(?::([A-Za-z][\w.-]*))?(?::(\d+))?$/.exec(text);
  if (parts === null) return null;
  const [, type, count = '1'] = parts;
  return type === undefined ? ['--gpus', count] : ['--gpus', count, '--gpu-type', type];
}
