import { FEW_JOBS } from './sites/few-jobs.mjs';
import { GRACE } from './sites/grace.mjs';
import { LUA } from './sites/lua.mjs';
import { NO_MEMORY, PER_CPU_MEMORY } from './sites/memory.mjs';
import { PARTITION_LIMITS } from './sites/partition-limits.mjs';
import { PLAIN, WHOLE_NODE } from './sites/plain.mjs';
import { PROLOG } from './sites/prolog.mjs';

/**
 * How a cluster is set up: the rules of a kind of site.
 *
 * @typedef {Record<string, string | number>} Partition keys of slurm.conf after PartitionName; `Nodes` is both nodes if left out
 * @typedef {object} Site
 * @property {string} about one line for a reader of `slurm:status`
 * @property {Record<string, Partition>} partitions by name; the first is the default
 * @property {Record<string, string>} [slurm] keys of slurm.conf in place of the plain site's
 * @property {string[]} [without] keys of slurm.conf that the plain site has and this one lacks
 * @property {Record<string, string | number>} [node] keys of its nodes' line in place of the plain site's
 * @property {boolean} [unlimited] Slurm sets no memory limit on jobs, whatever the machine can do
 * @property {(folder: string) => Record<string, string>} [slurmOf] keys of slurm.conf that name the cluster's folder
 * @property {(settings: {nodes: string[]}) => Record<string, string>} [files] more files for `etc/`, all of them executable
 * @property {Record<string, {qos: string[], account: string[]}>} [limits] more QOS and accounts, one of each by a name
 */

/** @type {Record<string, Site>} */
export const SITES = {
  plain: PLAIN,
  'whole-node': WHOLE_NODE,
  'per-cpu-memory': PER_CPU_MEMORY,
  'no-memory': NO_MEMORY,
  lua: LUA,
  grace: GRACE,
  prolog: PROLOG,
  'partition-limits': PARTITION_LIMITS,
  'few-jobs': FEW_JOBS,
};

export const DEFAULT_SITE = 'plain';

/** @param {string} name @returns {Site} */
export function siteNamed(name) {
  if (!Object.hasOwn(SITES, name)) {
    throw new Error(`There is no site "${name}". Sites: ${Object.keys(SITES).join(', ')}.`);
  }
  return SITES[name];
}
