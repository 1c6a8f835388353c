import { type RunPaths, runPaths } from '../records/paths.ts';
import type { OpenedData, RemoteOrder } from '../records/run-data.ts';
import { workingTexts } from '../records/withheld.ts';
import { type RunContext, viewOf } from '../run/context.ts';
import { localTransport } from '../transports/local.ts';
import type { SshTransport } from '../transports/ssh.ts';
import type { Transport } from '../transports/transport.ts';
import { sshTransportTo } from './ssh/connect.ts';

/** The launch host: where Slurm's commands are run, and how the project is called there. */
export interface Site {
  readonly transport: Transport;
  /** Absolute, there. */
  readonly root: string;
  /** The Slurm cluster that the design names; null: the one that answers there. */
  readonly cluster: string | null;
  /** Where another host does not see this project: what the run needs has to travel. */
  readonly far: FarSite | null;
}

export interface FarSite {
  readonly ssh: SshTransport;
  readonly order: RemoteOrder;
  /** Of the run, over there. */
  readonly paths: RunPaths;
}

/** `setup`: of this host, if its commands need one to be found. */
export function thisHost(root: string, setup: string | null = null): Site {
  return { transport: localTransport(root, setup), root, cluster: null, far: null };
}

/** The launch host of a run, as its journal has it: whatever became of the profile since. */
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
  return { transport: ssh, root: order.root, cluster, far: { ssh, order, paths } };
}

/** By driver: the connection's memory (was it made, is the shell noisy) lasts as long. */
const sites = new WeakMap<object, Site>();

export function siteOfRun(ctx: Pick<RunContext, 'root' | 'journal'>): Site {
  const known = sites.get(ctx.journal);
  if (known !== undefined) return known;
  const site = siteOf(ctx.root, viewOf(ctx).opened);
  sites.set(ctx.journal, site);
  return site;
}
