import { beforeAll, expect, it } from 'vitest';
import { autolabJson, inRun } from '../support/autolab.ts';
import { read, runIds } from '../support/project.ts';
import { manifestOf, SLOW_MS } from '../support/runs.ts';
import { type Cluster, describeOnSlurm, sharedCluster } from '../support/slurm.ts';
import { expectOnce, journalOf, ledgerRows, slurm, slurmProject } from '../support/slurm-project.ts';
import { jobAskingFor, NO_AMOUNT } from '../support/slurm-requests.ts';

/** What the design asks for arrives at the job, or is refused: nothing is dropped on the way. */

describeOnSlurm('what a design asks for', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await sharedCluster();
  });

  it(
    'submits nothing where a key asks for something under another name',
    async () => {
      const root = slurmProject({ compute: { gres: '"gpu:2"', mem_per_cpu: '100M' } });
      const end = await autolabJson(root, ['launch'], { env: cluster.env });
      expect([end.status, end.json['code']]).toEqual([10, 'design.invalid']);
      expect(runIds(root)).toEqual([]);
      expect(slurm(cluster.env, ['squeue', '--states=all', '--noheader', '--format=%Z'])).not.toContain(root);
    },
    SLOW_MS,
  );

  it(
    'asks for memory by processor and by GPU',
    async () => {
      const [cpu, gpu] = await Promise.all([
        jobAskingFor(cluster, { ...NO_AMOUNT, memory_per_cpu: '100MB', cpus: 2 }),
        jobAskingFor(cluster, { ...NO_AMOUNT, memory_per_gpu: '150M', gpus_per_node: 1 }),
      ]);
      expect(cpu.job).toContain('MinMemoryCPU=100M');
      const request = manifestOf(cpu.root, cpu.runId)['resource_request'] as Record<string, unknown>;
      expect(request).toMatchObject({ memory_per_cpu: '100MB', memory_per_cpu_mb: 100 });
      for (const key of ['memory', 'memory_mb']) expect(request).not.toHaveProperty(key);
      expect(gpu.job).toMatch(/MemPerTres=gres[:/]gpu:150/);
    },
    SLOW_MS,
  );

  it(
    'takes amounts as Slurm writes them, and passes on what has no key',
    async () => {
      const { root, runId, job } = await jobAskingFor(cluster, {
        memory: '300MB',
        exclusive: true,
        nodelist: cluster.nodes[1],
        comment: '"two of \\"them\\" # here"',
        mail_type: 'end,fail',
        mail_user: 'me@example.org',
        sbatch_options: '["--contiguous", "--mincpus=2"]',
      });
      expect(job).toContain('MinMemoryNode=300M');
      expect(job).toContain('OverSubscribe=NO');
      expect(job).toContain(`ReqNodeList=${cluster.nodes[1]}`);
      expect(job).toContain('Comment=two of "them" # here');
      expect(job).toContain('MailUser=me@example.org MailType=END,FAIL');
      expect(job).toContain('Contiguous=1');
      expect(job).toContain('MinCPUsNode=2');
      expect(manifestOf(root, runId)['resource_request']).toMatchObject({
        memory: '300MB',
        memory_mb: 300,
        exclusive: true,
        sbatch_options: ['--contiguous', '--mincpus=2'],
      });
      await expectOnce(cluster.env, root, runId);
    },
    SLOW_MS,
  );

  it(
    'asks the cluster that the design names, with every command',
    async () => {
      const { root, runId } = await jobAskingFor(cluster, { cluster: cluster.cluster });
      const submitted = journalOf(root, runId).find(({ event }) => event === 'job.submitted');
      expect(submitted?.data).toMatchObject({ cluster: cluster.cluster, adopted: false });
      expect(manifestOf(root, runId)['slurm']).toMatchObject({ cluster: cluster.cluster });
      expect(ledgerRows(root)[0]).toContain(`cluster=${cluster.cluster}`);
      for (const file of ['sbatch.1.txt', 'squeue.lookup.txt', 'squeue.txt', 'sacct.txt', 'scontrol.config.txt'])
        expect(read(root, inRun('', 'iter1', runId, `logs/${file}`))).toMatch(
          new RegExp(`^\\$ \\w+ --(?:parsable --)?clusters=${cluster.cluster} `),
        );
      await expectOnce(cluster.env, root, runId);
    },
    SLOW_MS,
  );

  it(
    'says at once that nobody knows the cluster',
    async () => {
      const root = slurmProject({ compute: { cluster: 'elsewhere' } });
      const dry = await autolabJson(root, ['launch', '--dry-run'], { env: cluster.env });
      expect([dry.status, dry.json['code']], dry.stderr).toEqual([10, 'slurm.refused']);
      const end = await autolabJson(root, ['launch'], { env: cluster.env });
      expect([end.status, end.json['code']], end.stderr).toEqual([10, 'slurm.refused']);
      expect(end.json['message']).toContain('elsewhere');
      expect(end.json['recommendations']).toMatchObject([{ pointer: '/compute/cluster', current: 'elsewhere' }]);
    },
    SLOW_MS,
  );
});
