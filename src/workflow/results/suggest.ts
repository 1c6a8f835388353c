import { quotePosix } from '../../platform/quoting.ts';
import type { Analysis } from './analysis-schema.ts';
import type { RepeatStage, ResultDecision } from './decision-schema.ts';
import { verdictWords } from './summary.ts';

/** What follows from the results, with reasons. A suggestion: a reviewer decides. Pure. */

/** What counts of an analysis. */
export type SuggestedBy = Pick<Analysis, 'verdict' | 'target'> & { readonly run: Pick<Analysis['run'], 'run_id'> };

export interface SuggestFacts {
  /** Of all runs of the experiment. */
  readonly analyses: readonly SuggestedBy[];
  /** The last run. */
  readonly runId: string | null;
  /** How often the experiment may still be repeated; null if that has no bound. */
  readonly repeatsLeft: number | null;
  /** The ids of other experiments that are not closed, the next one first. */
  readonly others: readonly string[];
}

export interface Suggestion {
  readonly decision: ResultDecision;
  /** Only of `repeat`. */
  readonly at: RepeatStage | null;
  /** One line for a shell; what the reviewer fills in is in capitals. */
  readonly command: string;
  readonly reasons: readonly string[];
}

const WHO = '--by WHO --note TEXT';
const MISSED: readonly string[] = ['target_missed', 'not_better'];

/** Returns null if the last run has no analysis. */
export function suggest(facts: SuggestFacts): Suggestion | null {
  const last = facts.analyses.find(({ run }) => run.run_id === facts.runId);
  if (last === undefined) return null;
  const why = last.target === null ? verdictWords(last) : `${verdictWords(last)}: ${last.target.reason}`;
  if (!MISSED.includes(last.verdict)) return stop([why]);
  const missed = facts.analyses.filter(({ verdict }) => MISSED.includes(verdict)).length;
  if (missed > 1) return elsewhere(facts, [why, `${missed} runs of the experiment ended so`]);
  if (facts.repeatsLeft === 0) return elsewhere(facts, [why, 'the iterations of the experiment are used up']);
  const command = `autolab decide repeat --at design ${WHO}`;
  return { decision: 'repeat', at: 'design', command, reasons: [why, 'it was tried once'] };
}

function stop(reasons: readonly string[]): Suggestion {
  return { decision: 'stop', at: null, command: `autolab decide stop ${WHO}`, reasons };
}

function elsewhere({ others }: SuggestFacts, reasons: readonly string[]): Suggestion {
  const [next] = others;
  if (next === undefined) return stop([...reasons, 'no other experiment is open']);
  // Of a name that looks like an option, the order is enough.
  const command = `autolab decide next ${next.startsWith('-') ? '' : `${quotePosix(next)} `}${WHO}`;
  return { decision: 'next', at: null, command, reasons: [...reasons, `${next} is open`] };
}
