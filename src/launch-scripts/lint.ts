import type { Problem } from '../errors/problem.ts';
import { LOCAL_PROLOGUE_1 } from './format-1/prologues.ts';
import { LOCAL_PROLOGUE_2, LOCAL_PROLOGUE_2_BEGIN } from './local-prologue-2.ts';
import { LOCAL_PROLOGUE, LOCAL_PROLOGUE_BEGIN } from './prologue.ts';
import { commonProblems, inOrder, isOfFormat1, type Kind, type LintOptions, readScript } from './rules.ts';
import { TASKS_PROLOGUE, TASKS_PROLOGUE_BEGIN } from './tasks/prologue.ts';

export { countLines, type LintOptions } from './rules.ts';

/** The rules for `run_local.sh`, rendered or written by hand (R16). Pure; the caller lets bash check the syntax. */

const LOCAL: Kind = {
  prologue: LOCAL_PROLOGUE,
  prologueBegin: LOCAL_PROLOGUE_BEGIN,
  printIt: 'autolab lint-script --prologue',
  starter: 'autolab_run ',
  hasWrapper: true,
};

const LOCAL_1: Kind = {
  ...LOCAL,
  prologue: LOCAL_PROLOGUE_1,
  prologueBegin: '# autolab prologue v1 local: begin',
  hasWrapper: false,
};

/** Of a script for many tasks. */
const OF_TASKS = { prologue: TASKS_PROLOGUE, prologueBegin: TASKS_PROLOGUE_BEGIN };

/** Of a script from before: it starts the entrypoint as it should. */
const LOCAL_2: Kind = { ...LOCAL, prologue: LOCAL_PROLOGUE_2, prologueBegin: LOCAL_PROLOGUE_2_BEGIN };

/** Every broken rule, in the order of the lines. */
export function lintLocalScript(text: string, file: string, options: LintOptions): Problem[] {
  const script = readScript(text, file);
  return inOrder(commonProblems(text, script, kindOf(script.text, options), options));
}

function kindOf(text: string, options: LintOptions): Kind {
  if (isOfFormat1(options)) return LOCAL_1;
  if ((options.design?.tasks ?? null) !== null) return { ...LOCAL, ...OF_TASKS };
  // Only the newer prologue compares the data just before the entrypoint.
  const hasInputs = (options.design?.inputs ?? []).length > 0;
  return text.includes(LOCAL_PROLOGUE_2) && !hasInputs ? LOCAL_2 : LOCAL;
}
