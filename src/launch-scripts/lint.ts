import type { Problem } from '../errors/problem.ts';
import { LOCAL_PROLOGUE_1 } from './format-1/prologues.ts';
import { LOCAL_PROLOGUE, LOCAL_PROLOGUE_BEGIN } from './prologue.ts';
import { commonProblems, inOrder, isOfFormat1, type Kind, type LintOptions, readScript } from './rules.ts';

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

/** Every broken rule, in the order of the lines. */
export function lintLocalScript(text: string, file: string, options: LintOptions): Problem[] {
  return inOrder(commonProblems(text, readScript(text, file), isOfFormat1(options) ? LOCAL_1 : LOCAL, options));
}
