import { describe, expect, it } from 'vitest';
import { type Design, parseDesign } from '../../project/design.ts';
import { lintLocalScript } from '../lint.ts';
import { renderLocalScript } from '../local-script.ts';
import { LOCAL_PROLOGUE } from '../prologue.ts';
import { lintSlurmScript } from '../slurm-lint.ts';
import { SLURM_PROLOGUE } from '../slurm-prologue.ts';
import { renderSlurmScript } from '../slurm-script.ts';
import { TASKS_PROLOGUE } from './prologue.ts';

const ENTRY =
  'entrypoint: {command: [python, "t r.py", "--lr={{task.lr}}", "{{task.index}}", "{{task_dir}}/{{run_id}}"]}';
const TASKS = 'tasks: {grid: {lr: [0.1]}}';

function designOf(compute: string, ...lines: string[]): Design {
  const { value, problems } = parseDesign(['id: d1', 'iteration_id: iter1', compute, ...lines, ''].join('\n'), 'd');
  if (value === null) throw new Error(problems.map(({ message }) => message).join('\n'));
  return value;
}

const LOCAL = designOf('compute: {location: local, time: 5}', ENTRY, TASKS);
const SLURM = designOf('compute: {location: slurm, time: 5, memory: 1G, cpus: 2, ntasks: 3}', ENTRY, TASKS);
const ONE = designOf('compute: {location: local, time: 5}', 'entrypoint: {command: [python, train.py]}');
const PARTS = { activation: 'module load x', python: 'python3' };
const local = renderLocalScript({ ...PARTS, design: LOCAL });
const slurm = renderSlurmScript({ ...PARTS, design: SLURM, runId: 'r1' });

function linted(text: string, design = LOCAL): string[] {
  const options = { maxLines: 160, activation: PARTS.activation, python: 'python3', design };
  return lintLocalScript(text, 'run_local.sh', options).map(
    ({ line, column, message }) => `${String(line)}:${String(column)} ${message}`,
  );
}

function lintedForSlurm(text: string, design = SLURM): string[] {
  const options = { maxLines: 120, activation: PARTS.activation, python: 'python3', design };
  return lintSlurmScript(text, 'run_slurm.sbatch', options).map(({ line, message }) => `${String(line)} ${message}`);
}

describe('scripts for many tasks', () => {
  it('have the tasks in a function, and run them at the end', () => {
    expect(local).toMatchSnapshot();
    expect(slurm).toMatchSnapshot();
  });

  it('follow the rules as they are rendered', () => {
    expect(linted(local)).toEqual([]);
    expect(lintedForSlurm(slurm)).toEqual([]);
  });

  it('pass the values of a module as one word with their flag: one may begin with a dash', () => {
    const entry = 'entrypoint: {module: m, args: {lr: "{{ task.lr }}", out: "x{{task.lr}}", dir: "{{task_dir}}"}}';
    const text = renderLocalScript({ ...PARTS, design: designOf('compute: {location: local, time: 5}', entry, TASKS) });
    expect(text).toContain(
      'autolab_run python3 -m m --dir "${AUTOLAB_TASK_DIR}" --lr="${autolab_task_lr}" --out x"${autolab_task_lr}"\n',
    );
  });
});

describe('a script for many tasks that was written by hand', () => {
  it('may do other work before and after', () => {
    const text = local
      .replace('autolab_task() {', 'export SEED=1\nfunction autolab_task {\n  cd "$AUTOLAB_TASK_DIR"')
      .replace(/\nautolab_tasks\n$/, '\nautolab_tasks || status=$?\necho "$status"\n');
    expect(linted(text)).toEqual([]);
  });

  it('must run the tasks', () => {
    const text = local.replace(/\nautolab_tasks\n$/, '\n');
    const line = text.trimEnd().split('\n').length;
    const message = 'the tasks are never run: after the function `autolab_task`, write the line `autolab_tasks`';
    expect(linted(text)).toEqual([`${line}:2 ${message}`]);
    expect(linted(local.replace(/\nautolab_tasks\n$/, '\nautolab_tasks_all\n'))[0]).toContain(message);
    expect(lintedForSlurm(slurm.replace(/\nautolab_tasks\n$/, '\n'))[0]).toContain(message);
  });

  it('must have the function', () => {
    const text = local.replace('autolab_task() {', 'other() {');
    expect(linted(text)[0]).toMatch(
      /the function that runs one task is missing; write: "autolab_task\(\) \{\\n {2}autolab_run python 't r.py'/,
    );
  });

  it('must start the entrypoint in the function', () => {
    const command = / {2}(autolab_run .*)\n/.exec(local)?.[1] ?? '';
    const message =
      'the entrypoint is run outside of the function `autolab_task`, not once for each task; move it there';
    expect(linted(local.replace('autolab_task() {', `${command}\nautolab_task() {`)).at(-1)).toContain(message);
    expect(linted(`${local}${command}\n`).at(-1)).toContain(message);
  });

  it('has the prologue that its design needs', () => {
    const other =
      'begins the prologue of a script for one task, and the design has `tasks`; replace it (`autolab lint-script --prologue tasks` prints it)';
    expect(linted(local.replace(TASKS_PROLOGUE, LOCAL_PROLOGUE))[0]).toContain(other);
    expect(lintedForSlurm(slurm.replace(TASKS_PROLOGUE, SLURM_PROLOGUE))[0]).toContain(other);
    const none =
      'begins the prologue of a script for many tasks, and the design has none; replace it (`autolab lint-script --prologue` prints it)';
    const one = renderLocalScript({ ...PARTS, design: ONE }).replace(LOCAL_PROLOGUE, TASKS_PROLOGUE);
    expect(linted(one, ONE)[0]).toContain(none);
  });

  it('is judged by itself without a design', () => {
    const options = { maxLines: 160 };
    expect(lintLocalScript(local, 'run_local.sh', options)).toEqual([]);
    expect(lintLocalScript(local.replace(/\nautolab_tasks\n$/, '\n'), 'run_local.sh', options)).toHaveLength(1);
  });
});
