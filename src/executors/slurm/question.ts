import { onCluster } from '../../schedulers/slurm/clusters.ts';
import { CLIENT_ENVIRONMENT } from '../../schedulers/slurm/environment.ts';
import type { Site } from '../../sites/site.ts';
import type { TransportResult } from '../../transports/transport.ts';

/** Room for a queue of a hundred thousand jobs; a longer answer counts as none. */
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * Sends one query to Slurm (to the design's cluster, if it names one), unaffected by the caller's environment. Bounded;
 * never rejects.
 */
export function askSlurm(site: Site, argv: readonly string[], timeoutMs = 30_000): Promise<TransportResult> {
  const { argv: words, ...options } = slurmCommand(site, argv, timeoutMs);
  return site.transport.run(words, options);
}

/** The query, for whoever sends several at once. */
export function slurmCommand({ cluster }: Site, argv: readonly string[], timeoutMs: number) {
  return { argv: onCluster(argv, cluster), timeoutMs, environment: CLIENT_ENVIRONMENT, maxBytes: MOST_BYTES };
}
