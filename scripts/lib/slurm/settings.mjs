import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { ROOT } from '../paths.mjs';
import { writeWhole } from './files.mjs';
import { DEFAULT_SITE } from './sites.mjs';

/**
 * @typedef {object} Settings what a cluster is, kept in `cluster.json` of its folder
 * @property {string} cluster its name, and the prefix of its nodes' names: unique on the machine, because the memory
 *   cgroups of two clusters would otherwise be the same
 * @property {string[]} nodes
 * @property {string} host short name of the machine: slurmctld and slurmdbd start only where it is right
 * @property {string} user who all the daemons run as, the jobs too
 * @property {number} port base of the ports, see `OFFSETS`
 * @property {boolean} accounting
 * @property {string} site a name of sites.mjs
 * @property {string} [release] of Debian whose Slurm it is, see releases.mjs; this machine's own if left out
 * @property {{folder: string, port: number}} [books] the cluster whose munged, slurmdbd and MariaDB this one uses
 * @property {number} minJobAge seconds that slurmctld remembers a finished job, at least; it looks once a minute
 * @property {'cgroup/v1' | 'cgroup/v2' | 'none'} memoryLimits
 * @property {string} databasePassword
 */

// A socket's path has 108 bytes on Linux, and slurmstepd's is the folder and some forty characters.
const LONGEST_FOLDER = 64;

export const DEFAULT_MIN_JOB_AGE = 300;

/**
 * The folder of the checkout's own cluster: `.slurm/`, or one under the system's temporary folder where the checkout lies
 * too deep for the paths of sockets.
 */
export function defaultFolder() {
  const folder = join(ROOT, '.slurm');
  return Buffer.byteLength(folder) <= LONGEST_FOLDER ? folder : join(tmpdir(), `autolab-slurm-${shortHash(ROOT)}`);
}

/** Where clusters of tests and releases lie. One for each user: a folder that another made could not be written. */
export function temporaryParent() {
  return join(tmpdir(), `autolab-slurm-${process.getuid?.() ?? 0}`);
}

/**
 * The folder's real path, which is what its processes and their sockets are known by.
 *
 * @param {string} folder need not exist
 * @throws {Error} where no cluster can live there
 */
export function realFolder(folder) {
  const path = resolve(folder);
  let existing = path;
  while (!existsSync(existing)) existing = dirname(existing);
  const real = resolve(realpathSync(existing), path.slice(existing.length).replace(/^\/+/, ''));
  if (Buffer.byteLength(real) > LONGEST_FOLDER) {
    throw new Error(
      `${real} is too long for the sockets of a cluster: at most ${LONGEST_FOLDER} bytes. Choose another folder.`,
    );
  }
  if (!/^[\w./+@-]+$/.test(real)) {
    throw new Error(`${real} has characters that the files of Slurm cannot hold. Choose another folder.`);
  }
  return real;
}

/** @returns {Settings | null} null where no cluster was ever started in the folder */
export function readSettings(folder) {
  const path = join(folder, 'cluster.json');
  if (!existsSync(path)) return null;
  // One of an earlier version says nothing of its site.
  return { site: DEFAULT_SITE, ...JSON.parse(readFileSync(path, 'utf8')) };
}

/** @param {string} folder @param {Settings} settings */
export function writeSettings(folder, settings) {
  mkdirSync(folder, { recursive: true });
  writeWhole(join(folder, 'cluster.json'), `${JSON.stringify(settings, null, 2)}\n`, 0o600);
}

/**
 * A new cluster's settings, or those of an old one with what the caller asked for.
 *
 * @param {string} folder real path
 * @param {Settings | null} old
 * @param {{accounting?: boolean, minJobAge?: number, site?: string, release?: string, books?: Settings['books'], port: number}} asked
 * @param {{user: string, memoryLimits: Settings['memoryLimits']}} machine
 * @returns {Settings}
 */
export function settingsFor(folder, old, asked, machine) {
  const cluster = `c${shortHash(folder)}`;
  return {
    cluster,
    nodes: ['n1', 'n2'].map((name) => cluster + name),
    host: hostname().split('.')[0],
    user: machine.user,
    port: asked.port,
    accounting: asked.accounting ?? old?.accounting ?? true,
    site: asked.site ?? old?.site ?? DEFAULT_SITE,
    release: asked.release ?? old?.release,
    books: asked.books,
    minJobAge: asked.minJobAge ?? old?.minJobAge ?? DEFAULT_MIN_JOB_AGE,
    memoryLimits: machine.memoryLimits,
    databasePassword: old?.databasePassword ?? randomBytes(16).toString('hex'),
  };
}

/** Whether a folder is one that `up` made: nothing else is ever removed. */
export function isClusterFolder(folder) {
  return readSettings(folder)?.cluster === `c${shortHash(folder)}` && basename(folder) !== '';
}

function shortHash(text) {
  return createHash('sha256').update(text).digest('hex').slice(0, 6);
}
