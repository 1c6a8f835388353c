import type { Problem } from '../errors/problem.ts';
import type { Compute, Design } from '../project/design.ts';
import { directiveProblems } from './directive-rules.ts';
import { SLURM_PROLOGUE_1 } from './format-1/prologues.ts';
import {
  afterPrologue,
  at,
  atOffset,
  commonProblems,
  findEntrypoint,
  firstCommand,
  inOrder,
  isForTasks,
  isOfFormat1,
  type Kind,
  kindForTasks,
  type LintOptions,
  readScript,
  type Script,
} from './rules.ts';
import { readDirectives } from './sbatch-directives.ts';
import { SLURM_PROLOGUE, SLURM_PROLOGUE_BEGIN } from './slurm-prologue.ts';
import { runsOnManyTasks, starterFor, tasksOf } from './starter.ts';
import { tasksProblems } from './tasks/tasks-rules.ts';

/** The rules for `run_slurm.sbatch`, rendered or written by hand (R16). Pure; the caller lets bash check the syntax. */

export interface SlurmLintOptions extends LintOptions {
  /** The command and the requests that the script must agree with; not checked if left out. */
  readonly design?: Pick<Design, 'entrypoint' | 'compute'> & Partial<Pick<Design, 'tasks'>>;
  /** The one fact of the design that counts without one: the site decides about memory. */
  readonly siteMemory?: boolean;
}

/** Whether a script is for sbatch: by its name, else by its lines. */
export function isSlurmScript(text: string, file: string): boolean {
  if (file.endsWith('.sbatch')) return true;
  return !file.endsWith('run_local.sh') && /^#SBATCH/m.test(text);
}

/** Every broken rule, in the order of the lines. */
export function lintSlurmScript(text: string, file: string, options: SlurmLintOptions): Problem[] {
  const script = readScript(text, file);
  const old = isOfFormat1(options);
  const plain: Kind = {
    prologue: old ? SLURM_PROLOGUE_1 : SLURM_PROLOGUE,
    prologueBegin: old ? '# autolab prologue v1 slurm: begin' : SLURM_PROLOGUE_BEGIN,
    printIt: 'autolab lint-script --prologue slurm',
    starter: options.design === undefined ? '' : starterFor(options.design.compute),
    hasWrapper: !old,
    hasTasks: false,
  };
  const kind = !old && isForTasks(script.text, options) ? kindForTasks(plain) : plain;
  const after = afterPrologue(script, kind);
  return inOrder([
    ...commonProblems(text, script, kind, options),
    ...tasksProblems(script, kind, options),
    ...headerProblems(script, options),
    ...startProblems(script, after, options),
    ...trapProblems(script, after, options),
  ]);
}

function headerProblems(script: Script, { design, siteMemory }: SlurmLintOptions): Problem[] {
  const { directives, complaints } = readDirectives(script);
  const end = { line: Math.min(firstCommand(script.lines) + 1, script.lines.length), column: 1 };
  return [
    ...complaints.map(({ line, column, message }) => at(script.file, line, column, message)),
    ...directiveProblems(directives, end, design?.compute, siteMemory).map(({ line, column, message, severity }) => ({
      ...at(script.file, line, column, message),
      severity,
    })),
  ];
}

/** How the entrypoint is started: bash must be there when it ends, because bash writes the receipt. */
function startProblems(script: Script, after: number, options: SlurmLintOptions): Problem[] {
  const { file, text } = script;
  const found = findEntrypoint(script, after, options);
  if (found === null || options.design === undefined) return [];
  const problem = (message: string): Problem => atOffset(file, text, found.start, message);
  const { entrypoint, compute } = options.design;
  const withSrun = found.before.includes('srun') || runsOnManyTasks(compute);
  const colon = entrypoint.kind !== 'module' && entrypoint.argv.includes(':');
  return [
    ...(isOfFormat1(options) ? [] : taskProblems(found.before, compute).map(problem)),
    ...(isPiped(text, found.end) && !isOfFormat1(options)
      ? [
          problem(
            'the entrypoint is run in a pipeline: then the shell that waits for it is not the one that writes the receipt; write its output to a file instead',
          ),
        ]
      : []),
    ...(found.before.includes('exec')
      ? [
          problem(
            'the entrypoint is run with `exec`: then bash is not there to write the receipt when it ends; remove `exec`',
          ),
        ]
      : []),
    ...(endsInBackground(text, found.end)
      ? [problem('the entrypoint is run in the background: then the job ends before it does; remove the `&`')]
      : []),
    ...(colon && withSrun
      ? [
          problem(
            'an argument of the entrypoint is `:` alone, which srun takes for the beginning of another job; pass it in another form',
          ),
        ]
      : []),
  ];
}

/** The number of tasks: the words before the entrypoint must agree with the design. */
function taskProblems(before: readonly (string | null)[], compute: Compute): string[] {
  const tasks = tasksOf(compute);
  const srun = before.findIndex((word) => word === 'srun' || word?.endsWith('/srun'));
  if (srun < 0) {
    // With its own starter (mpirun), which starts the tasks, the script itself sets how often the entrypoint is
    // started.
    if (!runsOnManyTasks(compute) || before.some((word) => word?.startsWith('AUTOLAB_TASKS='))) return [];
    return [
      `the design asks for ${tasks} tasks, and the entrypoint is started once; start it with srun, or, if it starts its tasks itself, write AUTOLAB_TASKS=1 before autolab_run`,
    ];
  }
  const options = before.slice(srun + 1);
  const said = options.some((word) => /^(?:-n|--ntasks(?:=|$))/.test(word ?? ''));
  return [
    ...(said
      ? []
      : [
          `srun without --ntasks starts a task on every processor that the site has allocated; write: srun --ntasks=${tasks}`,
        ]),
    ...(options.at(-1) === '--' ? [] : ['write `--` between the options of srun and the entrypoint']),
  ];
}

function isPiped(text: string, end: number): boolean {
  return /\|/.test(restOfLine(text, end).replaceAll(/>\||\|\|/g, ''));
}

/** Whether the rest of the line, after the words of a command, has a `&` that is not part of `&&`, `>&` or `&>`. */
function endsInBackground(text: string, end: number): boolean {
  return /&/.test(restOfLine(text, end).replaceAll(/[<>|]&|&>|&&/g, ''));
}

/** Without a comment. */
function restOfLine(text: string, end: number): string {
  const stop = text.indexOf('\n', end);
  return text.slice(end, stop < 0 ? undefined : stop).replace(/(?:^|\s)#.*$/, '');
}

const SETS_EXIT_TRAP = /^\s*(?:(?:builtin|command)\s+)*trap\s(?!autolab_finish EXIT$).*\b(?:EXIT|0)\s*(?:$|[;#&|])/;

/** The trap that the prologue sets writes the receipt; another one would replace it. */
function trapProblems(script: Script, after: number, options: SlurmLintOptions): Problem[] {
  const entrypoint = findEntrypoint(script, after, options);
  const problems: Problem[] = [];
  let offset = 0;
  for (const line of script.lines) {
    const inEntrypoint = entrypoint !== null && offset >= entrypoint.start && offset < entrypoint.end;
    if (offset >= after && !inEntrypoint && SETS_EXIT_TRAP.test(line))
      problems.push(
        atOffset(
          script.file,
          script.text,
          offset,
          'this trap would replace the one that writes receipt/exit.json; do the work after the entrypoint, or in another script',
        ),
      );
    offset += line.length + 1;
  }
  return problems;
}
