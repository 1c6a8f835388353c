import type { ProcessResult } from '../../platform/process.ts';
import { clientEnvironment } from '../../schedulers/slurm/environment.ts';
import { localTransport } from '../../transports/local.ts';

/** One question to Slurm, in words that nothing of the caller's environment changes. Bounded; never rejects. */
export function askSlurm(root: string, argv: readonly string[], timeoutMs = 30_000): Promise<ProcessResult> {
  return localTransport(root).run(argv, { timeoutMs, env: clientEnvironment(process.env).env });
}
