/**
 * What the scripts and the tests call, by group: each command with the Debian package that has it.
 *
 * `services`: the packages of the group would start daemons of the system; they are kept from it, for tests start their own.
 *
 * @type {Record<string, {services: boolean, commands: Record<string, string>}>}
 */
export const GROUPS = {
  base: {
    services: false,
    commands: {
      git: 'git',
      bash: 'bash',
      dash: 'dash',
      sha256sum: 'coreutils',
      openssl: 'openssl',
      ps: 'procps',
      setsid: 'util-linux',
      script: 'bsdutils',
      // Records what a launch writes, for the tests of power failures.
      strace: 'strace',
    },
  },
  ssh: {
    services: true,
    commands: {
      sshd: 'openssh-server',
      ssh: 'openssh-client',
      'ssh-keygen': 'openssh-client',
      rsync: 'rsync',
      // A login shell that does not descend from sh: clusters have users with one.
      tcsh: 'tcsh',
    },
  },
  // Any Chromium will do (`lib/browser/find.mjs`); this one is the smallest.
  browser: { services: false, commands: { 'chromium-headless-shell': 'chromium-headless-shell' } },
  slurm: {
    services: true,
    commands: { munged: 'munge', slurmctld: 'slurm-wlm', slurmd: 'slurm-wlm', sbatch: 'slurm-wlm' },
  },
  accounting: {
    services: true,
    commands: {
      slurmdbd: 'slurmdbd',
      sacctmgr: 'slurm-wlm',
      mariadbd: 'mariadb-server',
      'mariadb-install-db': 'mariadb-server',
    },
  },
  // The tools that unpack the Slurm of another Debian release.
  'other-slurm': {
    services: false,
    commands: { debootstrap: 'debootstrap', unshare: 'util-linux', chroot: 'coreutils' },
  },
};
