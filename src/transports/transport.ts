import type { ProcessResult } from '../platform/process.ts';

/** Where a launch host is reached. A transport runs argv; it knows nothing of what the commands mean. */
export interface Transport {
  /** For records: `local`, or the ssh destination. */
  readonly name: string;
  readonly run: (argv: readonly string[], options: TransportRunOptions) => Promise<ProcessResult>;
}

export interface TransportRunOptions {
  readonly timeoutMs: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly maxBytes?: number;
}
