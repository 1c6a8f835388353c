import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { startProgram } from '../support/autolab.ts';
import { temporaryFolder, until } from '../support/project.ts';
import {
  becomes,
  type Cluster,
  describeOnSlurm,
  ENDED,
  onCluster,
  ownCluster,
  queued,
  recorded,
  running,
  sharedCluster,
  shown,
  siteCluster,
  submit,
} from '../support/slurm.ts';
import { bringBackNode } from '../support/slurm-project.ts';

/** Each site behaves as its name says: raw Slurm, without the launcher. */

async function submitted(cluster: Cluster, options: readonly string[]) {
  const { status, stdout, stderr } = await onCluster(cluster, ['sbatch', '-o', '/dev/null', ...options, '--wrap=true']);
  return { status, stdout, stderr };
}

async function reasonOf(cluster: Cluster, jobId: string): Promise<string> {
  return (await shown(cluster, jobId))['Reason'] ?? '';
}

async function cancel(cluster: Cluster, ...jobIds: readonly string[]): Promise<void> {
  await onCluster(cluster, ['scancel', ...jobIds]);
}

describeOnSlurm('the site whole-node', () => {
  it('gives a job all CPUs of its nodes, and has books with the shared cluster', async () => {
    const cluster = await siteCluster('whole-node');
    const id = await running(cluster, ['--nodes=2', '--ntasks=2', '--mem=400M']);
    expect((await shown(cluster, id))['NumCPUs']).toBe('8');
    await cancel(cluster, id);
    expect(await becomes(() => recorded(cluster, id), ENDED)).toMatch(/^CANCELLED/);
    const shared = await sharedCluster();
    const { stdout } = await onCluster(shared, [
      'sacct',
      '-M',
      cluster.cluster,
      '-j',
      id,
      '-X',
      '-n',
      '-P',
      '-o',
      'Cluster',
    ]);
    expect(stdout.trim()).toBe(cluster.cluster);
  });

  it('is one cluster for all who ask, and says which', async () => {
    const [one, two] = await Promise.all([siteCluster('whole-node'), siteCluster('whole-node')]);
    expect(two.pidOf('slurmctld')).toBe(one.pidOf('slurmctld'));
    const argv = [process.execPath, 'scripts/slurm.mjs', 'status', '--json', '--folder', one.folder];
    const status = JSON.parse((await startProgram(argv, process.cwd()).ended).stdout);
    expect([status.state, status.site]).toEqual(['up', 'whole-node']);
    expect(status.daemons.map(({ name }: { name: string }) => name)).toEqual(['slurmctld', 'n1', 'n2']);
  });
});

describeOnSlurm('the site per-cpu-memory', () => {
  it('raises the CPUs of a job that asks for more memory than they may have', async () => {
    const cluster = await siteCluster('per-cpu-memory');
    const id = await running(cluster, ['--cpus-per-task=1', '--mem=800M']);
    expect((await shown(cluster, id))['NumCPUs']).toBe('4');
    await cancel(cluster, id);
  });
});

describeOnSlurm('the site no-memory', { concurrent: true }, () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await siteCluster('no-memory');
  });

  it('refuses a job that asks for memory', async () => {
    const ended = await submitted(cluster, ['--mem=200M']);
    expect(ended.status).toBe(1);
    expect(ended.stderr).toContain('Memory specification can not be satisfied');
  });

  it('takes one that asks for memory on hold, and lets it wait', async () => {
    const id = await submit(cluster, ['--hold', '--mem=200M'], 'true');
    await onCluster(cluster, ['scontrol', 'release', id]);
    expect(await becomes(() => reasonOf(cluster, id), /^(?!JobHeld|None|$)/)).toBe('BadConstraints');
    await cancel(cluster, id);
  });

  it.each([[[]], [['--mem=0']], [['--exclusive', '--mem=0']]])('runs a job with %j', async (options) => {
    const id = await submit(cluster, options, 'true');
    expect(await becomes(() => recorded(cluster, id), ENDED)).toBe('COMPLETED 0:0');
  });
});

describeOnSlurm('the site lua', { concurrent: true }, () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await siteCluster('lua');
  });

  it.each([
    ['per-cpu', 'This cluster gives memory by CPU. Use --mem-per-cpu, not --mem.'],
    ['suspended', 'Please try again after the 1st.'],
    ['refused', 'Jobs of this kind do not run here.'],
    ['silent', 'Unspecified error'],
    ['filtered', 'cli_filter plugin terminated with error'],
  ])('refuses in %s: %s', async (partition, words) => {
    for (const mode of [[], ['--test-only']]) {
      const ended = await submitted(cluster, [...mode, `--partition=${partition}`, '--mem=100M']);
      expect(ended.status).toBe(1);
      expect(ended.stderr).toContain(words);
    }
  });

  it('takes memory by CPU, and every job in main', async () => {
    expect((await submitted(cluster, ['--partition=per-cpu', '--mem-per-cpu=100M'])).status).toBe(0);
    expect((await submitted(cluster, ['--mem=100M'])).stderr).toBe('');
  });

  it('changes what a job asked for in changed, and says so', async () => {
    const ended = await submitted(cluster, ['--parsable', '--partition=changed', '--time=9', '--mem=100M']);
    expect([ended.status, ended.stderr]).toEqual([0, 'sbatch: Your time limit was set to 3 minutes.\n']);
    expect((await shown(cluster, ended.stdout.trim()))['TimeLimit']).toBe('00:03:00');
  });
});

const TRAPPING = `exec srun --ntasks=1 bash -c 'trap "touch term; exit 0" TERM; touch begun; while :; do sleep 0.2; done'`;

describeOnSlurm('the site grace', () => {
  it('sends SIGTERM to the steps of a preempted job at once, and ends the job later', async () => {
    const cluster = await siteCluster('grace');
    const folder = temporaryFolder();
    const whole = ['--nodes=2', '--ntasks-per-node=4', '--mem=100M'];
    const victim = await submit(cluster, [...whole, `--chdir=${folder}`], TRAPPING);
    await until('the step has begun', () => existsSync(join(folder, 'begun')));
    const urgent = await submit(cluster, [...whole, '--partition=urgent'], 'true');
    await until('the step got SIGTERM', () => existsSync(join(folder, 'term')));
    // Its script ended well with the step: Slurm 22.05 calls that completed, and only its PreemptTime says what it was.
    expect(await becomes(() => recorded(cluster, victim), ENDED)).toMatch(/^(COMPLETED|PREEMPTED) 0:0$/);
    expect((await shown(cluster, victim))['PreemptTime']).toMatch(/^2/);
    expect(await becomes(() => recorded(cluster, urgent), ENDED)).toBe('COMPLETED 0:0');
  });
});

describeOnSlurm('the site prolog', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await ownCluster({ site: 'prolog' });
  });
  const resume = () => bringBackNode(cluster.env, cluster.nodes[1]);

  it('puts a job whose prolog failed on hold, and sets the node aside', async () => {
    const id = await submit(cluster, ['--partition=failing', '--mem=100M'], 'true');
    expect(await becomes(() => reasonOf(cluster, id), /launch_failed/)).toBe('launch_failed_requeued_held');
    const { stdout } = await onCluster(cluster, ['sinfo', '-h', '-R', '-o', '%E %N']);
    expect(stdout.trim()).toBe(`Prolog error ${cluster.nodes[1]}`);
    await cancel(cluster, id);
    await resume();
  });

  it('cancels it by user 0 if it may not be requeued', async () => {
    const id = await submit(cluster, ['--partition=failing', '--no-requeue', '--mem=100M'], 'true');
    expect(await becomes(() => recorded(cluster, id), ENDED)).toMatch(/^CANCELLED by 0 /);
    await resume();
  });

  it('runs jobs on the other node', async () => {
    const id = await submit(cluster, ['--partition=sound', '--mem=100M'], 'true');
    expect(await becomes(() => recorded(cluster, id), ENDED)).toBe('COMPLETED 0:0');
    expect(readFileSync(cluster.conf, 'utf8')).toContain('Prolog=');
  });
});

describeOnSlurm('the site partition-limits', { concurrent: true }, () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await siteCluster('partition-limits');
  });

  it.each([
    ['PartitionTimeLimit', ['--partition=short', '--time=10']],
    ['PartitionNodeLimit', ['--partition=one-node', '--nodes=2']],
    ['PartitionNodeLimit', ['--partition=two-nodes', '--nodes=1-1']],
    ['MaxMemPerLimit', ['--partition=little-memory', '--mem=400M']],
    ['PartitionDown', ['--partition=stopped']],
    ['QOSMaxCpuPerJobLimit', ['--qos=capped', '--time=5', '--cpus-per-task=3', '--mem=100M']],
    ['QOSMaxMemoryPerJob', ['--qos=capped', '--time=5', '--mem=400M']],
    ['QOSMaxGRESPerJob', ['--qos=capped', '--time=5', '--gres=gpu:1']],
    ['QOSMaxNodePerJobLimit', ['--qos=capped', '--time=5', '--nodes=2', '--mem=100M']],
    ['QOSMaxWallDurationPerJobLimit', ['--qos=capped', '--time=9']],
    ['AssocMaxCpuPerJobLimit', ['--account=capped', '--time=5', '--cpus-per-task=3', '--mem=100M']],
    ['AssocMaxMemPerJob', ['--account=capped', '--time=5', '--mem=400M']],
    ['AssocMaxGRESPerJob', ['--account=capped', '--time=5', '--gres=gpu:1']],
    ['AssocMaxNodePerJobLimit', ['--account=capped', '--time=5', '--nodes=2', '--mem=100M']],
    ['AssocMaxWallDurationPerJobLimit', ['--account=capped', '--time=9']],
    ['QOSGrpCpuLimit', ['--qos=group', '--cpus-per-task=3', '--mem=100M']],
    ['AssocGrpCpuLimit', ['--account=group', '--cpus-per-task=3', '--mem=100M']],
  ])('lets a job wait with %s: %j', async (reason, options) => {
    const id = await submit(cluster, options, 'true');
    await becomes(() => reasonOf(cluster, id), new RegExp(`^${reason}$`));
    await cancel(cluster, id);
  });

  it.each([
    ['QOSMaxJobsPerUserLimit', '--qos=crowded'],
    ['AssocMaxJobsLimit', '--account=crowded'],
  ])('runs one job at a time: %s', async (reason, option) => {
    const first = await running(cluster, [option, '--mem=100M']);
    const second = await submit(cluster, [option, '--mem=100M'], 'true');
    await becomes(() => reasonOf(cluster, second), new RegExp(`^${reason}$`));
    await cancel(cluster, first, second);
    await becomes(() => queued(cluster, first), /^(?!RUNNING|COMPLETING)/);
  });
});
