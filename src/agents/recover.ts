import { join } from 'node:path';
import { crashPoint } from '../platform/crash-points.ts';
import { endRunProcesses } from '../platform/end-processes.ts';
import { realPathOr } from '../platform/files.ts';
import { hostIdentity } from '../platform/host.ts';
import type { Lease } from '../run/lease.ts';
import type { AgentFolder } from '../run/left-agent.ts';
import { forgetPicture, readPicture } from './picture.ts';
import { type AgentRecord, openRecord, writeRecord } from './record.ts';
import { putBackAll } from './run-agent.ts';
import type { Tree } from './tree.ts';

/** What a killed call left: its agent is ended, and the tree put back, before anything else happens. */

const GRACE_MS = 2_000;

export interface Recovered {
  readonly folder: AgentFolder;
  readonly record: AgentRecord;
  /** Each as `name (pid)`. */
  readonly ended: readonly string[];
}

/** Holding the lease. Returns null if nothing was left. */
export async function recoverAgent(root: string, lease: Lease): Promise<Recovered | null> {
  const left = openRecord(root);
  if (left === null) return null;
  const { folder, record } = left;
  const ended = record.phase === 'working' ? await endLeftAgent(record) : [];
  crashPoint('agent.left_ended');
  const picture = record.phase === 'working' ? readPicture(folder.path) : null;
  const task = { root, scope: record.scope, tree: whereItIs(root, record.tree) };
  const outside = picture === null ? [] : await putBackAll({ task, folder, picture, home: null, lease });
  crashPoint('agent.left_put_back');
  const code = outside.length > 0 ? 'agent.out_of_scope' : 'interrupted';
  const closed: AgentRecord = { ...record, phase: 'closed', outside, code };
  writeRecord(folder.path, closed);
  forgetPicture(folder.path);
  return { folder, record: closed, ended };
}

/** After a boot nothing of it lives. */
async function endLeftAgent({ driver, mark }: AgentRecord): Promise<readonly string[]> {
  const here = hostIdentity();
  if (driver.boot_id !== here.boot_id || driver.pid_namespace !== here.pid_namespace) return [];
  const run = { leader: null, marks: [mark], since: driver.start_time, spare: [process.pid] };
  return (await endRunProcesses(run, GRACE_MS)).ended;
}

/** The project may have been moved since. */
function whereItIs(root: string, tree: Tree): Tree {
  const real = realPathOr(root);
  const suffix = tree.prefix === '' ? '' : `/${tree.prefix.slice(0, -1)}`;
  return real === join(tree.base, tree.prefix.slice(0, -1)) || !real.endsWith(suffix)
    ? tree
    : { ...tree, base: real.slice(0, real.length - suffix.length) };
}
