import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../process.mjs';
import { pathsOf } from './config.mjs';
import { listeningPorts, OFFSETS } from './ports.mjs';
import { pidOf, startDaemon } from './processes.mjs';
import { inRelease } from './releases.mjs';

/**
 * How each daemon of a cluster is started, and the fact that shows it ready. All of them wait on facts: a client command
 * that finds no daemon listening blocks for seconds.
 */

/** In the order in which they can be stopped: nobody loses whom he writes to. */
export const DAEMONS = ['n2', 'n1', 'slurmctld', 'slurmdbd', 'mariadbd', 'munged'];

export function daemonsOf({ accounting, books }) {
  const others = accounting && books === undefined ? [] : ['slurmdbd', 'mariadbd'];
  if (books !== undefined) others.push('munged');
  return DAEMONS.filter((name) => !others.includes(name));
}

function listens(settings, name) {
  const port = settings.port + OFFSETS[name];
  return () => listeningPorts().has(port);
}

export async function startMunged(folder, { release }) {
  const { mungeKey, mungeSocket, log, run } = pathsOf(folder);
  mkdirSync(run, { recursive: true });
  if (!existsSync(mungeKey)) writeFileSync(mungeKey, randomBytes(128), { mode: 0o600 });
  return startDaemon(folder, 'munged', {
    argv: inRelease(release, [
      'munged',
      '--foreground',
      // It distrusts folders whose parents belong to others; this one holds a key that is worth nothing elsewhere.
      '--force',
      `--socket=${mungeSocket}`,
      `--key-file=${mungeKey}`,
      `--pid-file=${run}/munged.pid`,
      `--log-file=${log}/munged.log`,
      `--seed-file=${run}/munged.seed`,
    ]),
    ready: async () =>
      existsSync(mungeSocket) &&
      (await runProgram(inRelease(release, ['munge', '-n', '-S', mungeSocket]))).status === 0,
    seconds: 60,
  });
}

/** Begins the names of files that say that the accounts of a site are in the books. */
export const ACCOUNTS_OF = 'accounts-of-';

/**
 * A database for tests: small, and it need not survive a power cut. MariaDB begins by removing every temporary table in its
 * scratch folder, whosesoever it is: in /tmp, those of another cluster or of the machine's own database.
 */
function databaseOptions(scratch) {
  return ['--innodb-buffer-pool-size=64M', '--innodb-flush-log-at-trx-commit=0', `--tmpdir=${scratch}`];
}

export async function startDatabase(folder, settings) {
  const { database, databaseScratch, databaseSocket, databaseInit, run } = pathsOf(folder);
  mkdirSync(databaseScratch, { recursive: true });
  if (pidOf(folder, 'mariadbd') === null && !isFilled(database)) await makeDatabase(folder, settings);
  return startDaemon(folder, 'mariadbd', {
    argv: inRelease(settings.release, [
      'mariadbd',
      '--no-defaults',
      `--user=${settings.user}`,
      `--datadir=${database}`,
      `--port=${settings.port + OFFSETS.mariadbd}`,
      '--bind-address=127.0.0.1',
      `--socket=${databaseSocket}`,
      `--pid-file=${run}/mariadbd.pid`,
      `--init-file=${databaseInit}`,
      '--skip-name-resolve',
      ...databaseOptions(databaseScratch),
    ]),
    ready: listens(settings, 'mariadbd'),
    seconds: 60,
  });
}

/** Whether it has the accounts of a site: until then there is nothing in it to keep, and its making may have been cut short. */
function isFilled(database) {
  return existsSync(database) && readdirSync(database).some((name) => name.startsWith(ACCOUNTS_OF));
}

async function makeDatabase(folder, settings) {
  const { database, databaseScratch } = pathsOf(folder);
  rmSync(database, { recursive: true, force: true });
  mkdirSync(database, { recursive: true });
  const { status, output } = await runProgram(
    inRelease(settings.release, [
      'mariadb-install-db',
      '--no-defaults',
      `--user=${settings.user}`,
      `--datadir=${database}`,
      '--auth-root-authentication-method=socket',
      '--skip-test-db',
      '--skip-name-resolve',
      ...databaseOptions(databaseScratch),
    ]),
  );
  if (status !== 0) throw new Error(`mariadb-install-db failed.\n${output}`);
}

export async function startDbd(folder, settings) {
  return startDaemon(folder, 'slurmdbd', {
    argv: inRelease(settings.release, ['slurmdbd', '-D']),
    env: { SLURM_CONF: pathsOf(folder).conf },
    ready: listens(settings, 'slurmdbd'),
    seconds: 60,
  });
}

export async function startController(folder, settings) {
  const { conf, state } = pathsOf(folder);
  mkdirSync(state, { recursive: true });
  return startDaemon(folder, 'slurmctld', {
    argv: inRelease(settings.release, ['slurmctld', '-D', '-f', conf]),
    env: { SLURM_CONF: conf },
    ready: listens(settings, 'slurmctld'),
    seconds: 60,
  });
}

/** @param {1 | 2} number */
export async function startNode(folder, settings, number) {
  const { conf, spool } = pathsOf(folder);
  const name = settings.nodes[number - 1];
  mkdirSync(join(spool, name), { recursive: true });
  return startDaemon(folder, `n${number}`, {
    argv: inRelease(settings.release, ['slurmd', '-D', '-N', name, '-f', conf]),
    env: { SLURM_CONF: conf },
    ready: listens(settings, `n${number}`),
    seconds: 60,
  });
}
