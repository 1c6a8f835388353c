import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { exclusively } from '../lock.mjs';
import { setUpIfMissing } from '../prerequisites.mjs';
import { runProgram } from '../process.mjs';
import { fillAccounting } from './accounts.mjs';
import { configurationOf, ownBooks, pathsOf } from './config.mjs';
import {
  ACCOUNTS_OF,
  DAEMONS,
  daemonsOf,
  startController,
  startDatabase,
  startDbd,
  startMunged,
  startNode,
} from './daemons.mjs';
import { removeTree, writeWhole } from './files.mjs';
import { memoryLimitsHere, removeGroupsOf, userName } from './machine.mjs';
import { OFFSETS, reservePorts } from './ports.mjs';
import { jobProcesses, killAll, pidOf, runningIn, stopDaemon } from './processes.mjs';
import { clientsOf, installRelease, slurmVersionOf } from './releases.mjs';
import { defaultFolder, isClusterFolder, readSettings, realFolder, settingsFor, writeSettings } from './settings.mjs';
import { siteNamed } from './sites.mjs';
import { tailOf, until } from './wait.mjs';

/**
 * A Slurm cluster of two nodes on this machine, in a folder and on ports of its own. Several can run side by side.
 *
 * @typedef {import('./settings.mjs').Settings} Settings
 * @typedef {{signal?: NodeJS.Signals, seconds?: number}} HowToStop SIGTERM, and SIGKILL after 15 s, where nothing is said
 *
 * @typedef {object} Cluster
 * @property {string} folder
 * @property {string} conf path of slurm.conf
 * @property {{SLURM_CONF: string, PATH?: string}} env what the clients need
 * @property {string} cluster Slurm's name of it
 * @property {string[]} nodes names of its two nodes
 * @property {number} port base of its ports
 * @property {boolean} accounting
 * @property {string} site name of one in sites.mjs
 * @property {Settings['memoryLimits']} memoryLimits `none`: a job that takes more memory than it asked for is let live
 * @property {(daemon: string) => number | null} pidOf of `munged`, `mariadbd`, `slurmdbd`, `slurmctld`, `n1`, `n2`
 * @property {(how?: HowToStop) => Promise<void>} stopController jobs go on
 * @property {() => Promise<void>} startController returns when it answers
 * @property {(how?: HowToStop) => Promise<void>} stopDbd this and the next three: not where the books are another cluster's
 * @property {() => Promise<void>} startDbd
 * @property {(how?: HowToStop) => Promise<void>} stopDatabase
 * @property {() => Promise<void>} startDatabase
 * @property {(number: 1 | 2, how?: HowToStop) => Promise<void>} stopNode its slurmd; the jobs there go on
 * @property {(number: 1 | 2) => Promise<void>} startNode until the controller, which must run, has its report
 */

/**
 * Brings a cluster up: starts what does not run, installs what is missing. Twice is as good as once.
 *
 * @param {{folder?: string, port?: number, accounting?: boolean, minJobAge?: number, site?: string, release?: string, booksOf?: string,
 *   log?: (line: string) => void}} [options]
 *   `port`: base of its five ports, chosen and remembered where left out. `accounting`: slurmdbd and MariaDB, true where
 *   left out. `minJobAge`: seconds, see `Settings`. `site`: a name of sites.mjs. `booksOf`: folder of a running cluster whose
 *   munged, slurmdbd and MariaDB this one uses; it goes before that one does.
 * @returns {Promise<Cluster>} with both nodes ready for jobs
 * @throws {Error} that says what is missing, or which daemon did not start, with the end of its log
 */
export async function up({ folder: wanted = defaultFolder(), log = () => {}, ...asked } = {}) {
  const folder = realFolder(wanted);
  if (asked.site !== undefined) siteNamed(asked.site);
  return exclusively(`slurm-${folder}`, async () => {
    const old = readSettings(folder);
    if (old === null && existsSync(folder) && readdirSync(folder).length > 0) {
      throw new Error(`${folder} has other things in it. A cluster wants a folder of its own.`);
    }
    await install({ accounting: true, ...old, ...defined(asked) }, log);
    if (old !== null && asked.release !== undefined && asked.release !== old.release) {
      throw new Error(
        `The cluster in ${folder} has the books of another Slurm. Choose another folder, or remove it first.`,
      );
    }
    if (runningIn(folder).length > 0) {
      refuseOtherSettings(folder, old, asked);
      await startAll(folder, old, log);
    } else {
      await startAfresh(folder, old, asked, log);
    }
    return handleOf(folder, readSettings(folder));
  });
}

async function install({ accounting, release }, log) {
  if (release !== undefined) await installRelease(release, log);
  else await setUpIfMissing(accounting ? ['slurm', 'accounting'] : ['slurm'], log);
}

function defined(object) {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

/** A running cluster cannot be told to have been started otherwise. */
function refuseOtherSettings(folder, old, asked) {
  for (const key of ['port', 'accounting', 'minJobAge', 'site']) {
    if (asked[key] !== undefined && asked[key] !== old[key]) {
      throw new Error(
        `The cluster in ${folder} runs with ${key} ${old[key]}, not ${asked[key]}. Take it down first: npm run slurm:down.`,
      );
    }
  }
}

async function startAfresh(folder, old, asked, log) {
  const { base, release } = await reservePorts(asked.port, old?.port);
  try {
    mkdirSync(folder, { recursive: true });
    const machine = { user: userName(), memoryLimits: memoryLimitsHere() };
    const settings = settingsFor(folder, old, { ...asked, port: base, books: booksOf(asked.booksOf) }, machine);
    await endLeftovers(folder, settings);
    try {
      await configureAndStart(folder, settings, log);
    } catch (error) {
      if (settings.memoryLimits === 'none') throw error;
      // The machine has memory cgroups and Slurm cannot use them: better without limits than without a cluster.
      log(`trying again without memory limits, for with ${settings.memoryLimits}: ${error.message}`);
      await stopAll(folder, settings);
      await configureAndStart(folder, { ...settings, memoryLimits: 'none' }, log);
    }
  } finally {
    release();
  }
}

/** @returns {Settings['books']} */
function booksOf(folder) {
  if (folder === undefined) return undefined;
  const other = realFolder(folder);
  const settings = readSettings(other);
  if (settings === null || !ownBooks(settings))
    throw new Error(`The cluster in ${other} has no accounting of its own.`);
  return { folder: other, port: settings.port };
}

async function configureAndStart(folder, settings, log) {
  // First: a folder without them is somebody else's.
  writeSettings(folder, settings);
  const { etc, run, log: logs } = pathsOf(folder);
  for (const path of [etc, run, logs]) mkdirSync(path, { recursive: true });
  for (const [name, text] of Object.entries(configurationOf(folder, settings))) {
    writeWhole(join(etc, name), text, modeOf(name));
  }
  await startAll(folder, settings, log);
}

/** Passwords are for the daemons; jobs and clients of other users read the rest. */
function modeOf(name) {
  if (name === 'slurmdbd.conf' || name === 'database.sql' || name === 'cgroup.conf') return 0o600;
  return name.endsWith('.sh') || name.endsWith('.lua') ? 0o755 : 0o644;
}

async function startAll(folder, settings, log) {
  const say = (name) => (started) => {
    if (started) log(`started ${name}`);
  };
  const munged = settings.books === undefined ? startMunged(folder, settings).then(say('munged')) : null;
  if (ownBooks(settings)) {
    await Promise.all([munged, startDatabase(folder, settings).then(say('mariadbd'))]);
    await startDbd(folder, settings).then(say('slurmdbd'));
  }
  await munged;
  if (settings.accounting) await fillOnce(folder, settings);
  await startController(folder, settings).then(say('slurmctld'));
  await Promise.all([1, 2].map((number) => startNode(folder, settings, number).then(say(settings.nodes[number - 1]))));
  await nodesReady(folder, settings);
}

async function fillOnce(folder, settings) {
  const done = join(settings.books === undefined ? pathsOf(folder).database : folder, `${ACCOUNTS_OF}${settings.site}`);
  if (existsSync(done)) return;
  await fillAccounting(settings, envOf(folder));
  writeWhole(done, '');
}

/**
 * slurmdbd gives up at its start if its database breaks the connection or has ended. Services that a site runs are started
 * again then, both of them; so are these, once.
 */
async function startDbdAgain(folder, settings) {
  try {
    await startDbd(folder, settings);
  } catch (error) {
    await startDatabase(folder, settings);
    await startDbd(folder, settings).catch((again) => {
      const database = tailOf(join(pathsOf(folder).log, 'mariadbd.out'));
      throw new Error(`${again.message}\nThe first time: ${error.message}${database}`);
    });
  }
}

/** Waits until slurmctld has heard of both nodes, and takes back what somebody set them to by hand. */
async function nodesReady(folder, settings) {
  let seen = '';
  await until(
    async () => {
      const nodes = await nodeStates(folder);
      seen = nodes.map(({ name, state }) => `${name} is ${state}`).join(', ');
      const set = nodes.filter(({ state }) => /^(down|drain|drng)$/.test(state)).map(({ name }) => name);
      if (set.length > 0) {
        await runProgram(['scontrol', 'update', `nodename=${set.join(',')}`, 'state=resume'], { env: envOf(folder) });
      }
      return (
        nodes.length === settings.nodes.length && nodes.every(({ state }) => /^(idle|mix|alloc|comp)$/.test(state))
      );
    },
    {
      seconds: 60,
      everyMs: 300,
      what: 'the nodes to be ready',
      explain: () => ` ${seen}${['slurmctld', ...settings.nodes].map((name) => tailOf(logOf(folder, name))).join('')}`,
    },
  );
}

/** It listens before the controller has its report, without which that does not know what runs there. */
async function nodeReported(folder, name) {
  await until(
    async () => {
      const { output } = await runProgram(['scontrol', 'show', 'node', name], { env: envOf(folder) });
      return /SlurmdStartTime=\d/.test(output);
    },
    { seconds: 60, everyMs: 300, what: `${name} to report`, explain: () => tailOf(logOf(folder, name)) },
  );
}

function logOf(folder, name) {
  return join(pathsOf(folder).log, `${name}.log`);
}

/** @returns {Promise<{name: string, state: string}[]>} as sinfo abbreviates states; empty where slurmctld does not answer */
async function nodeStates(folder) {
  const { status, output } = await runProgram(['sinfo', '-h', '-N', '-p', 'main', '-o', '%N %t'], {
    env: envOf(folder),
  });
  if (status !== 0) return [];
  return output
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [name, state] = line.split(' ');
      return { name, state };
    });
}

function envOf(folder) {
  const release = readSettings(folder)?.release;
  const conf = { SLURM_CONF: pathsOf(folder).conf };
  return release === undefined ? conf : { ...conf, PATH: `${clientsOf(release)}:${process.env['PATH'] ?? ''}` };
}

/**
 * A cluster that was brought up before, by whomever. Starts nothing.
 *
 * @param {string} [folder]
 * @returns {Cluster}
 * @throws {Error} where no cluster was ever started there
 */
export function attach(folder = defaultFolder()) {
  const real = realFolder(folder);
  const settings = readSettings(real);
  if (settings === null) throw new Error(`There is no cluster in ${real}. Start one: npm run slurm:up.`);
  return handleOf(real, settings);
}

/** @returns {Cluster} */
function handleOf(folder, settings) {
  const stop = (name) => (how) => stopDaemon(folder, name, how);
  const start = (daemon) => async () => {
    await daemon(folder, settings);
  };
  return {
    folder,
    conf: pathsOf(folder).conf,
    env: envOf(folder),
    cluster: settings.cluster,
    nodes: settings.nodes,
    port: settings.port,
    accounting: settings.accounting,
    site: settings.site,
    memoryLimits: settings.memoryLimits,
    pidOf: (name) => pidOf(folder, name),
    stopController: stop('slurmctld'),
    startController: start(startController),
    stopDbd: stop('slurmdbd'),
    startDbd: start(startDbdAgain),
    stopDatabase: stop('mariadbd'),
    startDatabase: start(startDatabase),
    stopNode: (number, how) => stopDaemon(folder, `n${number}`, how),
    startNode: async (number) => {
      await startNode(folder, settings, number);
      await nodeReported(folder, settings.nodes[number - 1]);
    },
  };
}

/**
 * Takes a cluster down: cancels its jobs, ends its daemons, by the process ids kept and nothing else. Without a cluster it
 * does nothing.
 *
 * @param {string} [folder]
 * @param {{remove?: boolean}} [options] `remove`: the folder goes too, with the accounting; else the next `up` goes on with it
 * @returns {Promise<string[]>} names of the daemons that were ended
 */
export async function down(folder = defaultFolder(), { remove = false } = {}) {
  const real = realFolder(folder);
  return exclusively(`slurm-${real}`, async () => {
    const settings = readSettings(real);
    if (settings === null) return [];
    const running = runningIn(real);
    if (pidOf(real, 'slurmctld') !== null && !remove) await cancelJobs(real);
    await stopAll(real, settings, remove ? 'SIGKILL' : 'SIGTERM');
    if (remove && isClusterFolder(real)) removeTree(real);
    return running;
  });
}

/** So that the next `up` does not find jobs that should be running. What does not end in time is killed with the rest. */
async function cancelJobs(folder) {
  const env = envOf(folder);
  const { status, output } = await runProgram(['squeue', '-h', '-o', '%i'], { env });
  if (status !== 0 || output.trim() === '') return;
  await runProgram(['scancel', `--user=${userName()}`], { env });
  const gone = async () => (await runProgram(['squeue', '-h', '-o', '%i'], { env })).output.trim() === '';
  await until(gone, { seconds: 10, everyMs: 300, what: 'the jobs to end' }).catch(() => {});
}

async function stopAll(folder, settings, signal = 'SIGTERM') {
  const nodes = ['n1', 'n2'];
  await Promise.all(nodes.map((name) => stopDaemon(folder, name, { signal })));
  await endLeftovers(folder, settings);
  for (const name of DAEMONS.filter((daemon) => !nodes.includes(daemon))) await stopDaemon(folder, name, { signal });
}

/** What jobs have left, of a cluster whose slurmd do not run. */
async function endLeftovers(folder, settings) {
  await killAll(jobProcesses(settings.cluster, pathsOf(folder).conf));
  removeGroupsOf(settings.nodes);
}

/**
 * How a cluster stands.
 *
 * @param {string} [folder]
 * @returns {Promise<object>} `state`: `up` (everything runs), `partly` (some daemons do), `down`, or `absent` (never started)
 */
export async function status(folder = defaultFolder()) {
  const real = realFolder(folder);
  const settings = readSettings(real);
  if (settings === null) return { state: 'absent', folder: real };
  const daemons = daemonsOf(settings)
    .map((name) => ({
      name,
      pid: pidOf(real, name),
      port: name in OFFSETS ? settings.port + OFFSETS[name] : null,
    }))
    .reverse();
  const running = daemons.filter(({ pid }) => pid !== null).length;
  return {
    state: running === 0 ? 'down' : running === daemons.length ? 'up' : 'partly',
    folder: real,
    conf: pathsOf(real).conf,
    cluster: settings.cluster,
    accounting: settings.accounting,
    release: settings.release ?? null,
    slurm: settings.release === undefined ? null : slurmVersionOf(settings.release),
    bin: settings.release === undefined ? null : clientsOf(settings.release),
    site: settings.site,
    about: siteNamed(settings.site).about,
    memory_limits: settings.memoryLimits,
    min_job_age: settings.minJobAge,
    daemons,
    nodes: pidOf(real, 'slurmctld') === null ? [] : await nodeStates(real),
    partitions: Object.keys(siteNamed(settings.site).partitions),
  };
}
