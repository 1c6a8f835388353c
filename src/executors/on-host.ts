import type { FarFacts, SignsToFind } from '../transports/far-facts.ts';
import type { SiteSigns } from './found-by.ts';
import { executorFor, EXECUTORS } from './table.ts';

/** What all executors together say of a host. */

function allSigns(): readonly SiteSigns[] {
  return [...EXECUTORS.values()].flatMap(({ signs }) => signs ?? []);
}

/** Signs that this host belongs to a site with an executor of its own. */
export function siteSignsHere(env: NodeJS.ProcessEnv): readonly string[] {
  return allSigns().flatMap(({ here }) => here(env));
}

/** What to look for on another host. Pure. */
export function signsToFind(): SignsToFind {
  const all = allSigns();
  return { paths: all.flatMap(({ paths }) => paths), programs: all.flatMap(({ programs }) => programs) };
}

/** The signs of another host. Pure. */
export function siteSignsThere({ variables, signs }: Pick<FarFacts, 'variables' | 'signs'>): readonly string[] {
  const set = allSigns().flatMap(({ inVariables }) => inVariables(variables));
  return [...set, ...signs.map((sign) => `${sign} is there`)];
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
