import type { Problem } from '../errors/problem.ts';
import { LOCAL_PROLOGUE_1 } from './format-1/prologues.ts';
import { LOCAL_PROLOGUE_2, LOCAL_PROLOGUE_2_BEGIN } from './local-prologue-2.ts';
import { LOCAL_PROLOGUE_3, LOCAL_PROLOGUE_3_BEGIN } from './local-prologue-3.ts';
import { LOCAL_PROLOGUE, LOCAL_PROLOGUE_BEGIN } from './prologue.ts';
import {
  commonProblems,
  inOrder,
  isForTasks,
  isOfFormat1,
  type Kind,
  kindForTasks,
  type LintOptions,
  readScript,
} from './rules.ts';
import { tasksProblems } from './tasks/tasks-rules.ts';

export { countLines, type LintOptions } from './rules.ts';

/** The rules for `run_local.sh`, rendered or written by hand (R16). Pure; the caller lets bash check the syntax. */

const LOCAL: Kind = {
  prologue: LOCAL_PROLOGUE,
  prologueBegin: LOCAL_PROLOGUE_BEGIN,
  printIt: 'autolab lint-script --prologue',
  starter: 'autolab_run ',
  hasWrapper: true,
  hasTasks: false,
};

const LOCAL_1: Kind = {
  ...LOCAL,
  prologue: LOCAL_PROLOGUE_1,
  prologueBegin: '# autolab prologue v1 local: begin',
  hasWrapper: false,
};

/** Of scripts from before: they start the entrypoint as they should. */
const LOCAL_2: Kind = { ...LOCAL, prologue: LOCAL_PROLOGUE_2, prologueBegin: LOCAL_PROLOGUE_2_BEGIN };
const LOCAL_3: Kind = { ...LOCAL, prologue: LOCAL_PROLOGUE_3, prologueBegin: LOCAL_PROLOGUE_3_BEGIN };

/** Every broken rule, in the order of the lines. */
export function lintLocalScript(text: string, file: string, options: LintOptions): Problem[] {
  const script = readScript(text, file);
  const kind = kindOf(script.text, options);
  return inOrder([...commonProblems(text, script, kind, options), ...tasksProblems(script, kind, options)]);
}

function kindOf(text: string, options: LintOptions): Kind {
  if (isOfFormat1(options)) return LOCAL_1;
  if (isForTasks(text, options)) return kindForTasks(LOCAL);
  if (text.includes(LOCAL_PROLOGUE_3)) return LOCAL_3;
  // Only the newer prologues compare the data just before the entrypoint.
  const hasInputs = (options.design?.inputs ?? []).length > 0;
  return text.includes(LOCAL_PROLOGUE_2) && !hasInputs ? LOCAL_2 : LOCAL;
}
