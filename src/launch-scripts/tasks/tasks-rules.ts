import type { Problem } from '../../errors/problem.ts';
import { entrypointWords, shellWords } from '../entrypoint.ts';
import { afterPrologue, atOffset, findEntrypoints, type Kind, type LintOptions, type Script } from '../rules.ts';
import { tasksBlock } from './tasks-block.ts';

/** What a script for many tasks has besides: the function for one task, and the call that runs them. Pure. */

const FUNCTION = /^[ \t]*(?:function[ \t]+autolab_task(?:[ \t]*\(\))?|autolab_task[ \t]*\(\))/m;
const CALL = /^[ \t]*autolab_tasks(?![\w-])/m;

/** Empty for a script for one task. */
export function tasksProblems(script: Script, kind: Kind, options: LintOptions): Problem[] {
  if (!kind.hasTasks) return [];
  const { file, text } = script;
  const after = afterPrologue(script, kind);
  const begin = placeOf(FUNCTION, text, after);
  const call = placeOf(CALL, text, Math.max(after, begin));
  const problem = (offset: number, message: string): Problem => atOffset(file, text, offset, message);
  const last = text.trimEnd().length;
  const problems: Problem[] = [];
  if (begin < 0)
    problems.push(problem(last, `the function that runs one task is missing; write: ${blockFor(kind, options)}`));
  if (call < 0)
    problems.push(
      problem(last, 'the tasks are never run: after the function `autolab_task`, write the line `autolab_tasks`'),
    );
  for (const { start } of findEntrypoints(script, after, options))
    if (begin >= 0 && (start < begin || (call >= 0 && start > call)))
      problems.push(
        problem(
          start,
          'the entrypoint is run outside of the function `autolab_task`, not once for each task; move it there',
        ),
      );
  return problems;
}

function placeOf(pattern: RegExp, text: string, after: number): number {
  const found = text.slice(after).search(pattern);
  return found < 0 ? -1 : after + found;
}

/** On one line. */
function blockFor({ starter }: Kind, { design, python }: LintOptions): string {
  const words = design === undefined ? 'COMMAND' : shellWords(entrypointWords(design.entrypoint, python ?? 'python3'));
  return JSON.stringify(tasksBlock(`${starter === '' ? 'autolab_run ' : starter}${words}`));
}
