import { linesOf, type Ran, succeeded, whyNoAnswer } from './answer.ts';

/** What a cluster says of itself. Pure. Source: scontrol(1). */

export function configArgv(): readonly string[] {
  return ['scontrol', 'show', 'config'];
}

/** `ClusterName             = alpha`, one a line; null where there is no such line. */
export function configValue(stdout: string, name: string): string | null {
  for (const line of linesOf(stdout)) {
    const at = line.indexOf('=');
    if (at >= 0 && line.slice(0, at).trimEnd() === name) return line.slice(at + 1).trim();
  }
  return null;
}

/** `KillWait                = 30 sec`; null where there is no such line. */
export function killWaitSeconds(stdout: string): number | null {
  const seconds = /^(\d+) sec/.exec(configValue(stdout, 'KillWait') ?? '')?.[1];
  return seconds === undefined ? null : Number(seconds);
}

export type ClusterName =
  { readonly kind: 'named'; readonly name: string } | { readonly kind: 'no_answer'; readonly words: string };

/** An answer about a job means something only where it comes from the cluster of the job. */
export function judgeClusterName(ran: Ran): ClusterName {
  if (!succeeded(ran)) return { kind: 'no_answer', words: whyNoAnswer(ran) };
  const name = configValue(ran.stdout, 'ClusterName');
  return name === null || name === ''
    ? { kind: 'no_answer', words: 'an answer without a cluster' }
    : { kind: 'named', name };
}

/** The accounting does not know the cluster that `--clusters` names: nothing was asked of any cluster. */
export function saysNoSuchCluster(ran: Ran): boolean {
  return ran.exitCode !== 0 && !ran.timedOut && /^\S+: error: No cluster '.*' known by database/m.test(ran.stderr);
}
