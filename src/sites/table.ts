import type { RunPaths } from '../records/paths.ts';
import { type RunContext, viewOf } from '../run/context.ts';
import type { Site } from '../run/site.ts';
import type { Lost } from '../transports/transport.ts';
import type { Carrier } from './carrier.ts';
import { folderHere, sharedFiles } from './here.ts';
import { isRemote } from './is-remote.ts';
import type { RunFolder } from './run-folder.ts';
import { siteOfRun } from './site.ts';
import { overSsh } from './ssh/carrier.ts';
import { folderOverSsh } from './ssh/run-folder.ts';
import { submitOverSsh } from './ssh/submit-over-ssh.ts';
import { submitHere } from './submit-here.ts';
import type { Submitter } from './submitter.ts';

/** Every kind of site: no other module asks whether a run is here or on another host. */

/** The carrier of a run's site. */
export function carrierOf(ctx: RunContext): Carrier {
  const { far } = siteOfRun(ctx);
  return far === null ? sharedFiles : overSsh(far);
}

/** `here`: the run's folder here. */
export function runFolderOf({ far, transport }: Site, here: RunPaths): RunFolder {
  return far === null ? folderHere(here, transport) : folderOverSsh(far, here);
}

/** The run's folder, for its driver. */
export function folderOfRun(ctx: RunContext): RunFolder {
  return runFolderOf(siteOfRun(ctx), ctx.paths);
}

/** Brings the run's receipts and logs up to date. Returns why it could not, or null. */
export function refresh(ctx: RunContext): Promise<Lost | null> {
  return folderOfRun(ctx).fetchNews(viewOf(ctx).job?.job_id ?? null);
}

export function submitterOf(ctx: RunContext): Submitter {
  const site = siteOfRun(ctx);
  return isRemote(viewOf(ctx).opened) ? submitOverSsh(ctx, site, () => refresh(ctx)) : submitHere(site);
}
