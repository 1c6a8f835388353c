import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

/** What a cluster listens on: each daemon's distance from the base port. */
export const OFFSETS = { slurmctld: 0, slurmdbd: 1, mariadbd: 2, n1: 3, n2: 4 };

// Below the range from which Linux gives ports to outgoing connections (32768 and up).
const FIRST = 21000;
const LAST = 32000;
const STEP = 10;

/**
 * The ports of this machine that somebody listens on. Read from the kernel: to knock at a Slurm daemon's door would put a
 * complaint into its log.
 *
 * @returns {Set<number>}
 */
export function listeningPorts() {
  const ports = new Set();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of linesOf(table)) {
      const [, local = '', , state] = line.trim().split(/\s+/);
      // 0A is LISTEN: include/net/tcp_states.h of Linux.
      if (state === '0A') ports.add(Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16));
    }
  }
  return ports;
}

function linesOf(path) {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').slice(1);
  } catch {
    // No IPv6 here.
    return [];
  }
}

/** Whether a cluster with this base port would get all its ports. */
function areFree(base, listening = listeningPorts()) {
  return Object.values(OFFSETS).every((offset) => !listening.has(base + offset));
}

/**
 * Picks ports and keeps other clusters off them until `release`: between the choice and the moment when the daemons
 * listen, a second `up` on this machine must not choose the same. The reservation is a Linux abstract socket, which the
 * kernel gives back when its holder dies.
 *
 * @param {number | undefined} wanted base port that the caller insists on
 * @param {number | undefined} remembered base port of last time, taken again where it is free
 * @returns {Promise<{base: number, release: () => void}>}
 */
export async function reservePorts(wanted, remembered) {
  for (const base of candidates(wanted, remembered)) {
    const server = await reserve(base);
    if (server === null) continue;
    if (areFree(base)) return { base, release: () => server.close() };
    server.close();
  }
  const last = (wanted ?? LAST) + Object.keys(OFFSETS).length - 1;
  throw new Error(
    wanted === undefined
      ? `No free ports between ${FIRST} and ${last}: too many clusters on this machine?`
      : `The ports ${wanted} to ${last} are not free. Without --port, free ones are chosen.`,
  );
}

function* candidates(wanted, remembered) {
  if (wanted !== undefined) {
    yield wanted;
    return;
  }
  if (remembered !== undefined) yield remembered;
  for (let base = FIRST; base <= LAST; base += STEP) yield base;
}

function reserve(base) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(`\0autolab-slurm-ports-${base}`, () => {
      server.unref();
      resolve(server);
    });
  });
}
