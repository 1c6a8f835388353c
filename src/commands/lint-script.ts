import { basename } from 'node:path';
import { problemOfFile } from '../documents/located.ts';
import { readSource } from '../documents/source.ts';
import type { Problem } from '../errors/problem.ts';
import type { Executor, ScriptRules } from '../executors/executor.ts';
import { executorFor, EXECUTORS } from '../executors/table.ts';
import { ACTIVATION_FILE, activationFile } from '../launch-scripts/activation.ts';
import { scriptOrigin } from '../launch-scripts/mark.ts';
import { placeholderProblems } from '../launch-scripts/rules.ts';
import { TASKS_PROLOGUE } from '../launch-scripts/tasks/prologue.ts';
import { checkSyntax } from '../plan/script.ts';
import { activationFor, type Environment } from '../project/environment.ts';
import { limitFor } from '../project/line-limits.ts';
import { readGuardDocuments, readProject } from '../project/read.ts';

export const SCRIPT_MODES = ['local', 'slurm', 'tasks'] as const;
export type ScriptMode = (typeof SCRIPT_MODES)[number];

/**
 * `autolab lint-script`: a script against the rules of its kind, and, as far as they can be read, against design and
 * environment.
 */
export async function lintScriptFile(root: string, file: string): Promise<readonly Problem[]> {
  const source = readSource(root, file);
  if (source.text === null) return source.problems;
  const text = `${source.bom ? '\uFEFF' : ''}${source.text}`;
  const documents = readGuardDocuments(root);
  const project = documents.ok ? readProject(root, documents.value.state) : null;
  if (basename(file) === ACTIVATION_FILE)
    return [...lintActivation(text, file, project?.environment ?? null), ...(await checkSyntax(root, text, file))];
  const { kind: mode, script, rules } = await executorOfScript(text, file);
  const activation = project?.environment ? activationFor(project.environment, mode) : null;
  const limit = project === null ? null : limitFor(project.limits, script.file, '');
  return [
    ...rules.lint(text, file, {
      maxLines: limit ?? script.maxLines,
      ...(project?.design ? { design: project.design, python: 'python3' } : {}),
      ...(activation === null ? {} : { activation: activation.text }),
    }),
    ...(await checkSyntax(root, text, file)),
  ];
}

/** The file of a long activation: as autolab would write it now for one of the executors. */
function lintActivation(text: string, file: string, environment: Environment | null): readonly Problem[] {
  const now = environment === null ? [] : [...EXECUTORS.keys()].map((kind) => activationFor(environment, kind)?.text);
  const isCurrent = now.some((activation) => activation !== undefined && activationFile(activation) === text);
  if (isCurrent) return placeholderProblems({ file, text });
  const origin = scriptOrigin(text) === 'rendered' ? 'is not what docs/environment.md says now' : 'was edited';
  const message = `the activation ${origin}; make changes in docs/environment.md: autolab writes this file at a launch`;
  return [{ ...problemOfFile(file, 'script.invalid', message), line: 2, column: 1 }];
}

/** By its name, else by its lines. */
async function executorOfScript(text: string, file: string): Promise<Executor & { readonly rules: ScriptRules }> {
  for (const executor of EXECUTORS.values()) {
    const rules = await executor.loadScript();
    if (rules.recognizes(text, file)) return { ...executor, rules };
  }
  throw new Error(`no executor runs ${file}`);
}

/** What a script written by hand must contain, word for word. */
export async function prologueText(mode: ScriptMode): Promise<string> {
  return mode === 'tasks' ? TASKS_PROLOGUE : (await executorFor(mode).loadScript()).prologue;
}
