import { shortened } from '../../platform/listing.ts';
import { linesOf, type Ran, succeeded } from './answer.ts';
import { readTime } from './values.ts';

/** The controller's facts about the nodes of a job. Pure. Source: scontrol(1). */

/** Returns null if the list is not a list of names: it comes from an answer and becomes an argument. */
export function showNodesArgv(nodes: string | null): readonly string[] | null {
  return nodes !== null && /^[A-Za-z0-9][\w.,[\]-]{0,999}$/.test(nodes)
    ? ['scontrol', 'show', 'node', nodes, '-o']
    : null;
}

export interface NodeReason {
  readonly node: string;
  /** The reason for taking the node out of service, such as `Prolog error`. */
  readonly reason: string;
  readonly user: string;
  /** RFC 3339, UTC. */
  readonly at: string;
}

/** `Reason=Prolog error [root@2026-11-28T15:56:59+0000]`: nodes that an administrator or Slurm took out of service. */
export function nodeReasons(ran: Ran): readonly NodeReason[] {
  if (!succeeded(ran)) return [];
  return linesOf(ran.stdout).flatMap((line) => {
    const node = /(?:^|\s)NodeName=(\S+)/.exec(line)?.[1];
    const [, reason = '', user = '', time = ''] = /\sReason=(.{1,500}?) \[([^\s@\]]+)@([^\s\]]+)\]/.exec(line) ?? [];
    const at = readTime(time);
    return node === undefined || at === null ? [] : [{ node, reason: shortened(reason), user, at }];
  });
}

/** A node that is taken out of service within this time of a start is taken to be out because of it. */
const BEFORE_MS = 2_000;
const AFTER_MS = 60_000;

/** The reasons from the moment at which a job ended, as sentences. */
export function reasonsAround(
  reasons: readonly NodeReason[],
  startedAt: string | null,
  endedAt: string | null,
): readonly string[] {
  const from = Date.parse(startedAt ?? endedAt ?? '') - BEFORE_MS;
  const to = Date.parse(endedAt ?? startedAt ?? '') + AFTER_MS;
  return reasons
    .filter(({ at }) => Date.parse(at) >= from && Date.parse(at) <= to)
    .map(({ node, reason, user, at }) => `Node ${node} was taken out of service at ${at}: "${reason}" (${user})`);
}
