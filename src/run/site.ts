import type { EnvironmentChange } from '../platform/environment.ts';
import type { RunPaths } from '../records/paths.ts';
import type { RemoteOrder } from '../records/run-data.ts';
import type { Answer, Question } from '../transports/far-look.ts';
import type { SshTransport } from '../transports/ssh.ts';
import type { Lost, Transport, TransportCommand, TransportResult } from '../transports/transport.ts';

/** The place where a run executes. Types only; `sites/` has the implementations. */

/** The launch host: where commands are run, and the project's path there. */
export interface Site {
  readonly transport: Transport;
  /** Absolute, there. */
  readonly root: string;
  /** The cluster that the design names; null for the default cluster of that host. */
  readonly cluster: string | null;
  /** If the host does not see this project: what the run needs has to travel. */
  readonly far: FarSite | null;
}

export interface FarSite {
  readonly ssh: SshTransport;
  readonly order: RemoteOrder;
  /** The run's paths on that host. */
  readonly paths: RunPaths;
  readonly mirror: RunMirror;
}

/** Keeps the run's receipts and logs here as they grow on the other host. It remembers what it has fetched. */
export interface RunMirror {
  /** Brings everything that is new. `waitSeconds`: how long to wait for something new. */
  readonly look: (
    jobId: string | null,
    waitSeconds: number,
    signal?: AbortSignal,
    question?: (Question & { readonly environment: EnvironmentChange }) | null,
  ) => Promise<Looked>;
  /** Runs commands there, and then brings everything that is new, in one round trip. */
  readonly lookAfter: (
    jobId: string | null,
    commands: readonly TransportCommand[],
    signal?: AbortSignal,
  ) => Promise<{ readonly answers: readonly TransportResult[]; readonly looked: Looked }>;
}

export type Looked =
  /** `answer`: of the question, if it was asked. */
  | { readonly kind: 'looked'; readonly answer: Answer | null }
  /** The run has no folder on that host. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'lost'; readonly lost: Lost };
