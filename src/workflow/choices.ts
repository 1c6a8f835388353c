import { likelyWord } from '../platform/misspelling.ts';
import type { KnownStage } from '../project/state.ts';
import { STAGE_TABLE, stageRow } from './stages.ts';

/** The commands that move the workflow on at each stage, as they are typed. Pure. */

export interface Choice {
  /** One line for a shell; what the user fills in is in capitals. */
  readonly command: string;
  /** What speaks for it. */
  readonly when: string;
}

/** Where the row of the table sums up several commands. The usual one first. */
const DECISIONS_AT: Partial<Record<KnownStage, readonly Choice[]>> = {
  implementation_review: [
    { command: 'autolab approve --by WHO', when: 'the experiment may run as it is' },
    { command: 'autolab reject --by WHO --note TEXT', when: 'it has to change first' },
  ],
  decide_repeat: [
    { command: 'autolab decide stop --by WHO --note TEXT', when: 'the question is answered' },
    { command: 'autolab decide repeat --by WHO --note TEXT', when: 'the result is not clear, or an error explains it' },
    { command: 'autolab decide next --by WHO --note TEXT', when: 'another experiment should continue the work' },
  ],
  human_review: [
    { command: 'autolab review retry --by WHO --note TEXT', when: 'the cause is fixed; launch again' },
    { command: 'autolab review pass --by WHO --note TEXT', when: 'the run is good as it is, and its outputs are here' },
    { command: 'autolab review stop --by WHO --note TEXT', when: 'the work ends here' },
  ],
};

/** Empty at the end, and at a stage that autolab does not know. */
export function choicesAt(stage: string): readonly Choice[] {
  const decisions = (DECISIONS_AT as Readonly<Record<string, readonly Choice[] | undefined>>)[stage];
  if (decisions !== undefined) return decisions;
  const row = stageRow(stage);
  if (row === null || row.command === null) return [];
  return [{ command: row.command, when: row.who === 'author' ? 'the stage is done' : 'now' }];
}

const WORDS: Readonly<Record<KnownStage, string>> = {
  hypothesis: 'When the hypothesis is written',
  design: 'When the design is written',
  implementation: 'When the code is written',
  implementation_review: 'Approve it',
  launch: 'Launch',
  extract_results: 'Read the metrics',
  update_docs: 'Update the table of results',
  decide_repeat: 'Decide',
  human_review: 'Decide',
  stop: 'Add another experiment',
};

/** For a run that is wrong itself: another attempt, after a change of the code. */
export const REPEAT_RUN = 'autolab decide repeat --at implementation --by WHO --note TEXT';

/** After a run that ended without all of its tasks. */
export const FAILED_ONLY: Choice = {
  command: 'autolab launch --failed-only',
  when: 'only the tasks that the last run did not complete',
};

/** After the end of an experiment, and where there is none yet. */
export const ANOTHER = 'autolab new ID';

/** What to do at a stage, as a hint: words and a command. */
export function hintAtStage(stage: string): string {
  const row = stageRow(stage);
  return row === null ? unknownStage(stage) : `${WORDS[stage as KnownStage]}: ${row.command ?? ANOTHER}`;
}

/** A misspelling, or a stage of another workflow. */
export function unknownStage(stage: string): string {
  const meant = likelyWord(stage, Object.keys(STAGE_TABLE));
  return meant === null
    ? `\`${stage}\` is a stage of the workflow around autolab, which has to complete it.`
    : `There is no such stage; did you mean \`${meant}\`?`;
}

/** The usual command at a stage; null where autolab knows none. */
export function usualCommand({
  stage,
  experiment_id: experiment,
}: {
  readonly stage: string;
  readonly experiment_id: string | null;
}): string | null {
  if (stage === 'stop' || (stage === 'hypothesis' && (experiment ?? '') === '')) return ANOTHER;
  return choicesAt(stage)[0]?.command ?? null;
}
