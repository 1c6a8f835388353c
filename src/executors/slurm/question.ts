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
  return site.transport.run(onCluster(argv, site.cluster), {
    timeoutMs,
    environment: CLIENT_ENVIRONMENT,
    maxBytes: MOST_BYTES,
  });
}
