import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { exclusively } from '../lock.mjs';
import { attach, down, up } from './cluster.mjs';
import { writeWhole } from './files.mjs';
import { isAlive, knownSelf } from './processes.mjs';
import { readSettings, temporaryParent } from './settings.mjs';
import { SITES } from './sites.mjs';

/**
 * Clusters that belong to a process and go when it goes: those of tests. A process that was killed cannot take its cluster
 * down; the next one that wants a cluster does it for it.
 */

/** The release whose Slurm the tests use, where it is not this machine's own: `npm run campaign -- slurm-24` sets it. */
function releaseForTests() {
  return process.env['AUTOLAB_SLURM_RELEASE'];
}

/**
 * A cluster in a new folder under the system's temporary folder: its path is short, as the paths of sockets must be.
 *
 * @param {Omit<NonNullable<Parameters<typeof up>[0]>, 'folder'>} [options] as of `up`
 * @returns {Promise<import('./cluster.mjs').Cluster>} to be ended with `endTemporary`
 */
export async function temporaryCluster(options = {}) {
  await sweep();
  const parent = temporaryParent();
  mkdirSync(parent, { recursive: true, mode: 0o755 });
  const box = mkdtempSync(join(parent, 'c-'));
  writeWhole(join(box, 'owner.json'), `${JSON.stringify(knownSelf())}\n`);
  const folder = join(box, 's');
  try {
    return await up({ release: releaseForTests(), ...options, folder });
  } catch (error) {
    await endBox(box);
    throw error;
  }
}

/**
 * A cluster of another site beside one that `temporaryCluster` gave, with that one's accounting; it goes with it. The first
 * caller starts it, in whatever process; the others wait for it and get the same.
 *
 * @param {string} folder of the other cluster
 * @param {string} site
 * @returns {Promise<import('./cluster.mjs').Cluster>}
 */
export async function siteBeside(folder, site) {
  const own = join(folder, '..', site);
  return exclusively(`slurm-site-${own}`, async () => {
    const ready = join(own, 'ready');
    // A second `up` would bring back nodes that a test has set down.
    if (existsSync(ready)) return attach(own);
    const { release } = readSettings(folder);
    const cluster = await up({ folder: own, site, release, booksOf: folder });
    writeWhole(ready, '');
    return cluster;
  });
}

/** @param {string} folder of a cluster that `temporaryCluster` gave */
export async function endTemporary(folder) {
  await endBox(join(folder, '..'));
}

/** Takes down what processes that are no more have left running. */
export async function sweep() {
  for (const name of namesIn(temporaryParent())) {
    const box = join(temporaryParent(), name);
    const owner = ownerOf(box);
    // Without an owner it is being made, or being removed, at this moment.
    if (owner !== null && !isAlive(owner)) await endBox(box);
  }
}

async function endBox(box) {
  // The clusters that use its accounting go first.
  const beside = namesIn(box).filter((name) => Object.hasOwn(SITES, name));
  await Promise.all(beside.map((name) => down(join(box, name), { remove: true })));
  const folder = join(box, 's');
  if (existsSync(folder)) await down(folder, { remove: true });
  rmSync(box, { recursive: true, force: true });
}

function namesIn(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function ownerOf(box) {
  try {
    return JSON.parse(readFileSync(join(box, 'owner.json'), 'utf8'));
  } catch {
    return null;
  }
}
