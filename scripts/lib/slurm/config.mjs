import { join } from 'node:path';
import { OFFSETS } from './ports.mjs';

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
  return {
    'slurm.conf': slurmConf(folder, settings),
    'gres.conf': gresConf(settings),
    'cgroup.conf': cgroupConf(settings),
    ...(settings.accounting
      ? { 'slurmdbd.conf': slurmdbdConf(folder, settings), 'database.sql': databaseSql(settings) }
      : {}),
  };
}

function slurmConf(folder, settings) {
  const { log, run, state, spool, mungeSocket } = pathsOf(folder);
  const { cluster, host, user, port } = settings;
  const limited = settings.memoryLimits !== 'none';
  return lines(
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
    'KillWait=3',
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
    ...(settings.accounting
      ? [
          'AccountingStorageType=accounting_storage/slurmdbd',
          'AccountingStorageHost=127.0.0.1',
          `AccountingStoragePort=${port + OFFSETS.slurmdbd}`,
          `AccountingStoragePass=${mungeSocket}`,
          'AccountingStorageEnforce=associations,limits,qos',
          'AccountingStorageTRES=gres/gpu',
          'AccountingStoreFlags=job_comment',
        ]
      : ['AccountingStorageType=accounting_storage/none']),
    ...settings.nodes.map(
      (name, index) =>
        `NodeName=${name} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${port + OFFSETS[`n${index + 1}`]} ` +
        `CPUs=${NODE.cpus} RealMemory=${NODE.memoryMegabytes} Gres=gpu:${NODE.gpus}`,
    ),
    ...partitions(settings.nodes.join(',')),
  );
}

function partitions(nodes) {
  return [
    `PartitionName=main Nodes=${nodes} Default=YES DefaultTime=10 MaxTime=1-00:00:00 PriorityTier=2`,
    `PartitionName=short Nodes=${nodes} DefaultTime=1 MaxTime=2 PriorityTier=2`,
    '# Takes the nodes from jobs of `main` and `short`, which are cancelled, and of `scavenge`, which go back to the queue.',
    `PartitionName=urgent Nodes=${nodes} DefaultTime=10 MaxTime=1-00:00:00 PriorityTier=10 PreemptMode=OFF`,
    `PartitionName=scavenge Nodes=${nodes} DefaultTime=10 MaxTime=1-00:00:00 PriorityTier=1 PreemptMode=REQUEUE`,
  ];
}

function gresConf(settings) {
  // Any character devices will do, as long as they are as many as the GPUs: nothing opens them.
  return lines(`NodeName=${settings.nodes.join(',')} Name=gpu Count=${NODE.gpus} File=/dev/null,/dev/zero`);
}

function cgroupConf({ memoryLimits }) {
  if (memoryLimits === 'none') return '';
  return lines(
    `CgroupPlugin=${memoryLimits}`,
    'CgroupMountpoint=/sys/fs/cgroup',
    ...(memoryLimits === 'cgroup/v2' ? ['IgnoreSystemd=yes'] : []),
    'ConstrainRAMSpace=yes',
    'ConstrainSwapSpace=yes',
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
