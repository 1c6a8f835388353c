import type { KnownStage } from '../project/state.ts';
import { STAGE_TABLE, type StageRow } from '../workflow/stages.ts';

/** A stage, for whoever offers its prompt. */
export interface OfferedStage extends Pick<StageRow, 'who' | 'does'> {
  readonly stage: KnownStage;
}

/** In the order of the work, without the end. */
export function offeredStages(): readonly OfferedStage[] {
  const rows = Object.entries(STAGE_TABLE) as readonly (readonly [KnownStage, StageRow])[];
  return rows.flatMap(([stage, { who, does, leads }]) => (leads.length === 0 ? [] : [{ stage, who, does }]));
}
