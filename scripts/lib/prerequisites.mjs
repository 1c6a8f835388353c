import { aptInstall, canInstall, isOnPath, withoutServices } from './apt.mjs';
import { differenceToLock } from './node-packages.mjs';
import { runProgram } from './process.mjs';
import { GROUPS } from './requirements.mjs';

const OLDEST_NODE = [20, 19];

/** Set to 1, nothing is installed: what is missing is an error of `npm test`, `npm run demo` and the like. */
const SKIP = 'AUTOLAB_NO_SETUP';

/**
 * What every script begins with: a Node that is new enough, the commands of the group `base`, and the packages of
 * package-lock.json. If something is missing, it says so and does what `npm run setup` does; otherwise this takes a few
 * milliseconds. Uses only what comes with Node.
 *
 * @param {(line: string) => void} log
 * @throws {Error} with one sentence that says what is missing, if it cannot be installed from here
 */
export async function prepare(log) {
  checkNode();
  await setUpIfMissing(['base'], log);
}

/**
 * @param {string[]} groups of `GROUPS`
 * @param {(line: string) => void} log
 * @throws {Error} that names what is missing, if it cannot be installed from here or AUTOLAB_NO_SETUP is set
 */
export async function setUpIfMissing(groups, log) {
  const missing = missingOf(groups);
  if (isEmpty(missing)) return;
  const command = setupCommand(groups);
  if (process.env[SKIP] === '1') {
    throw new Error(`${describe(missing)}. ${SKIP} is set, so nothing was installed. To install: ${command}`);
  }
  log(`${describe(missing)}. Running \`${command}\` (set ${SKIP}=1 to skip it).`);
  await setUp(groups, log);
}

/**
 * What `npm run setup` does: installs what is missing of the groups.
 *
 * @returns {Promise<boolean>} whether anything was missing
 */
export async function setUp(groups, log) {
  checkNode();
  // Loaded here: whoever finds everything in place needs no lock.
  const { exclusively } = await import('./lock.mjs');
  return exclusively('prepare', async () => {
    // Whoever held the lock before us may have installed the same.
    const missing = missingOf(groups);
    if (missing.commands.length > 0) await installCommands(missing.commands, groups, log);
    if (missing.node !== null) await installNodePackages(log);
    return !isEmpty(missing);
  });
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  throw new Error(`Node ${OLDEST_NODE.join('.')} or newer is needed; this is ${process.versions.node}.`);
}

/** @returns {{commands: string[], node: string | null}} `node`: what differs from package-lock.json */
function missingOf(groups) {
  const commands = groups.flatMap((group) => Object.keys(GROUPS[group].commands));
  return {
    commands: commands.filter((command) => !isOnPath(command)),
    node: groups.includes('base') ? differenceToLock() : null,
  };
}

function isEmpty({ commands, node }) {
  return commands.length === 0 && node === null;
}

function describe({ commands, node }) {
  return `Missing: ${[...commands, ...(node === null ? [] : [`npm packages (${node})`])].join(', ')}`;
}

function setupCommand(groups) {
  return `npm run setup -- ${groups.join(' ')}`;
}

async function installCommands(missing, groups, log) {
  const packageOf = Object.assign({}, ...groups.map((group) => GROUPS[group].commands));
  const packages = [...new Set(missing.map((command) => packageOf[command]))];
  const apt = `apt-get install ${packages.join(' ')}`;
  if (!canInstall()) {
    throw new Error(
      `These commands are missing: ${missing.join(', ')}. As root on Debian: ${setupCommand(groups)} (${apt})`,
    );
  }
  log(apt);
  const quietly = groups.some((group) => GROUPS[group].services) ? withoutServices : (install) => install();
  const { status, output } = await quietly(() => aptInstall(packages));
  const still = missing.filter((command) => !isOnPath(command));
  if (status !== 0 || still.length > 0) throw new Error(`\`${apt}\` failed (for ${missing.join(', ')}).\n${output}`);
}

async function installNodePackages(log) {
  log('npm ci');
  const { status, output } = await runProgram(['npm', 'ci', '--no-audit', '--no-fund', '--loglevel=error']);
  if (status !== 0) throw new Error(`npm ci failed.\n${output}`);
}
