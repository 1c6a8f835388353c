import type { EnvironmentChange } from '../platform/environment.ts';
import type { FolderWatch } from '../platform/watch.ts';
import type { RunContext } from '../run/context.ts';
import type { StepPaused } from '../run/step.ts';
import type { Answer } from '../transports/far-look.ts';
import type { Lost, TransportCommand, TransportResult } from '../transports/transport.ts';

/** The run's folder where the run itself sees it, which readers see in the folder here. One implementation a kind of site. */
export interface RunFolder {
  /** Fetches new receipts, and new lines of the logs of that job. Returns why it could not, or null. */
  readonly fetchNews: (jobId: string | null) => Promise<Lost | null>;
  /**
   * Asks, and then fetches what is new, in one round trip where there are any. If the host was not reached, nothing is
   * answered and nothing is fetched.
   */
  readonly askWithNews: (
    jobId: string | null,
    commands: readonly TransportCommand[],
  ) => Promise<{ readonly answers: readonly TransportResult[]; readonly lost: Lost | null }>;
  /** Creates a receipt. The first one who creates it has it; that of another one is not changed. */
  readonly placeOnce: (receipt: string, text: string) => Promise<Placed>;
  /** Puts requests about tasks, which were made here, to where the tasks look for them. Returns why it could not, or null. */
  readonly carryRequests: (tasks: readonly number[]) => Promise<Lost | null>;
  /** Brings the outputs of tasks that have ended, as many as are worth one transfer. Null if they are written here. */
  readonly bringTasks: ((tasks: readonly number[], signal: AbortSignal) => Promise<BroughtTasks>) | null;
  /** Waits for news of the run. `ask`: what is wanted of the queue, if the news can bring its answer. */
  readonly watch: (ctx: RunContext, ask: () => QueueQuestion) => RunWatch;
  /** The end of a log. `path`: as it is here. Null if there is none. */
  readonly tailOfLog: (path: string, maxBytes: number) => Promise<string | null>;
  /** A part of a log, also of one that is too long to be kept here. */
  readonly pieceOfLog: (part: LogPart) => Promise<LogPiece>;
  /** Who is silent if an answer of `asked` does not come. */
  readonly silent: (asked: Silent) => Silent;
}

export interface LogPart {
  /** As it is here. */
  readonly path: string;
  readonly offset: number;
  readonly most: number;
}

export interface LogPiece {
  /** Of the whole log. */
  readonly size: number;
  readonly bytes: Buffer;
  /** Why more of it could not be read, or null. */
  readonly lost: string | null;
}

export type Placed =
  | { readonly kind: 'mine' | 'taken' }
  /** The host where it is to be does not say. */
  | { readonly kind: 'unknown'; readonly host: string; readonly words: string };

export interface BroughtTasks {
  /** Their folders are here, whole. */
  readonly brought: readonly number[];
  /** Not yet: there is nothing of them, it is still changing, or not all of it can be brought. */
  readonly later: readonly number[];
  /** Why the transfer failed, or null; `lost`: only the connection. */
  readonly failure: { readonly words: string; readonly lost: boolean } | null;
}

export interface Silent {
  readonly who: string;
  readonly code: StepPaused['code'];
}

/** What is wanted of the queue: asked where the run is, within the look that is under way. */
export interface QueueQuestion {
  readonly argv: readonly string[];
  readonly environment: EnvironmentChange;
  /** On the monotonic clock. */
  readonly dueMs: number;
}

export interface RunWatch extends FolderWatch {
  /** An answer that came with the news, once. */
  readonly takeAnswer: () => Answer | null;
  /** Whether the look that is under way will bring what is due at that time, soon enough. */
  readonly brings: (question: QueueQuestion) => boolean;
}
