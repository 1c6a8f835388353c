import { join } from 'node:path';
import { readTextOrNull } from '../../platform/files.ts';
import { parseObject } from '../../platform/json-object.ts';
import type { RunPaths } from '../../records/paths.ts';
import { RECEIPTS_FOLDER, taskCancelName, taskPaths } from '../../records/tasks/task-files.ts';
import type { FarSite } from '../../run/site.ts';
import { placeLinesArgv } from '../../transports/far-files.ts';
import type { Lost } from '../../transports/transport.ts';

const PLACE_MS = 60_000;

/** Requests to cancel single tasks are made here; the tasks look for them on the remote host. One command for all. */
export async function carryRequests(
  { ssh, paths: there }: FarSite,
  here: RunPaths,
  tasks: readonly number[],
): Promise<Lost | null> {
  const { receipts } = taskPaths(here);
  const lines = tasks.map(taskCancelName).map((name) => {
    const request = parseObject(readTextOrNull(join(receipts, name)) ?? '');
    return `${name} ${JSON.stringify(request ?? {})}\n`;
  });
  const argv = placeLinesArgv(join(there.folder, RECEIPTS_FOLDER));
  const result = await ssh.run(argv, { timeoutMs: PLACE_MS, stdin: lines.join('') });
  if (result.exitCode === 0) return null;
  return result.lost ?? { kind: 'dropped', words: result.stderr.trim(), began: true };
}
