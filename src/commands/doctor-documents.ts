import { type Problem, whereOf } from '../errors/problem.ts';
import { launchWith } from '../plan/look.ts';
import { matchExperiment } from '../project/backlog.ts';
import { designFileOf, type GuardDocuments, readGuardDocuments, readProject, reviewFileOf } from '../project/read.ts';
import type { Check } from '../run/check.ts';
import { damagedPositions } from '../run/positions.ts';
import { choicesAt } from '../workflow/choices.ts';
import { stagePath } from '../workflow/stage-paths.ts';
import { stageRow } from '../workflow/stages.ts';

/** The errors of the project's documents, one line each. */
export function checkDocuments(root: string): readonly Check[] {
  const documents = readGuardDocuments(root);
  if (!documents.ok) {
    const { message, hint } = documents.failure;
    return [{ name: 'documents', status: 'fail', found: message, mend: hint }];
  }
  const { problems } = readProject(root, documents.value.state, launchWith(null));
  const errors = [...problems, ...(damagedPositions(root)?.problems ?? [])].filter(
    (problem) => problem.severity === 'error' && isDue(documents.value, problem),
  );
  if (errors.length === 0) return [{ name: 'documents', status: 'ok', found: 'all readable', mend: null }];
  const fix = fixes(documents.value.state.iteration_id);
  return errors.map((problem) => ({
    name: 'documents',
    status: 'warn',
    found: `${whereOf(problem)}: ${problem.message}`,
    mend: problem.code === 'file.missing' ? (fix[problem.file] ?? null) : null,
  }));
}

/** Nothing is missing before the stage that needs it, nor before the first experiment. */
function isDue({ state, backlog }: GuardDocuments, { code, file }: Problem): boolean {
  if (code !== 'file.missing' || !file.startsWith('experiments/')) return true;
  if (matchExperiment(backlog, state).kind === 'none') return false;
  const row = stageRow(state.stage);
  return row === null || row.reads.some((path) => stagePath(path, state) === file);
}

function fixes(iterationId: string): Readonly<Partial<Record<string, string>>> {
  const [approve] = choicesAt('implementation_review');
  return {
    [designFileOf(iterationId)]: 'What it needs: autolab render --stage design --stdout',
    [reviewFileOf(iterationId)]: `Approve the experiment: ${approve?.command ?? ''}`,
  };
}
