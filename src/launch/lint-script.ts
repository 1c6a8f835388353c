import type { Problem } from '../errors/problem.ts';
import { activationFor } from '../project/environment.ts';
import { limitFor } from '../project/line-limits.ts';
import { readGuardDocuments, readProject } from '../project/read.ts';
import { readSource } from '../project/source.ts';
import { lintLocalScript } from '../scripts/lint.ts';
import { LOCAL_PROLOGUE } from '../scripts/prologue.ts';
import { checkSyntax } from './prepare/script.ts';

/** `autolab lint-script`: a script against the rules, and, as far as they can be read, against design and environment. */
export async function lintScript(root: string, file: string): Promise<readonly Problem[]> {
  const source = readSource(root, file);
  if (source.text === null) return source.problems;
  const text = `${source.bom ? '\uFEFF' : ''}${source.text}`;
  const documents = readGuardDocuments(root);
  const project = documents.ok ? readProject(root, documents.value.state) : null;
  const activation = project?.environment ? activationFor(project.environment, 'local') : null;
  const maxLines = project === null ? 160 : (limitFor(project.limits, 'launch/run_local.sh', '') ?? 160);
  return [
    ...lintLocalScript(text, file, {
      maxLines,
      ...(project?.design ? { design: project.design, python: 'python3' } : {}),
      ...(activation === null ? {} : { activation: activation.text }),
    }),
    ...(await checkSyntax(root, text, file)),
  ];
}

export function prologueText(): string {
  return LOCAL_PROLOGUE;
}
