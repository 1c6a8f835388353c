import { join } from 'node:path';
import { lstatOrNull, makeFolder, writeFileAtomic } from '../platform/files.ts';
import type { ProcessIdentity } from '../platform/host.ts';
import type { JsonObject } from '../platform/json-object.ts';
import { canonicalFile } from '../records/canonical.ts';
import { AGENT_LOGS, AGENT_RECORD, type AgentFolder, agentFolders, readAgentRecord } from '../run/left-agent.ts';
import type { OutsideChange } from './outside-change.ts';
import type { ScopeOf } from './scope.ts';
import type { Tree } from './tree.ts';

/** `.autolab/logs/agent-N-STAGE/record.json`: one start of an agent; what the next call needs if this one is killed. */

export const STDOUT_FILE = 'stdout.log';
export const STDERR_FILE = 'stderr.log';
export const PROMPT_FILE = 'prompt.md';

/** Marks all that an agent starts, in its environment. */
export const MARK = 'AUTOLAB_AGENT_DIR';

/** How the program ended; as a probe says it. */
export interface AgentEnd {
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly timed_out: boolean;
  readonly interrupted: boolean;
  readonly spawn_error: string | null;
  readonly duration_ms: number;
  readonly stdout_bytes: number;
  readonly stderr_bytes: number;
  /** What ran on after its end and was ended, and what could not be ended. */
  readonly left_running: readonly string[];
  readonly survivors: readonly string[];
}

export interface AgentRecord {
  readonly schema_version: '1.0';
  readonly number: number;
  readonly stage: string;
  readonly iteration_id: string;
  readonly experiment_id: string;
  readonly argv: readonly string[];
  readonly timeout_seconds: number;
  readonly began_at: string;
  readonly driver: ProcessIdentity;
  /** `NAME=value` in the environment of all that it started. */
  readonly mark: string;
  /** `preparing`: no agent yet. `working`: one may live, and the tree is to be put back. `closed`: all is done. */
  readonly phase: 'preparing' | 'working' | 'closed';
  readonly tree: Tree;
  readonly scope: ScopeOf;
  readonly end: AgentEnd | null;
  readonly outside: readonly OutsideChange[];
  readonly code: string | null;
}

/** Makes the folder of the next start. */
export function newAgentFolder(root: string, stage: string): AgentFolder {
  const number = (agentFolders(root).at(-1)?.number ?? 0) + 1;
  const relative = `${AGENT_LOGS}/agent-${number}-${stage}`;
  makeFolder(join(root, relative));
  return { number, relative, path: join(root, relative) };
}

export function writeRecord(folder: string, record: AgentRecord): void {
  makeFolder(folder);
  writeFileAtomic(join(folder, AGENT_RECORD), canonicalFile(record));
}

/** The start that a killed call left; null if there is none. */
export function openRecord(root: string): { readonly folder: AgentFolder; readonly record: AgentRecord } | null {
  const folder = agentFolders(root).at(-1);
  if (folder === undefined || lstatOrNull(folder.path)?.isDirectory() !== true) return null;
  const object = readAgentRecord(folder);
  return object !== null && isOpen(object) ? { folder, record: object } : null;
}

/** Others can write the file, too. */
function isOpen(object: JsonObject): object is JsonObject & AgentRecord {
  const { phase, tree, scope, driver, mark } = object;
  if (phase !== 'preparing' && phase !== 'working') return false;
  return [tree, scope, driver].every((part) => typeof part === 'object' && part !== null) && typeof mark === 'string';
}
