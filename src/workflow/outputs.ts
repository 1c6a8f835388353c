import { join } from 'node:path';
import { shown } from '../documents/excerpt.ts';
import { problemIn, problemOfFile } from '../documents/located.ts';
import { readSource } from '../documents/source.ts';
import { yamlDocument } from '../documents/yaml-document.ts';
import type { Problem } from '../errors/problem.ts';
import { lstatOrNull, realPathOr } from '../platform/files.ts';
import { BACKLOG_FILE } from '../project/backlog.ts';
import { activationFor, ENVIRONMENT_FILE, HOW_TO_WRITE } from '../project/environment.ts';
import { designFileOf, readProject } from '../project/read.ts';
import { type State, STATE_FILE } from '../project/state.ts';
import { taskFileOf } from '../project/tasks/task-file-path.ts';
import { entryFiles } from './entry-files.ts';
import { judgeHypothesis } from './hypothesis-output.ts';
import {
  judgeAnalysis,
  judgeAnyText,
  judgeDecision,
  judgeResultsPage,
  judgeReview,
  judgeRunRecord,
  type JudgeText,
} from './record-outputs.ts';
import { stagePath } from './stage-paths.ts';
import { type StageRow, stageRow } from './stages.ts';

/** What a stage must leave before the workflow moves on. Reads only. */

/** A manifest has a line for each artifact. */
const RECORD_LIMIT = 64 * 1024 * 1024;

/** Every reason why the stage is not done, each with its place; empty if it is done, or leaves nothing that can be checked. */
export function checkOutputs(root: string, stage: string, state: State): readonly Problem[] {
  const row = stageRow(stage);
  if (row === null) return [];
  return problemsAt(root, stage, row, state).filter(({ severity }) => severity === 'error');
}

function problemsAt(root: string, stage: string, row: StageRow, state: State): readonly Problem[] {
  switch (stage) {
    case 'hypothesis': {
      const source = readSource(root, BACKLOG_FILE);
      return source.text === null ? source.problems : judgeHypothesis(source.text, BACKLOG_FILE, state);
    }
    case 'design':
      return designProblems(root, state);
    case 'implementation':
      return implementationProblems(root, state);
    default:
      return recordProblems(root, row, state);
  }
}

function designProblems(root: string, state: State): readonly Problem[] {
  const { draft, problems } = readProject(root, state);
  const files = [designFileOf(state.iteration_id), taskFileOf(draft?.tasks ?? null)];
  return problems.filter(({ file }) => files.includes(file));
}

function implementationProblems(root: string, state: State): readonly Problem[] {
  const { draft: design, environment, problems, texts } = readProject(root, state);
  const file = designFileOf(state.iteration_id);
  const files = [file, taskFileOf(design?.tasks ?? null), ENVIRONMENT_FILE];
  const ofFiles = problems.filter((problem) => files.includes(problem.file));
  if (design === null) return ofFiles;
  const location = design.compute.location;
  const inactive =
    environment !== null && activationFor(environment, location) === null
      ? [
          problemOfFile(
            ENVIRONMENT_FILE,
            'environment.invalid',
            `there is no activation for ${location}; ${HOW_TO_WRITE}`,
          ),
        ]
      : [];
  const document = yamlDocument(texts[file] ?? '', file);
  const missing = entryFiles(design.entrypoint, state.iteration_id).filter(({ path }) => !isFile(join(root, path)));
  const absent = missing.map(({ pointer, path }) =>
    problemIn(document, {
      pointer,
      code: 'file.missing',
      message: `the entrypoint runs ${shown(path)}, and there is no such file; write it, or correct the path, which begins at the project's folder`,
    }),
  );
  return [...ofFiles, ...inactive, ...absent];
}

function isFile(path: string): boolean {
  return lstatOrNull(realPathOr(path))?.isFile() === true;
}

/** By the end of the path in the table; any other file only has to be there. */
const JUDGES: readonly (readonly [end: string, judge: JudgeText])[] = [
  ['/review_result.json', judgeReview],
  ['/run_manifest.json', judgeRunRecord],
  ['/decision_result.json', judgeDecision],
  ['/analysis/{{run_id}}.json', judgeAnalysis],
  ['docs/results.md', judgeResultsPage],
];

function recordProblems(root: string, { leaves }: StageRow, state: State): readonly Problem[] {
  return leaves.flatMap((template) => {
    const file = stagePath(template, state);
    if (file === null)
      return [
        {
          ...problemOfFile(STATE_FILE, 'value.missing', 'the state names no run: nothing was launched yet'),
          pointer: '/last_run_id',
        },
      ];
    const source = readSource(root, file, RECORD_LIMIT);
    if (source.text === null) return source.problems;
    const judge = JUDGES.find(([end]) => template.endsWith(end))?.[1] ?? judgeAnyText;
    return judge(source.text, file);
  });
}
