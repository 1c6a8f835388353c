import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathsOf } from './config.mjs';
import { writeWhole } from './files.mjs';
import { tailOf, until } from './wait.mjs';

/**
 * A process is known by its id, the time it started at and the boot of the machine: an id alone is given to another process
 * sooner or later, and that one is never ours to end.
 *
 * @typedef {{pid: number, started: string, boot: string}} Known
 */

function boot() {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

/** State and start time of a process: fields 3 and 22 of /proc/PID/stat, see proc(5). Null where there is none. */
function statOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0], started: fields[19] };
  } catch {
    return null;
  }
}

/** @param {Known | null} known */
export function isAlive(known) {
  if (known === null || known.boot !== boot()) return false;
  const stat = statOf(known.pid);
  return stat !== null && stat.state !== 'Z' && stat.state !== 'X' && stat.started === known.started;
}

/** @returns {Known} this process */
export function knownSelf() {
  return { pid: process.pid, started: statOf(process.pid)?.started ?? '', boot: boot() };
}

function recordPath(folder, name) {
  return join(pathsOf(folder).processes, `${name}.json`);
}

function readRecord(folder, name) {
  try {
    return JSON.parse(readFileSync(recordPath(folder, name), 'utf8'));
  } catch {
    return null;
  }
}

/** @returns {number | null} id of the daemon's process, null where it does not run */
export function pidOf(folder, name) {
  const known = readRecord(folder, name);
  return isAlive(known) ? known.pid : null;
}

/** The names of the daemons that were started in this folder and still run. */
export function runningIn(folder) {
  let names = [];
  try {
    names = readdirSync(pathsOf(folder).processes);
  } catch {
    // Nothing was ever started.
  }
  return names
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .filter((name) => pidOf(folder, name) !== null);
}

/** What a daemon said before it opened its log. */
function outputOf(folder, name) {
  return join(pathsOf(folder).log, `${name}.out`);
}

/**
 * Starts a daemon in the foreground of a session of its own, where it does not run yet, and waits until it is ready.
 *
 * @param {string} folder
 * @param {string} name
 * @param {{argv: string[], env?: Record<string, string>, ready: () => boolean | Promise<boolean>, seconds: number}} daemon
 * @returns {Promise<boolean>} whether it was started now
 * @throws {Error} with the end of its log, where it ends or is not ready in time
 */
export async function startDaemon(folder, name, { argv, env = {}, ready, seconds }) {
  const started = pidOf(folder, name) === null;
  if (started) launch(folder, name, argv, env);
  const explain = () => tailOf(outputOf(folder, name));
  await until(
    async () => {
      if (pidOf(folder, name) === null) throw new Error(`${name} ended before it was ready.${explain()}`);
      return ready();
    },
    { seconds, what: `${name} to be ready`, explain },
  );
  return started;
}

function launch(folder, name, [command, ...words], env) {
  const { processes, log } = pathsOf(folder);
  mkdirSync(processes, { recursive: true });
  mkdirSync(log, { recursive: true });
  const output = openSync(outputOf(folder, name), 'w');
  const child = spawn(command, words, {
    cwd: log,
    detached: true,
    stdio: ['ignore', output, output],
    env: daemonEnvironment(env),
  });
  closeSync(output);
  if (child.pid === undefined) {
    // The event says why; without a listener it would end this program.
    child.on('error', () => {});
    throw new Error(`${command} could not be started.`);
  }
  child.unref();
  const started = statOf(child.pid)?.started ?? '';
  writeWhole(recordPath(folder, name), `${JSON.stringify({ pid: child.pid, started, boot: boot() })}\n`);
}

/** Nothing of the caller's gets into the daemons: what slurmd has in its environment, its jobs may inherit. */
function daemonEnvironment(extra) {
  return { PATH: pathWithSbin(), HOME: process.env['HOME'] ?? '/', LANG: 'C.UTF-8', ...extra };
}

/** Debian keeps the daemons in folders that an ordinary user's PATH lacks. */
function pathWithSbin() {
  const folders = (process.env['PATH'] ?? '').split(':');
  for (const folder of ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin']) {
    if (!folders.includes(folder)) folders.push(folder);
  }
  return folders.filter((folder) => folder !== '').join(':');
}

/**
 * Ends a daemon: SIGTERM, and SIGKILL where that does not help in time. Returns at once where it does not run.
 *
 * @param {string} folder
 * @param {string} name
 * @param {{signal?: NodeJS.Signals, seconds?: number}} [how]
 */
export async function stopDaemon(folder, name, { signal = 'SIGTERM', seconds = 15 } = {}) {
  const known = readRecord(folder, name);
  if (isAlive(known)) {
    await end(known, { signal, seconds, what: name });
  }
  rmSync(recordPath(folder, name), { force: true });
}

async function end(known, { signal, seconds, what }) {
  send(known, signal);
  try {
    await until(() => !isAlive(known), { seconds, what: `${what} to end` });
  } catch {
    send(known, 'SIGKILL');
    await until(() => !isAlive(known), { seconds: 30, what: `${what} to end after SIGKILL` });
  }
}

function send(known, signal) {
  if (!isAlive(known)) return;
  try {
    process.kill(known.pid, signal);
  } catch {
    // It ended just now.
  }
}

/**
 * The processes of jobs and their slurmstepd, which outlive slurmd: those whose environment says that they belong to a job of
 * this cluster, or which are a slurmstepd of this configuration. A shell with SLURM_CONF set is neither.
 *
 * @param {string} cluster
 * @param {string} conf path of slurm.conf
 * @returns {Known[]}
 */
export function jobProcesses(cluster, conf) {
  const found = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    try {
      const environment = readFileSync(`/proc/${name}/environ`, 'utf8').split('\0');
      const ofJob =
        environment.includes(`SLURM_CLUSTER_NAME=${cluster}`) &&
        environment.some((line) => /^SLURM_JOB_ID=./.test(line));
      const ofStep =
        environment.includes(`SLURM_CONF=${conf}`) &&
        readFileSync(`/proc/${name}/comm`, 'utf8').startsWith('slurmstepd');
      const stat = ofJob || ofStep ? statOf(name) : null;
      if (stat !== null) found.push({ pid: Number(name), started: stat.started, boot: boot() });
    } catch {
      // Gone meanwhile, or somebody else's.
    }
  }
  return found;
}

/** @param {Known[]} processes ended with SIGKILL, all at once */
export async function killAll(processes) {
  for (const known of processes) send(known, 'SIGKILL');
  await until(() => !processes.some(isAlive), { seconds: 30, what: 'the processes of jobs to end' });
}
