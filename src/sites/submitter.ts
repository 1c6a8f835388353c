import type { EnvironmentChange } from '../platform/environment.ts';
import type { ProcessResult } from '../platform/process.ts';
import type { TransportCommand, TransportResult } from '../transports/transport.ts';

/** Calls the command that submits a run, whose answer must not be lost. One implementation a kind of launch host. */
export interface Submitter {
  /** Whether the command names files of this project, so that it is wrong once the project has been moved. */
  readonly namesThisProject: boolean;
  /** Makes the scratch folder, unless `call` makes it where the run is. */
  readonly makeScratch: (folder: string) => void;
  readonly call: (order: SubmitCall) => Promise<Submitted>;
  /** The answer to the call of that name, if it was kept and did not arrive. Null if it is not over, or never began. */
  readonly keptAnswer: (name: string, command: string) => Promise<ProcessResult | null>;
  /** Until then a forgotten command can still get through, wherever it runs; 0 if it is known to be over. */
  readonly mayArriveForMs: (name: string, nowMs: number) => number;
  /** Ends what a killed driver left behind: every process one of whose words is `word`. */
  readonly endForgotten: (word: string) => Promise<void>;
}

export interface SubmitCall {
  /** Of this call, among all of the run. */
  readonly name: string;
  readonly argv: readonly string[];
  readonly environment: EnvironmentChange;
  readonly signal: AbortSignal;
  /** A question about what was submitted, by the path of the answer: asked where a round trip of its own would cost. */
  readonly then: ((answer: string) => TransportCommand) | null;
}

export interface Submitted {
  readonly result: TransportResult;
  /** The answer to `then`; null if it was not asked. */
  readonly then: TransportResult | null;
}

/** A command that submits retries for minutes itself if the scheduler is busy. */
export const CALL_SECONDS = 300;
