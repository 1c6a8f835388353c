import { type Choice, choicesAt } from './choices.ts';

/** What to do about a run that is open. Pure. */

export interface OpenRunFacts {
  /** The run is another project's, of which this one is a copy. */
  readonly copied: boolean;
  /** A process follows it. */
  readonly driven: boolean;
  /** Re-opens its experiment; null if that is not closed. */
  readonly reopen: string | null;
  readonly stage: string;
  /** Its end is decided; only writes are left. */
  readonly closed: boolean;
  /** Its command has ended. */
  readonly ended: boolean;
}

export const CONTINUE_BEGUN: Choice = { command: 'autolab launch', when: 'to continue' };
export const CANCEL_RUN: Choice = { command: 'autolab cancel', when: 'to stop the run' };
export const ABANDON_RUN: Choice = {
  command: 'autolab cancel --force --by WHO --note TEXT',
  when: 'to abandon the run',
};

/** The usual one first. */
export function choicesOfOpenRun({ copied, driven, reopen, stage, closed, ended }: OpenRunFacts): readonly Choice[] {
  const stop = ended ? [] : [CANCEL_RUN];
  if (copied) return [ABANDON_RUN];
  if (driven) return [{ command: 'autolab logs -f', when: 'to follow it' }, CANCEL_RUN];
  if (reopen !== null) return [{ command: reopen, when: 'to continue with the run' }, ...stop];
  if (stage === 'human_review' && !closed) return choicesAt(stage);
  return [{ command: 'autolab resume', when: 'to continue it' }, ...stop];
}
