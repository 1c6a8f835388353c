import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { exclusively } from './lock.mjs';
import { ROOT } from './paths.mjs';
import { runProgram } from './process.mjs';

/** The commands that autolab and its tests call, and the Debian packages that have them. */
const COMMANDS = {
  git: 'git',
  bash: 'bash',
  dash: 'dash',
  sha256sum: 'coreutils',
  ps: 'procps',
  setsid: 'util-linux',
  script: 'bsdutils',
};

const OLDEST_NODE = [20, 19];

/**
 * Brings a fresh clone to where it can be built and tested: system commands by apt, packages by `npm ci`. Does nothing,
 * in a few milliseconds, where everything is there. Uses only what comes with Node.
 *
 * @param {(line: string) => void} log told what is being installed
 * @throws {Error} with one sentence that says what is missing, where it cannot be installed from here
 */
export async function prepare(log) {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
    throw new Error(`Node ${OLDEST_NODE.join('.')} or newer is needed; this is ${process.versions.node}.`);
  }
  await exclusively('prepare', async () => {
    await installCommands(COMMANDS, log);
    await installPackages(log);
  });
}

/**
 * Installs the Debian packages of commands that are not there.
 *
 * @param {Record<string, string>} commands each with its package
 * @param {(line: string) => void} log
 * @param {(install: () => Promise<void>) => Promise<void>} [around] called with the installation, where there is one
 * @throws {Error} that names what is missing, where it cannot be installed from here
 */
export async function installCommands(commands, log, around = (install) => install()) {
  const missing = Object.keys(commands).filter((command) => !isOnPath(command));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((command) => commands[command]))];
  const wanted = `${missing.join(', ')} (Debian: apt-get install ${packages.join(' ')})`;
  if (process.getuid?.() !== 0 || !isOnPath('apt-get')) throw new Error(`These commands are missing: ${wanted}.`);
  log(`installing with apt-get: ${packages.join(' ')}`);
  await around(async () => {
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    const words = ['-y', '-q', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', ...packages];
    const install = () => runProgram(['apt-get', 'install', ...words], { env });
    let { status, output } = await install();
    if (status !== 0) {
      // The lists of a fresh image are empty or old.
      output += (await runProgram(['apt-get', 'update', '-q'], { env })).output;
      const again = await install();
      status = again.status;
      output += again.output;
    }
    const still = missing.filter((command) => !isOnPath(command));
    if (status !== 0 || still.length > 0) throw new Error(`apt-get could not install ${wanted}.\n${output}`);
  });
}

/** Asked by Debian's packages before they start a service; see invoke-rc.d(8). 101: it must not be started. */
const POLICY = '/usr/sbin/policy-rc.d';

/** An installation that starts no service of the system: tests have daemons of their own. */
export async function withoutServices(install) {
  if (existsSync(POLICY)) return install();
  writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return await install();
  } finally {
    rmSync(POLICY, { force: true });
  }
}

// Daemons lie where an ordinary user's PATH does not lead.
const FOLDERS_OF_DAEMONS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

function isOnPath(command) {
  return [...(process.env['PATH'] ?? '').split(delimiter), ...FOLDERS_OF_DAEMONS].some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return folder !== '';
    } catch {
      return false;
    }
  });
}

async function installPackages(log) {
  const difference = differenceToLock();
  if (difference === null) return;
  log(`npm ci (${difference})`);
  const { status, output } = await runProgram(['npm', 'ci', '--no-audit', '--no-fund', '--loglevel=error']);
  if (status !== 0) throw new Error(`npm ci failed.\n${output}`);
}

/**
 * What node_modules lacks of package-lock.json, or null. Versions are compared, not times: a checkout makes every file
 * new, and an unpacked cache makes every file old.
 */
function differenceToLock() {
  const installedPath = join(ROOT, 'node_modules/.package-lock.json');
  if (!existsSync(installedPath)) return 'node_modules is missing';
  const wanted = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(installedPath, 'utf8')).packages;
  for (const [path, { version, optional, link }] of Object.entries(wanted)) {
    // The packages for other platforms are listed and not installed.
    if (path === '' || link || (optional && installed[path] === undefined)) continue;
    if (installed[path]?.version !== version) return `${path} is not at ${version}`;
  }
  return null;
}
