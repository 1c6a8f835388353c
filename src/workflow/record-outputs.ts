import { listed, shown } from '../documents/excerpt.ts';
import { jsonDocument } from '../documents/json-document.ts';
import { type LocatedDocument, problemIn, problemOfFile, valueAt } from '../documents/located.ts';
import { shape } from '../documents/shape.ts';
import type { Problem } from '../errors/problem.ts';
import { parseReview, reviewVerdict } from '../project/review.ts';
import { analysisSchema } from './results/analysis-schema.ts';
import { RESULTS_MARKS } from './results/results-table.ts';

/** The records that stages leave: whether each says what its stage must have come to. Pure. */

export type JudgeText = (text: string, file: string) => readonly Problem[];

const RUN_ENDS = ['completed', 'synced'];
const SYNCED = ['ok', 'completed', 'success'];
export const DECISIONS = ['repeat', 'next', 'stop'] as const;

function oneOfAt(document: LocatedDocument, pointer: string, allowed: readonly string[]): readonly Problem[] {
  if (document.value === undefined) return document.problems;
  const value = valueAt(document, pointer);
  if (typeof value === 'string' && allowed.includes(value)) return [];
  const name = shown(pointer.slice(1).replaceAll('/', '.'));
  const message =
    value === undefined || value === null
      ? `${name} is missing; it should be ${listed(allowed)}`
      : `${name} must be ${listed(allowed)}; it says ${shown(JSON.stringify(value))}`;
  return [problemIn(document, { pointer, code: value === undefined ? 'value.missing' : 'value.invalid', message })];
}

/** A decision was made, and a `pass` has no reason against it. */
export const judgeReview: JudgeText = (text, file) => {
  const { value, problems } = parseReview(text, file);
  if (value === null) return problems;
  if (value.status !== 'pass') return [];
  const document = jsonDocument(text, file);
  return reviewVerdict(value).map(({ code, message, pointer }) => problemIn(document, { pointer, code, message }));
};

/** The run was completed, or accepted by a reviewer, and its outputs are here. */
export const judgeRunRecord: JudgeText = (text, file) => {
  const document = jsonDocument(text, file);
  return [
    ...oneOfAt(document, '/status', RUN_ENDS),
    ...(document.value === undefined ? [] : oneOfAt(document, '/artifact_sync_to_local/status', SYNCED)),
  ];
};

export const judgeDecision: JudgeText = (text, file) => oneOfAt(jsonDocument(text, file), '/decision', DECISIONS);

export const judgeAnalysis: JudgeText = (text, file) => shape(jsonDocument(text, file), analysisSchema).problems;

/** The table is there; what is in it is for `autolab document`. */
export const judgeResultsPage: JudgeText = (text, file) =>
  text.split(/\r?\n/).some((line) => RESULTS_MARKS.isBegin.test(line))
    ? []
    : [problemOfFile(file, 'value.missing', 'the page has no table of results; make it: autolab document')];

export const judgeAnyText: JudgeText = () => [];
