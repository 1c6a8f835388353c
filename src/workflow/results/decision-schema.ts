import * as z from 'zod';
import { DECISIONS } from '../record-outputs.ts';

/** The shape of `experiments/ID/decision_result.json`. `schemas/decision_result.schema.json` is generated from it. */

/** Where a repeated experiment can begin again. */
export const REPEAT_STAGES = ['design', 'implementation', 'launch'] as const;

const text = z.string();
const maybeText = text.nullable();
const decision = z.enum(DECISIONS);

export const decisionSchema = z.strictObject({
  schema_version: z.literal('1.0').describe('Format version.'),
  iteration_id: text.describe('In `experiments/<iteration_id>/`.'),
  experiment_id: text.describe('Backlog entry.'),
  run_id: maybeText.describe('The last run.'),
  decision: decision.describe('What was decided.'),
  by: text.describe('Who decided.'),
  note: text.describe('Why.'),
  decided_at: text.describe('When.'),
  stage_before: text.describe('Where the workflow was.'),
  stage_after: text.describe('Where it continues.'),
  next_experiment: maybeText.describe('Which experiment is next.'),
  repeats: z.number().int().nonnegative().describe('How often the experiment was repeated, this decision included.'),
  verdict: maybeText.describe('Of the analysis of the run.'),
  suggested: z
    .strictObject({
      decision: decision.describe('What autolab would have done.'),
      reasons: z.array(text).describe('Why.'),
    })
    .nullable()
    .describe('Null without an analysis of the run.'),
});

export type DecisionRecord = z.infer<typeof decisionSchema>;
export type ResultDecision = DecisionRecord['decision'];
export type RepeatStage = (typeof REPEAT_STAGES)[number];
