import { createServer, type ListenOptions, type Server } from 'node:net';

/** Ports for servers that a test stops and starts again. */

export interface ReservedPort {
  readonly port: number;
  readonly release: () => void;
}

// Below the ports that Linux gives to outgoing connections (32768 and up): one of those could take the port of a server
// that is down. Below those of the Slurm clusters, too (scripts/lib/slurm/ports.mjs).
const FIRST = 12_000;
const LAST = 20_999;

/** A port of 127.0.0.1 on which nothing listens. An abstract socket keeps other tests off it, and goes with its process. */
export async function reservePort(): Promise<ReservedPort> {
  let port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
  for (let tries = 0; tries < 1000; tries += 1, port = port === LAST ? FIRST : port + 1) {
    const holder = await listening({ path: `\0autolab-test-port-${port}` });
    if (holder === null) continue;
    const trial = await listening({ port, host: '127.0.0.1' });
    if (trial === null) {
      holder.close();
      continue;
    }
    await new Promise((resolve) => trial.close(resolve));
    return { port, release: () => holder.close() };
  }
  throw new Error(`no free port between ${FIRST} and ${LAST}`);
}

function listening(options: ListenOptions): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(null);
    });
    server.listen(options, () => {
      server.unref();
      resolve(server);
    });
  });
}
