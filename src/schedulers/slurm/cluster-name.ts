import { linesOf, succeeded, wordsOf, type Ran } from './answer.ts';

/** Which cluster answers. Pure. An answer about a job means something only where it comes from the cluster of the job. */

export function clusterNameArgv(): readonly string[] {
  return ['scontrol', 'show', 'config'];
}

export type ClusterName =
  { readonly kind: 'named'; readonly name: string } | { readonly kind: 'no_answer'; readonly words: string };

/** `ClusterName             = alpha` */
export function judgeClusterName(ran: Ran): ClusterName {
  if (!succeeded(ran)) return { kind: 'no_answer', words: wordsOf(ran) };
  for (const line of linesOf(ran.stdout)) {
    const name = /^ClusterName\s*=\s*(\S+)/.exec(line)?.[1];
    if (name !== undefined) return { kind: 'named', name };
  }
  return { kind: 'no_answer', words: 'an answer without a cluster' };
}
