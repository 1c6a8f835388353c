import { describe, expect, it } from 'vitest';
import { ran } from '../../../test/support/ran.ts';
import { limitIn, readLimitReason } from './limit-reason.ts';
import { parseLimits, parsePartitions, showAssociationsArgv, showQosArgv, timeLimits } from './site-limits.ts';

// Answers of 22.05.8.
const PARTITIONS = `PartitionName=main AllowGroups=ALL Default=YES QoS=N/A DefaultTime=00:10:00 MaxNodes=UNLIMITED MaxTime=1-00:00:00 MinNodes=0 Nodes=n[1-2] State=UP TotalCPUs=8 TotalNodes=2 DefMemPerNode=UNLIMITED MaxMemPerNode=UNLIMITED TRES=cpu=8,mem=16000M,node=2,billing=8,gres/gpu=4
PartitionName=short AllowGroups=ALL Default=NO QoS=N/A DefaultTime=00:01:00 MaxNodes=1 MaxTime=00:02:00 MinNodes=0 Nodes=n[1-2] State=UP TotalCPUs=8 TotalNodes=2 MaxMemPerNode=300
PartitionName=old Default=NO MaxTime=UNLIMITED State=DOWN
`;
const QOS = `Name|Priority|GraceTime|Preempt|PreemptExemptTime|PreemptMode|Flags|UsageThres|UsageFactor|GrpTRES|GrpTRESMins|GrpTRESRunMins|GrpJobs|GrpSubmit|GrpWall|MaxTRES|MaxTRESPerNode|MaxTRESMins|MaxWall|MaxTRESPU|MaxJobsPU|MaxSubmitPU|MaxTRESPA|MaxJobsPA|MaxSubmitPA|MinTRES
normal|0|00:00:00|||cluster|||1.000000|||||||cpu=2,gres/gpu=1,node=1|||00:05:00|mem=1G|3|||||
`;
const ASSOCIATIONS = `Cluster|Account|User|Partition|Share|Priority|GrpJobs|GrpTRES|GrpSubmit|GrpWall|GrpTRESMins|MaxJobs|MaxTRES|MaxTRESPerNode|MaxSubmit|MaxWall|MaxTRESMins|QOS|Def QOS|GrpTRESRunMins
c|limited|||1|||cpu=4||||1|||2|||normal||
c|limited|ada||1|||||||1|||2|00:10:00||normal,strict||
`;

const partition = parsePartitions(ran({ stdout: PARTITIONS })).filter((row) => row['PartitionName'] === 'short');
const qos = parseLimits(ran({ stdout: QOS }));
const associations = parseLimits(ran({ stdout: ASSOCIATIONS }));

describe('a limit that the queue names', () => {
  it.each([
    ['PartitionTimeLimit', partition, 'time', 'MaxTime=00:02:00'],
    ['PartitionNodeLimit', partition, 'nodes', 'MaxNodes=1'],
    ['MaxMemPerLimit', partition, 'memory', 'MaxMemPerNode=300'],
    ['PartitionDown', partition, 'partition', 'State=UP'],
    ['QOSMaxWallDurationPerJobLimit', qos, 'time', 'MaxWall=00:05:00'],
    ['QOSMaxCpuPerJobLimit', qos, 'cpus', 'MaxTRES: cpu=2'],
    ['QOSMaxNodePerJobLimit', qos, 'nodes', 'MaxTRES: node=1'],
    ['QOSMaxGRESPerJob', qos, 'gpu_count', 'MaxTRES: gres/gpu=1'],
    ['QOSMaxMemoryPerUser', qos, 'memory', 'MaxTRESPU: mem=1G'],
    ['QOSMaxJobsPerUserLimit', qos, 'qos', 'MaxJobsPU=3'],
    ['AssocMaxJobsLimit', associations, 'qos', 'MaxJobs=1'],
    ['AssocMaxWallDurationPerJobLimit', associations, 'time', 'MaxWall=00:10:00'],
    ['AssocGrpCpuLimit', associations, 'cpus', 'GrpTRES: cpu=4'],
  ])('is found with its value: %s', (reason, rows, key, value) => {
    const limit = readLimitReason(reason);
    expect(limit?.key).toBe(key);
    expect(limit === null ? null : limitIn(rows, limit)).toBe(value);
  });

  it('is none where the job waits for its turn', () => {
    for (const reason of ['Resources', 'Priority', 'JobHeldUser', 'BeginTime', 'toString', 'QOSMax', 'None'])
      expect(readLimitReason(reason)).toBeNull();
  });

  it('has no value where the site does not show it', () => {
    const limit = readLimitReason('QOSGrpMemLimit');
    expect(limit === null ? '' : limitIn(qos, limit)).toBeNull();
    expect(parseLimits(ran({ exitCode: 1, stderr: 'sacctmgr: error: Access denied' }))).toEqual([]);
  });
});

describe('the questions', () => {
  it('take names only', () => {
    expect(showQosArgv('gpu-long')).toContain('name=gpu-long');
    for (const name of ['', '-x', 'a b', 'a=b']) {
      expect(showQosArgv(name)).toBeNull();
      expect(showAssociationsArgv(name)).toBeNull();
    }
  });
});

describe('timeLimits', () => {
  it('are those of partitions that take jobs', () => {
    expect(timeLimits(parsePartitions(ran({ stdout: PARTITIONS })))).toEqual([
      { name: 'main', words: '1-00:00:00', seconds: 86_400 },
      { name: 'short', words: '00:02:00', seconds: 120 },
    ]);
  });
});
