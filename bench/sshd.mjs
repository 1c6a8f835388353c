import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { temporaryFolder } from './project.mjs';

/**
 * A sshd on loopback with keys of its own, for the time of a bench.
 *
 * @param {Record<string, string>} env set for every command over there
 * @returns {Promise<{env: Record<string, string>, home: string, calls: () => string[], end: () => Promise<void>}>} `env`:
 *   for this side, where `ssh far` leads there; `calls`: the words of each start of ssh on this side so far.
 */
export async function startSshd(env) {
  const folder = temporaryFolder();
  const path = (...parts) => join(folder, ...parts);
  for (const name of ['home', 'near', 'run']) mkdirSync(path(name), { mode: 0o700 });
  for (const name of ['host_key', 'user_key'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path(name)]);
  const port = await freePort();
  const set = Object.entries({ HOME: path('home'), ...env }).map(([name, value]) => `"${name}=${value}"`);
  const lines = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${path('host_key')}`,
    `PidFile ${path('sshd.pid')}`,
    `AuthorizedKeysFile ${path('user_key.pub')}`,
    'UsePAM no',
    'StrictModes no',
    'PasswordAuthentication no',
    'PermitRootLogin yes',
    `SetEnv ${set.join(' ')}`,
  ];
  writeFileSync(path('sshd_config'), `${lines.join('\n')}\n`);
  writeFileSync(path('known_hosts'), `[127.0.0.1]:${port} ${readFileSync(path('host_key.pub'), 'utf8')}`);
  writeFileSync(
    path('ssh_config'),
    `Host far\n  HostName 127.0.0.1\n  Port ${port}\n  IdentityFile ${path('user_key')}\n  IdentitiesOnly yes\n  UserKnownHostsFile ${path('known_hosts')}\n`,
  );
  const ssh = execFileSync('sh', ['-c', 'command -v ssh'], { encoding: 'utf8' }).trim();
  const counting = `#!/bin/sh\nprintf '%s\\n' "$*" | head -c 200 | tr '\\n' ' ' >> '${path('calls')}'\necho >> '${path('calls')}'\nexec ${ssh} -F '${path('ssh_config')}' "$@"\n`;
  writeFileSync(path('near', 'ssh'), counting, { mode: 0o755 });
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const sshd = execFileSync('sh', ['-c', 'PATH=$PATH:/usr/sbin; command -v sshd'], { encoding: 'utf8' }).trim();
  const server = spawn(sshd, ['-D', '-f', path('sshd_config')], { stdio: ['ignore', 'ignore', 'inherit'] });
  while (!existsSync(path('sshd.pid'))) {
    if (server.exitCode !== null) throw new Error(`sshd ended with ${server.exitCode}`);
    await wait(50);
  }
  return {
    env: { PATH: `${path('near')}:${process.env['PATH']}`, XDG_RUNTIME_DIR: path('run') },
    home: path('home'),
    calls: () => (existsSync(path('calls')) ? readFileSync(path('calls'), 'utf8').trimEnd().split('\n') : []),
    end: () =>
      new Promise((resolve) => {
        server.on('exit', () => resolve());
        server.kill('SIGTERM');
      }),
  };
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
