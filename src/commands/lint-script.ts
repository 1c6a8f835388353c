import { readSource } from '../documents/source.ts';
import type { Problem } from '../errors/problem.ts';
import { lintLocalScript } from '../launch-scripts/lint.ts';
import { LOCAL_PROLOGUE } from '../launch-scripts/prologue.ts';
import { isSlurmScript, lintSlurmScript } from '../launch-scripts/slurm-lint.ts';
import { SLURM_PROLOGUE } from '../launch-scripts/slurm-prologue.ts';
import { checkSyntax } from '../plan/script.ts';
import { activationFor } from '../project/environment.ts';
import { limitFor } from '../project/line-limits.ts';
import { readGuardDocuments, readProject } from '../project/read.ts';

export const SCRIPT_MODES = ['local', 'slurm'] as const;
export type ScriptMode = (typeof SCRIPT_MODES)[number];

/** What holds where the project says nothing about the length of its scripts (R25). */
const FILES = {
  local: { path: 'launch/run_local.sh', maxLines: 160 },
  slurm: { path: 'launch/run_slurm.sbatch', maxLines: 120 },
} as const satisfies Record<ScriptMode, unknown>;

/**
 * `autolab lint-script`: a script against the rules of its kind, and, as far as they can be read, against design and
 * environment.
 */
export async function lintScript(root: string, file: string): Promise<readonly Problem[]> {
  const source = readSource(root, file);
  if (source.text === null) return source.problems;
  const text = `${source.bom ? '\uFEFF' : ''}${source.text}`;
  const mode: ScriptMode = isSlurmScript(text, file) ? 'slurm' : 'local';
  const documents = readGuardDocuments(root);
  const project = documents.ok ? readProject(root, documents.value.state) : null;
  const activation = project?.environment ? activationFor(project.environment, mode) : null;
  const { path, maxLines } = FILES[mode];
  const lint = mode === 'slurm' ? lintSlurmScript : lintLocalScript;
  return [
    ...lint(text, file, {
      maxLines: project === null ? maxLines : (limitFor(project.limits, path, '') ?? maxLines),
      ...(project?.design ? { design: project.design, python: 'python3' } : {}),
      ...(activation === null ? {} : { activation: activation.text }),
    }),
    ...(await checkSyntax(root, text, file)),
  ];
}

const PROLOGUES = { local: LOCAL_PROLOGUE, slurm: SLURM_PROLOGUE } as const satisfies Record<ScriptMode, string>;

/** What a script written by hand must contain, word for word. */
export function prologueText(mode: ScriptMode): string {
  return PROLOGUES[mode];
}
