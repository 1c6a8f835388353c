import { onCluster } from '../../schedulers/slurm/clusters.ts';
import { CLIENT_ENVIRONMENT } from '../../schedulers/slurm/environment.ts';
import type { Site } from '../../sites/site.ts';
import type { TransportResult } from '../../transports/transport.ts';

/** A queue of a hundred thousand jobs; a longer answer counts as none. */
const MOST_BYTES = 16 * 1024 * 1024;

/** One question to Slurm (to the cluster of the design, if it names one), in words that nothing of the caller's environment changes. Bounded; never rejects. */
export function askSlurm(site: Site, argv: readonly string[], timeoutMs = 30_000): Promise<TransportResult> {
  return site.transport.run(onCluster(argv, site.cluster), {
    timeoutMs,
    environment: CLIENT_ENVIRONMENT,
    maxBytes: MOST_BYTES,
  });
}
