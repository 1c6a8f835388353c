import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runProgram } from './process.mjs';

// Daemons lie where an ordinary user's PATH does not lead.
const FOLDERS_OF_DAEMONS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** @param {string} command @returns {string | null} the file that is run */
export function pathOf(command) {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...FOLDERS_OF_DAEMONS];
  const folder = folders.find((candidate) => {
    const found = candidate === '' ? undefined : statSync(join(candidate, command), { throwIfNoEntry: false });
    return found?.isFile() === true && (found.mode & 0o111) !== 0;
  });
  return folder === undefined ? null : join(folder, command);
}

/** @param {string} command @returns {boolean} */
export function isOnPath(command) {
  return pathOf(command) !== null;
}

/** @returns {boolean} whether packages can be installed from here */
export function canInstall() {
  return process.getuid?.() === 0 && isOnPath('apt-get');
}

/**
 * Installs Debian packages; apt-get asks no questions.
 *
 * @param {string[]} packages
 * @returns {Promise<{status: number, output: string}>}
 */
export async function aptInstall(packages) {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const words = ['-y', '-q', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', ...packages];
  const install = () => runProgram(['apt-get', 'install', ...words], { env });
  const first = await install();
  if (first.status === 0) return first;
  // The lists of a fresh image are empty or old.
  const update = await runProgram(['apt-get', 'update', '-q'], { env });
  const second = await install();
  return { status: second.status, output: first.output + update.output + second.output };
}

/** Asked by Debian's packages before they start a service; see invoke-rc.d(8). 101: it must not be started. */
const POLICY = '/usr/sbin/policy-rc.d';

/** An installation that starts no service of the system. */
export async function withoutServices(install) {
  if (existsSync(POLICY)) return install();
  writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return await install();
  } finally {
    rmSync(POLICY, { force: true });
  }
}
