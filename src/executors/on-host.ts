import { executorFor, EXECUTORS } from './table.ts';

/** What all executors together say of a host. */

/** Signs that this host belongs to a site with an executor of its own. */
export function siteSignsHere(env: NodeJS.ProcessEnv): readonly string[] {
  return [...EXECUTORS.values()].flatMap((executor) => executor.signsHere(env));
}

/** The same, by the names of the variables of a host. Pure. */
export function siteSignsIn(names: readonly string[]): readonly string[] {
  return [...EXECUTORS.values()].flatMap((executor) => executor.signsInVariables(names));
}

/** Names of the variables that are hidden from the commands of an executor. Pure. */
export function variablesHidden(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  return [...EXECUTORS.values()].flatMap((executor) => executor.hiddenVariables(env));
}

/** What to do if the design asks for one executor, and the host has another. Pure. */
export function hintForOtherHost(wanted: string, has: string): string {
  const { launchFrom } = executorFor(wanted);
  const { mistakenIf } = executorFor(has);
  const change = `${launchFrom === null ? 'Set' : `${launchFrom}, or set`} compute.location: ${has} in the design (and have it reviewed)`;
  if (mistakenIf === null) return `${change}.`;
  return `${change}; or, if ${mistakenIf}, set host_mode: ${wanted} in .autolab/launch.yaml.`;
}
