import type { Blame } from './catalog.ts';

/**
 * The owner of a failure decides whether it costs an attempt: an attempt is a try of the experiment, so a failure of the
 * machine, the site or git costs none. `run/outcome.ts` says who owns which code.
 */
export type Owner = keyof typeof OWNERS;

interface OwnerEntry {
  /** Who can fix it, as in the catalogue. */
  readonly blame: Blame;
  /** Whether a failure of this owner costs an attempt, unless its row in `run/outcome.ts` says otherwise. */
  readonly costsAttempt: boolean;
  /** For the docs. */
  readonly means: string;
}

export const OWNERS = {
  none: { blame: 'none', costsAttempt: false, means: 'no failure' },
  experiment: {
    blame: 'user',
    costsAttempt: true,
    means: 'the experiment: its code, design, review, scripts and settings',
  },
  operator: { blame: 'user', costsAttempt: false, means: 'the operator: a call, a decision, a file of the workflow' },
  shell: {
    blame: 'user',
    costsAttempt: false,
    means: 'the environment of the caller: `PATH`, variables, modules, ssh keys',
  },
  git: { blame: 'user', costsAttempt: false, means: 'the repository, or git itself' },
  host: { blame: 'site', costsAttempt: false, means: 'the machine that launches' },
  site: { blame: 'site', costsAttempt: false, means: 'the cluster: Slurm, its nodes, the launch host, the network' },
  autolab: { blame: 'bug', costsAttempt: false, means: 'autolab itself' },
} as const satisfies Record<string, OwnerEntry>;
