import { join } from 'node:path';
import { listNames, readTextOrNull } from '../platform/files.ts';
import { type JsonObject, parseObject, textOrNull } from '../platform/json-object.ts';

/** Where the starts of agents are recorded, and whether one was left in the middle: then nothing else may begin. */

export const AGENT_LOGS = '.autolab/logs';
export const AGENT_RECORD = 'record.json';

export interface AgentFolder {
  readonly number: number;
  /** Relative to the project. */
  readonly relative: string;
  /** Absolute. */
  readonly path: string;
}

const NAME = /^agent-(\d{1,9})-[a-z_]+$/;

/** The folders of all starts, in their order. */
export function agentFolders(root: string): readonly AgentFolder[] {
  return listNames(join(root, AGENT_LOGS))
    .flatMap((name) => {
      const number = NAME.exec(name)?.[1];
      const relative = `${AGENT_LOGS}/${name}`;
      return number === undefined ? [] : [{ number: Number(number), relative, path: join(root, relative) }];
    })
    .sort((a, b) => a.number - b.number);
}

export function readAgentRecord({ path }: AgentFolder): JsonObject | null {
  return parseObject(readTextOrNull(join(path, AGENT_RECORD)));
}

/** The stage of an agent that was at work when its driver died; null if there is none. */
export function leftAgentStage(root: string): string | null {
  const folder = agentFolders(root).at(-1);
  const record = folder === undefined ? null : readAgentRecord(folder);
  return record?.['phase'] === 'working' ? textOrNull(record['stage']) : null;
}
