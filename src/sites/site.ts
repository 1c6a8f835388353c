import { runPaths } from '../records/paths.ts';
import type { OpenedData } from '../records/run-data.ts';
import { workingTexts } from '../records/withheld.ts';
import { type RunContext, viewOf } from '../run/context.ts';
import type { Site } from '../run/site.ts';
import { localTransport } from '../transports/local.ts';
import type { Transport } from '../transports/transport.ts';
import { sshTransportTo } from './ssh/connect.ts';
import { Mirror } from './ssh/mirror.ts';
import { mirroredReceipts } from './ssh/mirrored-receipts.ts';

export type { FarSite, Site } from '../run/site.ts';

/** `setup`: of this host, if its commands need one to be found. */
export function thisHost(root: string, setup: string | null = null): Site {
  return hostSite(localTransport(root, setup), root);
}

/** A host for questions that are about no run. */
export function hostSite(transport: Transport, root: string): Site {
  return { transport, root, cluster: null, far: null };
}

/** The launch host of a run, as its journal has it, even if the profile has changed since. */
export function siteOf(root: string, opened: OpenedData): Site {
  const { remote: order } = opened;
  const cluster = opened.resource_request.cluster ?? null;
  const here = runPaths(root, opened.iteration_id, opened.run_id);
  const recorded = order?.setup ?? opened.host.setup ?? null;
  const setup = opened.withheld === true ? (workingTexts(here, opened)?.setup ?? null) : recorded;
  if (order === undefined || order === null) return { ...thisHost(root, setup), cluster };
  const ssh = sshTransportTo({ ...order, setup });
  if (order.mode === 'shared_fs') return { transport: ssh, root: order.root, cluster, far: null };
  const paths = runPaths(order.root, opened.iteration_id, opened.run_id);
  return {
    transport: ssh,
    root: order.root,
    cluster,
    far: { ssh, order, paths, mirror: new Mirror(ssh, paths, here, mirroredReceipts(here, opened.tasks)) },
  };
}

/** The connection's memory (was it made, is the shell noisy) lasts as long as the driver. */
export function siteOfRun(ctx: Pick<RunContext, 'root' | 'journal' | 'memory'>): Site {
  ctx.memory.site ??= siteOf(ctx.root, viewOf(ctx).opened);
  return ctx.memory.site;
}
