import { linesOf, type Ran, succeeded, whyNoAnswer } from './answer.ts';

/** A cluster's own configuration. Pure. Source: scontrol(1). */

export function configArgv(): readonly string[] {
  return ['scontrol', 'show', 'config'];
}

/** `ClusterName             = alpha`, one setting per line; null if there is no such line. */
export function configValue(stdout: string, name: string): string | null {
  for (const line of linesOf(stdout)) {
    const at = line.indexOf('=');
    if (at >= 0 && line.slice(0, at).trimEnd() === name) return line.slice(at + 1).trim();
  }
  return null;
}

/** `KillWait                = 30 sec`; null if there is no such line. */
export function killWaitSeconds(stdout: string): number | null {
  const seconds = /^(\d+) sec/.exec(configValue(stdout, 'KillWait') ?? '')?.[1];
  return seconds === undefined ? null : Number(seconds);
}

export type ClusterName =
  { readonly kind: 'named'; readonly name: string } | { readonly kind: 'no_answer'; readonly words: string };

/** An answer about a job means something only if it comes from the job's cluster. */
export function judgeClusterName(ran: Ran): ClusterName {
  if (!succeeded(ran)) return { kind: 'no_answer', words: whyNoAnswer(ran) };
  const name = configValue(ran.stdout, 'ClusterName');
  return name === null || name === ''
    ? { kind: 'no_answer', words: 'an answer without a cluster' }
    : { kind: 'named', name };
}

/** Accounting does not know the cluster of `--clusters`: no cluster got the question. */
export function saysNoSuchCluster(ran: Ran): boolean {
  return ran.exitCode !== 0 && !ran.timedOut && /^\S+: error: No cluster '.*' known by database/m.test(ran.stderr);
}
