import type { GuardDocuments } from '../project/read.ts';
import type { JournalPeek } from '../run/session.ts';

/** What `autolab rerun` is asked, and what it finds. Types only. */

export interface Rerunning {
  /** `RUN` or `ITERATION/RUN`; null for the last one. */
  readonly run: string | null;
  /** `KEY=VALUE`; with one of them, or an id, it is a new experiment. */
  readonly set: readonly string[];
  /** Of the new experiment; null for one made from that of the run. */
  readonly id: string | null;
  readonly by: string;
  readonly note: string | null;
  /** The same call launches it. */
  readonly toLaunch: boolean;
}

export interface RunToRepeat {
  readonly documents: GuardDocuments;
  readonly peek: Extract<JournalPeek, { kind: 'run' }>;
}
