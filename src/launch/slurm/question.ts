import { CLIENT_ENVIRONMENT } from '../../schedulers/slurm/environment.ts';
import type { TransportResult } from '../../transports/transport.ts';
import type { Site } from '../site.ts';

/** One question to Slurm, in words that nothing of the caller's environment changes. Bounded; never rejects. */
export function askSlurm(site: Site, argv: readonly string[], timeoutMs = 30_000): Promise<TransportResult> {
  return site.transport.run(argv, { timeoutMs, environment: CLIENT_ENVIRONMENT });
}
