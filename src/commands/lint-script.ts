import { readSource } from '../documents/source.ts';
import type { Problem } from '../errors/problem.ts';
import type { Executor, ScriptRules } from '../executors/executor.ts';
import { executorFor, EXECUTORS } from '../executors/table.ts';
import { checkSyntax } from '../plan/script.ts';
import { activationFor } from '../project/environment.ts';
import { limitFor } from '../project/line-limits.ts';
import { readGuardDocuments, readProject } from '../project/read.ts';

export const SCRIPT_MODES = ['local', 'slurm'] as const;
export type ScriptMode = (typeof SCRIPT_MODES)[number];

/**
 * `autolab lint-script`: a script against the rules of its kind, and, as far as they can be read, against design and
 * environment.
 */
export async function lintScriptFile(root: string, file: string): Promise<readonly Problem[]> {
  const source = readSource(root, file);
  if (source.text === null) return source.problems;
  const text = `${source.bom ? '\uFEFF' : ''}${source.text}`;
  const { kind: mode, script, rules } = await executorOfScript(text, file);
  const documents = readGuardDocuments(root);
  const project = documents.ok ? readProject(root, documents.value.state) : null;
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
  return (await executorFor(mode).loadScript()).prologue;
}
