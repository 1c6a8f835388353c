import { join } from 'node:path';
import { OFFSETS } from './ports.mjs';
import { siteNamed } from './sites.mjs';

/** @typedef {import('./settings.mjs').Settings} Settings */

/** What a node claims to have. The machine may have less: `config_overrides`. */
export const NODE = { cpus: 4, memoryMegabytes: 8000, gpus: 2 };

/** Where things lie in a cluster's folder. */
export function pathsOf(folder) {
  return {
    conf: join(folder, 'etc/slurm.conf'),
    etc: join(folder, 'etc'),
    log: join(folder, 'log'),
    run: join(folder, 'run'),
    state: join(folder, 'state'),
    spool: join(folder, 'spool'),
    database: join(folder, 'database'),
    databaseScratch: join(folder, 'scratch'),
    processes: join(folder, 'processes'),
    mungeSocket: join(folder, 'run/munge.sock'),
    mungeKey: join(folder, 'etc/munge.key'),
    databaseSocket: join(folder, 'run/mariadb.sock'),
    databaseInit: join(folder, 'etc/database.sql'),
  };
}

/**
 * The configuration of a cluster: file names below `etc/` and their texts.
 *
 * @param {string} folder
 * @param {Settings} settings
 * @returns {Record<string, string>}
 */
export function configurationOf(folder, settings) {
  const site = siteNamed(settings.site);
  const machine = site.unlimited === true ? { ...settings, memoryLimits: 'none' } : settings;
  return {
    'slurm.conf': lines(...rulesOf(folder, machine, site), ...nodes(machine, site), ...partitions(machine, site)),
    'gres.conf': gresConf(settings),
    'cgroup.conf': cgroupConf(machine),
    ...(ownBooks(settings)
      ? { 'slurmdbd.conf': slurmdbdConf(folder, settings), 'database.sql': databaseSql(settings) }
      : {}),
    ...site.files?.(settings),
  };
}

/** Whether the cluster runs slurmdbd and MariaDB itself. */
export function ownBooks({ accounting, books }) {
  return accounting && books === undefined;
}

/** The socket of the munged that the cluster's daemons and clients talk to. */
function mungeSocketOf(folder, { books }) {
  return pathsOf(books?.folder ?? folder).mungeSocket;
}

/** The plain site's lines, with those of the site in their place. */
function rulesOf(folder, settings, site) {
  const changed = { ...site.slurm, ...site.slurmOf?.(folder) };
  const keys = [...Object.keys(changed), ...(site.without ?? [])];
  return [
    ...plainRules(folder, settings).filter((line) => !keys.includes(line.slice(0, line.indexOf('=')))),
    ...keysAndValues(changed),
  ];
}

function keysAndValues(object) {
  return Object.entries(object).map(([key, value]) => `${key}=${value}`);
}

function plainRules(folder, settings) {
  const { log, run, state, spool } = pathsOf(folder);
  const { cluster, host, user, port } = settings;
  const mungeSocket = mungeSocketOf(folder, settings);
  const limited = settings.memoryLimits !== 'none';
  return [
    `ClusterName=${cluster}`,
    `SlurmctldHost=${host}(127.0.0.1)`,
    `SlurmctldPort=${port + OFFSETS.slurmctld}`,
    `SlurmUser=${user}`,
    `SlurmdUser=${user}`,
    'AuthType=auth/munge',
    `AuthInfo=socket=${mungeSocket}`,
    `SlurmctldPidFile=${run}/slurmctld.pid`,
    `SlurmdPidFile=${run}/%n.pid`,
    `SlurmctldLogFile=${log}/slurmctld.log`,
    `SlurmdLogFile=${log}/%n.log`,
    'SlurmctldSyslogDebug=quiet',
    'SlurmdSyslogDebug=quiet',
    'LogTimeFormat=iso8601_ms',
    `StateSaveLocation=${state}`,
    `SlurmdSpoolDir=${spool}/%n`,
    'MailProg=/bin/true',
    'MpiDefault=none',
    '# Two nodes on one machine that may have fewer processors than they claim.',
    'SlurmdParameters=config_overrides',
    'ProctrackType=proctrack/linuxproc',
    `TaskPlugin=${limited ? 'task/cgroup' : 'task/none'}`,
    'JobAcctGatherType=jobacct_gather/linux',
    'JobAcctGatherFrequency=task=1',
    'ReturnToService=2',
    '# A client asks a controller that is not there for this long, so tests of a dead one are bearable.',
    'MessageTimeout=5',
    '# Time for a job on a busy machine to write down that it was told to end.',
    'KillWait=6',
    'UnkillableStepTimeout=30',
    'SlurmdTimeout=60',
    `MinJobAge=${settings.minJobAge}`,
    'SchedulerType=sched/backfill',
    'SchedulerParameters=batch_sched_delay=0,sched_interval=2,bf_interval=2',
    'SelectType=select/cons_tres',
    'SelectTypeParameters=CR_CPU_Memory',
    'DefMemPerCPU=200',
    'PreemptType=preempt/partition_prio',
    'PreemptMode=CANCEL',
    '# A job over a limit is refused by sbatch, not left waiting.',
    'EnforcePartLimits=ALL',
    'GresTypes=gpu',
    'Licenses=sim:2',
    ...accountingRules(settings, mungeSocket),
  ];
}

function accountingRules({ accounting, books, port }, mungeSocket) {
  if (!accounting) return ['AccountingStorageType=accounting_storage/none'];
  return [
    'AccountingStorageType=accounting_storage/slurmdbd',
    'AccountingStorageHost=127.0.0.1',
    `AccountingStoragePort=${(books?.port ?? port) + OFFSETS.slurmdbd}`,
    `AccountingStoragePass=${mungeSocket}`,
    'AccountingStorageEnforce=associations,limits,qos',
    'AccountingStorageTRES=gres/gpu',
    'AccountingStoreFlags=job_comment',
  ];
}

function nodes({ nodes: names, host, port }, site) {
  const has = { CPUs: NODE.cpus, RealMemory: NODE.memoryMegabytes, Gres: `gpu:${NODE.gpus}`, ...site.node };
  return names.map((name, index) =>
    [
      `NodeName=${name} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${port + OFFSETS[`n${index + 1}`]}`,
      ...keysAndValues(has),
    ].join(' '),
  );
}

function partitions({ nodes: [first, second] }, site) {
  const groups = { both: `${first},${second}`, first, second };
  return Object.entries(site.partitions).map(([name, { Nodes: group = 'both', ...keys }], index) =>
    [
      `PartitionName=${name} Nodes=${groups[group]}`,
      ...(index === 0 ? ['Default=YES'] : []),
      ...keysAndValues(keys),
    ].join(' '),
  );
}

function gresConf(settings) {
  // Any character devices will do, as long as they are as many as the GPUs: nothing opens them.
  return lines(`NodeName=${settings.nodes.join(',')} Name=gpu Count=${NODE.gpus} File=/dev/null,/dev/zero`);
}

function cgroupConf({ memoryLimits, release }) {
  if (memoryLimits === 'none') return '';
  return lines(
    `CgroupPlugin=${memoryLimits}`,
    'CgroupMountpoint=/sys/fs/cgroup',
    ...(memoryLimits === 'cgroup/v2' ? ['IgnoreSystemd=yes'] : []),
    'ConstrainRAMSpace=yes',
    // Newer ones take a kernel that does not count swap for an error.
    `ConstrainSwapSpace=${release === undefined ? 'yes' : 'no'}`,
  );
}

function slurmdbdConf(folder, settings) {
  const { log, run, mungeSocket } = pathsOf(folder);
  const { host, user, port } = settings;
  return lines(
    'AuthType=auth/munge',
    `AuthInfo=socket=${mungeSocket}`,
    '# The short name of the machine: slurmdbd takes no address here.',
    `DbdHost=${host}`,
    'DbdAddr=127.0.0.1',
    `DbdPort=${port + OFFSETS.slurmdbd}`,
    `SlurmUser=${user}`,
    `PidFile=${run}/slurmdbd.pid`,
    `LogFile=${log}/slurmdbd.log`,
    'DebugLevelSyslog=quiet',
    'MessageTimeout=5',
    'StorageType=accounting_storage/mysql',
    'StorageHost=127.0.0.1',
    `StoragePort=${port + OFFSETS.mariadbd}`,
    'StorageUser=slurm',
    `StoragePass=${settings.databasePassword}`,
    'StorageLoc=slurm',
  );
}

/** Run by mariadbd at each start. */
function databaseSql({ databasePassword }) {
  return lines(
    'CREATE DATABASE IF NOT EXISTS slurm;',
    `CREATE USER IF NOT EXISTS 'slurm'@'127.0.0.1' IDENTIFIED BY '${databasePassword}';`,
    "GRANT ALL ON slurm.* TO 'slurm'@'127.0.0.1';",
  );
}

function lines(...texts) {
  return `${texts.join('\n')}\n`;
}
