import { installCommands, withoutServices } from '../prerequisites.mjs';

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

/**
 * Installs Slurm where it is missing. No service of the system is started: a cluster has daemons of its own.
 *
 * @param {{accounting: boolean, log: (line: string) => void}} options
 * @throws {Error} that names what is missing, where it cannot be installed from here
 */
export async function installSlurm({ accounting, log }) {
  await installCommands({ ...COMMANDS, ...(accounting ? ACCOUNTING_COMMANDS : {}) }, log, withoutServices);
}
