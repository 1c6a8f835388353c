import type { Problem } from '../errors/problem.ts';
import { LOCAL_PROLOGUE, LOCAL_PROLOGUE_BEGIN } from './prologue.ts';
import { commonProblems, inOrder, readScript, type Kind, type LintOptions } from './rules.ts';

export { countLines, type LintOptions } from './rules.ts';

/** The rules for `run_local.sh`, ours or written by hand (R16). Pure; whether bash can parse it, the caller asks bash. */

const LOCAL: Kind = {
  prologue: LOCAL_PROLOGUE,
  prologueBegin: LOCAL_PROLOGUE_BEGIN,
  printIt: 'autolab lint-script --prologue',
  starter: 'exec -- ',
};

/** Every broken rule, in the order of the lines. */
export function lintLocalScript(text: string, file: string, options: LintOptions): Problem[] {
  return inOrder(commonProblems(text, readScript(text, file), LOCAL, options));
}
