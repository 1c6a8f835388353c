import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { installCommands } from '../prerequisites.mjs';

const COMMANDS = {
  munged: 'munge',
  slurmctld: 'slurm-wlm',
  slurmd: 'slurm-wlm',
  sbatch: 'slurm-wlm',
};

const ACCOUNTING_COMMANDS = {
  slurmdbd: 'slurmdbd',
  sacctmgr: 'slurm-wlm',
  mariadbd: 'mariadb-server',
  'mariadb-install-db': 'mariadb-server',
};

/** Asked by Debian's packages before they start a service; see invoke-rc.d(8). 101: it must not be started. */
const POLICY = '/usr/sbin/policy-rc.d';

/**
 * Installs Slurm where it is missing. No service of the system is started: a cluster has daemons of its own.
 *
 * @param {{accounting: boolean, log: (line: string) => void}} options
 * @throws {Error} that names what is missing, where it cannot be installed from here
 */
export async function installSlurm({ accounting, log }) {
  await installCommands({ ...COMMANDS, ...(accounting ? ACCOUNTING_COMMANDS : {}) }, log, withoutServices);
}

async function withoutServices(install) {
  if (existsSync(POLICY)) return install();
  writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return await install();
  } finally {
    rmSync(POLICY, { force: true });
  }
}
