import type { EnvironmentChange } from '../platform/environment.ts';
import type { ProcessResult } from '../platform/process.ts';

/** Where a launch host is reached. A transport runs argv and moves files; it knows nothing of what the commands mean. */
export interface Transport {
  /** For records: `local`, or the ssh destination. */
  readonly name: string;
  readonly run: (argv: readonly string[], options: TransportRunOptions) => Promise<TransportResult>;
  /** The same, with what it prints as bytes. */
  readonly runRaw: (argv: readonly string[], options: TransportRunOptions) => Promise<RawTransportResult>;
}

export interface TransportRunOptions {
  readonly timeoutMs: number;
  readonly environment?: EnvironmentChange;
  /** Kept of each stream; the rest is counted as truncated. */
  readonly maxBytes?: number;
  readonly cwd?: string;
  readonly stdin?: string | Uint8Array;
  /** Ends the waiting as a time-out does. */
  readonly signal?: AbortSignal;
  /** Without the commands that prepare the shell of another host. */
  readonly bare?: boolean;
}

export interface TransportResult extends ProcessResult {
  /** Why there is no answer although the command may be sound: the host was not reached, or the connection broke. */
  readonly lost: Lost | null;
}

export interface RawTransportResult extends Omit<TransportResult, 'stdout'> {
  readonly stdout: Buffer;
}

export interface Lost {
  readonly kind: 'unreachable' | 'denied' | 'host_key' | 'no_shell' | 'dropped';
  /** Of ssh, or ours: one line. */
  readonly words: string;
  /** The command may have been started over there. */
  readonly began: boolean;
}

export function asText(raw: RawTransportResult): TransportResult {
  return { ...raw, stdout: raw.stdout.toString('utf8') };
}
