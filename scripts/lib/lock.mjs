import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from './paths.mjs';

/**
 * Runs `work` while no other process of this checkout is in a section of the same name.
 *
 * The lock is a Linux abstract socket: the kernel gives it back when its holder dies, so there is no stale lock to tell
 * from a live one. Where there are no abstract sockets (macOS) the work goes on without a lock; every section is written
 * so that two at once waste time and break nothing.
 */
export async function exclusively(name, work) {
  const id = createHash('sha256').update(ROOT).digest('hex').slice(0, 16);
  const server = await take(`\0autolab-${name}-${id}`);
  try {
    return await work();
  } finally {
    server?.close();
  }
}

async function take(address) {
  if (process.platform !== 'linux') return null;
  for (let tries = 0; tries < 3000; tries += 1) {
    const server = await listen(address);
    if (server !== 'taken') return server;
    await sleep(100);
  }
  throw new Error('Waited five minutes for another build or installation of this checkout to end.');
}

function listen(address) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => {
      resolve(error.code === 'EADDRINUSE' ? 'taken' : null);
    });
    server.listen(address, () => {
      server.unref();
      resolve(server);
    });
  });
}
