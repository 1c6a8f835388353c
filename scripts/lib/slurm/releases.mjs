import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exclusively } from '../lock.mjs';
import { setUpIfMissing } from '../prerequisites.mjs';
import { runProgram } from '../process.mjs';
import { enterScript, wrapperFor } from './enter.mjs';
import { removeTree, writeWhole } from './files.mjs';
import { temporaryParent } from './settings.mjs';

/**
 * The Slurm of another release of Debian: that release in a folder, which daemons, clients and jobs take for the root of the
 * file system. It is made once for a machine and user, and used by any number of clusters.
 */

export const RELEASES = ['trixie'];

const PACKAGES = [
  ...['slurm-wlm', 'slurmdbd', 'slurm-wlm-basic-plugins', 'slurm-wlm-mysql-plugin', 'mariadb-server', 'munge'],
  // What jobs call.
  ...['git', 'jq', 'openssh-client', 'procps', 'rsync'],
];

const CLIENTS = [
  'sacct',
  'sacctmgr',
  'salloc',
  'sattach',
  'sbatch',
  'scancel',
  'scontrol',
  'sinfo',
  'squeue',
  'srun',
  'sstat',
];

function pathsOfRelease(name) {
  const folder = join(temporaryParent(), name);
  return {
    root: join(folder, 'root'),
    bin: join(folder, 'bin'),
    enter: join(folder, 'enter'),
    made: join(folder, 'release.json'),
    folder,
  };
}

/** @param {string} name @returns {string} folder of the release's clients, for the front of PATH */
export function clientsOf(name) {
  return pathsOfRelease(name).bin;
}

/** @param {string | undefined} name @param {string[]} argv @returns {string[]} what runs `argv` in that release */
export function inRelease(name, argv) {
  return name === undefined ? argv : [pathsOfRelease(name).enter, ...argv];
}

/** @param {string} name @returns {string} Slurm's version there; empty if the release was not made yet */
export function slurmVersionOf(name) {
  const { made } = pathsOfRelease(name);
  return existsSync(made) ? JSON.parse(readFileSync(made, 'utf8')).slurm : '';
}

/**
 * Makes a release where it is missing: about a minute and 900 MB, by debootstrap and apt-get.
 *
 * @param {string} name one of `RELEASES`
 * @param {(line: string) => void} log
 */
export async function installRelease(name, log) {
  if (!RELEASES.includes(name))
    throw new Error(`There is no release "${name}" here. Releases: ${RELEASES.join(', ')}.`);
  if (process.getuid?.() !== 0) throw new Error('A Slurm of another release takes root: it is entered with chroot.');
  await setUpIfMissing(['other-slurm'], log);
  await exclusively(`slurm-release-${name}`, async () => {
    const { folder, made } = pathsOfRelease(name);
    if (!existsSync(made)) await make(name, log);
    writeCommands(name);
    log(`using Slurm ${slurmVersionOf(name)} in ${folder}`);
  });
}

async function make(name, log) {
  const { folder, root, made } = pathsOfRelease(name);
  log(`making Debian ${name} in ${folder}`);
  removeTree(folder);
  mkdirSync(folder, { recursive: true });
  // In mount namespaces of their own: whatever they mount goes when they end.
  await must(['unshare', '--mount', 'debootstrap', '--variant=minbase', name, root]);
  writeFileSync(join(root, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  writeFileSync(join(root, 'etc/dpkg/dpkg.cfg.d/autolab'), 'force-unsafe-io\n');
  writeCommands(name);
  log(`installing Slurm of ${name}`);
  const apt = ['apt-get', 'install', '-y', '-q', '--no-install-recommends', ...PACKAGES];
  await must(inRelease(name, ['env', 'DEBIAN_FRONTEND=noninteractive', ...apt]));
  const version = await must(inRelease(name, ['dpkg-query', '-W', '-f', '${source:Upstream-Version}', 'slurm-wlm']));
  writeFileSync(join(root, '.autolab-release'), `${name}\n`);
  writeWhole(made, `${JSON.stringify({ slurm: version.trim() })}\n`);
}

/** The commands that enter it. Written again each time, because node may have moved. */
function writeCommands(name) {
  const { root, bin, enter } = pathsOfRelease(name);
  writeExecutable(enter, enterScript(root, process.execPath));
  mkdirSync(bin, { recursive: true });
  for (const client of CLIENTS) writeExecutable(join(bin, client), wrapperFor(enter, client));
}

/** Atomic, because others may be calling it. */
function writeExecutable(path, text) {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, text);
  chmodSync(temporary, 0o755);
  renameSync(temporary, path);
}

async function must(argv) {
  const { status, output } = await runProgram(argv);
  if (status !== 0) throw new Error(`${argv.join(' ')} failed.\n${output.slice(-4000)}`);
  return output;
}
