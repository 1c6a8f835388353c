import { join } from 'node:path';
import { jsonDocument } from '../../documents/json-document.ts';
import { shape } from '../../documents/shape.ts';
import { readSource } from '../../documents/source.ts';
import type { Problem } from '../../errors/problem.ts';
import { leadsOutside, listNames } from '../../platform/files.ts';
import { listRuns } from '../../run/claim.ts';
import { peekRun } from '../../run/session.ts';
import { type Analysis, analysisSchema } from '../../workflow/results/analysis-schema.ts';
import type { RunName } from '../find-run.ts';

/** The analyses that are there: what tables and suggestions are made from. */

export interface ReadAnalyses {
  readonly analyses: readonly Analysis[];
  readonly problems: readonly Problem[];
}

export function analysisFile(iterationId: string, runId: string): string {
  return `experiments/${iterationId}/analysis/${runId}.json`;
}

/** Those of one experiment's folder. */
export function readAnalyses(root: string, iterationId: string): ReadAnalyses {
  const folder = `experiments/${iterationId}/analysis`;
  if (leadsOutside(root, join(root, folder)) !== null) return { analyses: [], problems: [] };
  // The temporary file of a writer that died begins with a dot.
  const names = listNames(join(root, folder)).filter((name) => name.endsWith('.json') && !name.startsWith('.'));
  const read = names.map((name) => readOne(root, `${folder}/${name}`));
  return { analyses: read.flatMap(({ analyses }) => analyses), problems: read.flatMap(({ problems }) => problems) };
}

/** Those of all experiments. */
export function readAllAnalyses(root: string): ReadAnalyses {
  const experiments = join(root, 'experiments');
  if (leadsOutside(root, experiments) !== null) return { analyses: [], problems: [] };
  const read = listNames(experiments).map((iterationId) => readAnalyses(root, iterationId));
  return { analyses: read.flatMap(({ analyses }) => analyses), problems: read.flatMap(({ problems }) => problems) };
}

export function isComplete(code: string): boolean {
  return code === 'run.completed' || code === 'run.accepted';
}

/** The completed runs that no analysis tells of: left out of a table, they could hide a worse result. */
export function notExtracted(root: string, analyses: readonly Analysis[]): readonly RunName[] {
  return listRuns(root).filter((name) => {
    const { iterationId, runId } = name;
    if (analyses.some(({ iteration_id, run }) => iteration_id === iterationId && run.run_id === runId)) return false;
    const peek = peekRun(root, name);
    return peek.kind === 'run' && peek.view.closed !== null && isComplete(peek.view.closed.code);
  });
}

function readOne(root: string, file: string): ReadAnalyses {
  const source = readSource(root, file);
  if (source.text === null) return { analyses: [], problems: source.problems };
  const { value, problems } = shape(jsonDocument(source.text, file), analysisSchema);
  return value === null ? { analyses: [], problems } : { analyses: [value], problems: [] };
}
