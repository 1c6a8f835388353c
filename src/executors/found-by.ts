import type { EnvironmentChange } from '../platform/environment.ts';
import type { Objection } from '../run/objection.ts';

/** How hosts with an executor are recognized, and the messages about hosts with another one. */
export interface FoundBy {
  /**
   * The commands that must succeed on a host that has it, by their names in the record of the host. Empty if every host
   * has it.
   */
  readonly hostProbes: Readonly<Record<string, HostProbe>>;
  /** What shows that a host belongs to a site which has it; null if there are no such sites. */
  readonly signs: SiteSigns | null;
  /** Names of the variables that are hidden from its commands. Pure. */
  readonly hiddenVariables: (env: Readonly<Record<string, string | undefined>>) => readonly string[];
  /** Where to launch instead, in the imperative; null if every host has it. */
  readonly launchFrom: string | null;
  /** Why a host may only seem to have it; null if there is no such reason. */
  readonly mistakenIf: string | null;
  /** Why this executor cannot be used on a host that seems to have it; null if nothing shows that. Pure. */
  readonly seemsUnreachable: (facts: HostSigns) => Objection | null;
}

export interface HostProbe {
  readonly argv: readonly string[];
  readonly environment: EnvironmentChange;
}

export interface SiteSigns {
  /** The signs of this host, in words. */
  readonly here: (env: NodeJS.ProcessEnv) => readonly string[];
  /** The signs among the variables of a host, in words. Pure. */
  readonly inVariables: (names: readonly string[]) => readonly string[];
  /** Files, as patterns of a shell. */
  readonly paths: readonly string[];
  readonly programs: readonly string[];
}

export interface HostSigns {
  /** The launch host, for the user. */
  readonly hostName: string;
  readonly isThisHost: boolean;
  /** The executor that it has by its probes. */
  readonly has: string;
  /** What the probes say. */
  readonly reason: string;
  /** That it belongs to a site that has this executor. */
  readonly signs: readonly string[];
}
