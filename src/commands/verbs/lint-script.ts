import { relative, resolve } from 'node:path';
import { failureOf } from '../../errors/failure.ts';
import { oneOf, required, text } from '../check-options.ts';
import { lintScriptFile, prologueText, SCRIPT_MODES, type ScriptMode } from '../lint-script.ts';
import { resultOfFailure, succeed, type VerbResult } from '../result.ts';
import type { Verb } from '../verb.ts';

export interface LintScriptOptions {
  /** The launch script: absolute, or relative to the project root. */
  readonly file: string;
}

/** What is wrong is in `problems`. */
export type LintScriptResult = VerbResult;

export const lintScript: Verb<LintScriptOptions> = {
  name: 'lint-script',
  options: { file: required(text) },
  perform: async ({ root }, options) => {
    const file = relative(root, resolve(root, options.file));
    const problems = await lintScriptFile(root, file);
    const errors = problems.filter((problem) => problem.severity === 'error').length;
    if (errors === 0) return succeed('lint-script', { message: `${file} follows the rules.`, hint: '' }, { problems });
    const message = `${file} breaks the rules in ${errors} place(s).`;
    return resultOfFailure('lint-script', failureOf('script.invalid', { message, problems }));
  },
};

export interface ScriptPrologueOptions {
  /** The kind of script. Default: `local`. */
  readonly mode?: ScriptMode;
}

export interface ScriptPrologueResult extends VerbResult {
  /** The lines that a hand-written launch script must contain. */
  readonly prologue?: string;
}

/** Needs no project. */
export const scriptPrologue: Verb<ScriptPrologueOptions, null> = {
  name: 'lint-script',
  options: { mode: oneOf(...SCRIPT_MODES) },
  perform: async (_place, { mode = 'local' }) => {
    const message = `The prologue of a launch script (${mode}).`;
    const details = { prologue: await prologueText(mode) } satisfies Partial<ScriptPrologueResult>;
    return succeed('lint-script', { message, hint: '' }, { details });
  },
};
