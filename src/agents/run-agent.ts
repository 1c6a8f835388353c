import { join } from 'node:path';
import type { Code } from '../errors/catalog.ts';
import { fail, LeaseLost, ok, type Result } from '../errors/failure.ts';
import { crashPoint } from '../platform/crash-points.ts';
import { lstatOrNull, writeFileAtomic } from '../platform/files.ts';
import { selfIdentity } from '../platform/host.ts';
import { now } from '../platform/time.ts';
import { type Lease, leaseHolder } from '../run/lease.ts';
import type { AgentFolder } from '../run/left-agent.ts';
import { bringHome, type Home, keepHome } from './home.ts';
import type { OutsideChange } from './outside-change.ts';
import { forgetPicture, type Picture, takePicture } from './picture.ts';
import { putTreeBack } from './put-back.ts';
import { type AgentEnd, type AgentRecord, MARK, newAgentFolder, PROMPT_FILE, writeRecord } from './record.ts';
import { scopeFor, type ScopeOf } from './scope.ts';
import { listWatched, type Tree } from './tree.ts';
import { workAsAgent } from './work.ts';

/** One start of an agent: the tree is kept, the agent works, what it changed outside of its scope is put back. */

export interface AgentTask {
  readonly root: string;
  readonly stage: string;
  readonly iterationId: string;
  readonly experimentId: string;
  readonly argv: readonly string[];
  readonly timeoutSeconds: number;
  readonly prompt: string;
  readonly tree: Tree;
  readonly scope: ScopeOf;
  readonly signal: AbortSignal;
  readonly onProgress: (elapsedSeconds: number, line: string | null) => void;
}

export interface AgentDone {
  readonly folder: AgentFolder;
  readonly record: AgentRecord;
}

/** Holding the lease, so that nothing else of autolab works in the project meanwhile. */
export async function runAgent(task: AgentTask, lease: Lease): Promise<Result<AgentDone>> {
  const folder = newAgentFolder(task.root, task.stage);
  const first = recordOf(task, folder);
  writeRecord(folder.path, first);
  writeFileAtomic(join(folder.path, PROMPT_FILE), task.prompt);
  const picture = await keepTree(task, folder);
  if (typeof picture === 'string') {
    writeRecord(folder.path, { ...first, phase: 'closed', code: 'git.failed' });
    return fail('git.failed', { message: `${picture}.` });
  }
  const home = keepHome(task.root, folder);
  try {
    crashPoint('agent.kept');
    const working: AgentRecord = { ...first, phase: 'working' };
    writeRecord(folder.path, working);
    crashPoint('agent.working');
    const end = await workAsAgent(orderOf(task, folder));
    crashPoint('agent.ended');
    const outside = await putBackAll({ task, folder, picture, home, lease });
    const record: AgentRecord = { ...working, phase: 'closed', end, outside, code: codeOf(end, outside) };
    crashPoint('agent.put_back');
    writeRecord(folder.path, record);
    forgetPicture(folder.path);
    return ok({ folder, record });
  } finally {
    home.close();
  }
}

function recordOf(task: AgentTask, { number, path }: AgentFolder): AgentRecord {
  return {
    schema_version: '1.0',
    number,
    stage: task.stage,
    iteration_id: task.iterationId,
    experiment_id: task.experimentId,
    argv: task.argv,
    timeout_seconds: task.timeoutSeconds,
    began_at: now(),
    driver: selfIdentity(),
    mark: `${MARK}=${path}`,
    phase: 'preparing',
    tree: task.tree,
    scope: task.scope,
    end: null,
    outside: [],
    code: null,
  };
}

/** Returns why the tree cannot be compared. */
async function keepTree({ tree, scope }: AgentTask, folder: AgentFolder): Promise<Picture | string> {
  const listing = await listWatched(tree, scopeFor(scope), scope.closed, `${tree.prefix}${folder.relative}`);
  return listing.trouble ?? takePicture(tree, listing, folder.path);
}

function orderOf(task: AgentTask, { path }: AgentFolder): Parameters<typeof workAsAgent>[0] {
  const { root, argv, prompt, timeoutSeconds, signal, onProgress } = task;
  const env = {
    ...process.env,
    [MARK]: path,
    AUTOLAB_STAGE: task.stage,
    AUTOLAB_ITERATION_ID: task.iterationId,
    AUTOLAB_EXPERIMENT_ID: task.experimentId,
    AUTOLAB_REPO_ROOT: root,
  };
  return { argv, cwd: root, env, prompt, folder: path, mark: `${MARK}=${path}`, timeoutSeconds, signal, onProgress };
}

interface Back {
  readonly task: Pick<AgentTask, 'root' | 'tree' | 'scope'>;
  readonly folder: AgentFolder;
  readonly picture: Picture;
  readonly home: Home | null;
  readonly lease: Lease;
}

export async function putBackAll({ task, folder, picture, home, lease }: Back): Promise<readonly OutsideChange[]> {
  const { root, tree, scope } = task;
  if (lstatOrNull(root)?.isDirectory() !== true)
    throw new LeaseLost('project.moved', `${root} was moved or removed while an agent worked in it`);
  const moved = bringHome(root, folder, home);
  const holder = leaseHolder(root);
  if (holder !== null && holder.record.token !== lease.token)
    throw new LeaseLost('lease.lost', `the lease of epoch ${lease.epoch} was taken over while an agent worked`);
  const ownerOf = scopeFor(scope);
  const own = `${tree.prefix}${folder.relative}`;
  const list = () => listWatched(tree, ownerOf, scope.closed, own);
  const changes = await putTreeBack({ tree, picture, folder: folder.path, ownerOf, list });
  return [...moved, ...changes];
}

/** Null if it ended well and kept to its scope. */
function codeOf(end: AgentEnd, outside: readonly OutsideChange[]): Code | null {
  if (end.interrupted) return 'interrupted';
  if (outside.length > 0) return 'agent.out_of_scope';
  if (end.spawn_error !== null) return 'agent.not_started';
  if (end.timed_out) return 'agent.timeout';
  return end.exit_code === 0 ? null : 'agent.failed';
}
