import { linesOf, type Ran, succeeded, whyNoAnswer } from './answer.ts';
import { configValue } from './config.ts';
import { readTime } from './values.ts';

/**
 * Whether a node has reported to the controller since the controller was started. Pure. Source: scontrol(1), and output
 * of 22.05 and 24.11: the start time of a node's slurmd is kept only in the controller's memory, so `SlurmdStartTime`
 * is `None` (and the state `UNKNOWN`) from a start of the controller until the node's first report. With that report
 * the controller ends every step on the node that it does not know.
 */

/** A job writes its node's name into its claim, and can write anything. */
const NODE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,253}$/;

/** Returns null if one of them is not the name of a node. */
export function showNodeArgv(...nodes: readonly string[]): readonly string[] | null {
  return nodes.every((node) => NODE.test(node)) ? ['scontrol', 'show', 'node', nodes.join(','), '-o'] : null;
}

export type NodeReport =
  | { readonly kind: 'reported'; readonly words: string }
  | { readonly kind: 'silent'; readonly words: string }
  | { readonly kind: 'no_answer'; readonly words: string };

export function judgeNode(ran: Ran, node: string): NodeReport {
  if (!succeeded(ran)) return { kind: 'no_answer', words: whyNoAnswer(ran) };
  const line = linesOf(ran.stdout).find((text) => text.split(/\s+/).includes(`NodeName=${node}`));
  if (line === undefined) return { kind: 'no_answer', words: `an answer without the node ${node}` };
  const value = (name: string): string => new RegExp(`(?:^|\\s)${name}=(\\S+)`).exec(line)?.[1] ?? '';
  const state = value('State');
  const started = readTime(value('SlurmdStartTime'));
  if (started === null) return { kind: 'silent', words: `${node} has not reported since the controller was started` };
  if (/UNKNOWN|NOT_RESPONDING|\*/.test(state)) return { kind: 'silent', words: `${node} does not respond (${state})` };
  return { kind: 'reported', words: `${node} has reported since the controller was started` };
}

/** When the controller was started, by `scontrol show config`; RFC 3339. */
export function bootTime(ran: Ran): string | null {
  return succeeded(ran) ? readTime(configValue(ran.stdout, 'BOOT_TIME') ?? '') : null;
}

/** Slurm writes its time in whole seconds, and a restarted controller does not answer within the same second. */
export function startedAfter(booted: string, at: string): boolean {
  return Date.parse(booted) >= Math.floor(Date.parse(at) / 1000) * 1000;
}
