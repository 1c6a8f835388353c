import type { EnvironmentChange } from '../platform/environment.ts';
import type { ProcessResult } from '../platform/process.ts';

/** The connection to a launch host. A transport runs argv and moves files; it does not know what the commands mean. */
export interface Transport {
  /** For records: `local`, or the ssh destination. */
  readonly name: string;
  readonly run: (argv: readonly string[], options: TransportRunOptions) => Promise<TransportResult>;
  /** The same, with the output as bytes. */
  readonly runRaw: (argv: readonly string[], options: TransportRunOptions) => Promise<RawTransportResult>;
  /**
   * Runs commands none of which needs the answer of another one: at once on this host; in one round trip on another one,
   * where they run in this sequence, and either all of them are answered or none.
   */
  readonly runEach: (
    commands: readonly TransportCommand[],
    signal?: AbortSignal,
  ) => Promise<readonly TransportResult[]>;
}

export interface TransportCommand extends Pick<TransportRunOptions, 'timeoutMs' | 'environment' | 'maxBytes'> {
  readonly argv: readonly string[];
}

export interface TransportRunOptions {
  readonly timeoutMs: number;
  readonly environment?: EnvironmentChange;
  /** The most that is kept of each stream; the rest is counted as truncated. */
  readonly maxBytes?: number;
  readonly cwd?: string;
  readonly stdin?: string | Uint8Array;
  /** Ends the waiting as a time-out does. */
  readonly signal?: AbortSignal;
  /** Without the commands that prepare the shell of another host. */
  readonly bare?: boolean;
}

export interface TransportResult extends ProcessResult {
  /** Why there is no answer although the command may be fine: the host was not reached, or the connection broke. */
  readonly lost: Lost | null;
}

export interface RawTransportResult extends Omit<TransportResult, 'stdout'> {
  readonly stdout: Buffer;
}

export interface Lost {
  readonly kind: 'unreachable' | 'denied' | 'host_key' | 'no_shell' | 'dropped';
  /** ssh's message, or autolab's: one line. */
  readonly words: string;
  /** The command may have been started on the remote host. */
  readonly began: boolean;
}

export function asText(raw: RawTransportResult): TransportResult {
  return { ...raw, stdout: raw.stdout.toString('utf8') };
}
