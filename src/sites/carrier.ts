import type { TransferRecord } from '../records/run-data.ts';
import type { LeftToCollect } from '../run/collect-script.ts';
import type { RunContext } from '../run/context.ts';
import type { StepEnd } from '../run/step.ts';

/** What the engine asks of a site: the code to where it runs, and the outputs back. One implementation a kind of site. */
export interface Carrier {
  /** Whether the run works in the project's own work tree, and not in a copy that was sent. */
  readonly usesWorkTree: boolean;
  /** `sync_to_remote`. `beside`: what lies beside the script, for a run folder of that path. */
  readonly send: (ctx: RunContext, beside: (folder: string) => Promise<TextsBeside>) => Promise<StepEnd>;
  /** `collect_to_remote`: what the design collects from elsewhere goes into the run's folder. */
  readonly gather: (ctx: RunContext, left: LeftToCollect) => Promise<StepEnd>;
  /** `sync_artifacts_to_local`. */
  readonly bringBack: (ctx: RunContext) => Promise<StepEnd>;
  /** What can be fetched of a run that ended badly, and what is left to collect here. */
  readonly salvage: (ctx: RunContext, left: LeftToCollect) => Promise<Salvaged>;
}

/** Files beside the script, in `receipt/`: name and text. */
export type TextsBeside = readonly (readonly [name: string, text: string])[];

export interface Salvaged {
  readonly problems: readonly string[];
  readonly transfer?: TransferRecord;
  readonly left: LeftToCollect;
}
