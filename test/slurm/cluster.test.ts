import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { startProgram } from '../support/autolab.ts';
import { temporaryFolder, until } from '../support/project.ts';
import { kill } from '../support/runs.ts';
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
  submit,
} from '../support/slurm.ts';

async function slurm(...words: readonly string[]) {
  return startProgram([process.execPath, 'scripts/slurm.mjs', ...words], process.cwd()).ended;
}

describeOnSlurm('a cluster of its own', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await ownCluster();
  });

  it('lies beside the shared one', async () => {
    const shared = await sharedCluster();
    expect(cluster.port).not.toBe(shared.port);
    expect(cluster.cluster).not.toBe(shared.cluster);
  });

  it('runs a job, gives it its GPU and records it with its comment', async () => {
    const log = `${temporaryFolder()}/log`;
    const id = await submit(
      cluster,
      ['--gres=gpu:1', `--output=${log}`, '--comment=hello'],
      'echo gpu=$CUDA_VISIBLE_DEVICES; exit 3',
    );
    expect(await becomes(() => recorded(cluster, id), ENDED)).toBe('FAILED 3:0');
    expect(readFileSync(log, 'utf8')).toMatch(/^gpu=[01]\n$/);
    const { stdout } = await onCluster(cluster, ['sacct', '-j', id, '-X', '-n', '-P', '--format=Comment,AllocTRES']);
    expect(stdout).toBe('hello|billing=1,cpu=1,gres/gpu=1,mem=200M,node=1\n');
  });

  it('is left alone by a second up', async () => {
    const before = cluster.pidOf('slurmctld');
    const again = await slurm('up', '--folder', cluster.folder);
    expect(again.status, again.stderr).toBe(0);
    expect(again.stdout).toContain(`export SLURM_CONF=${cluster.conf}`);
    expect(again.stdout).not.toContain('started');
    expect(cluster.pidOf('slurmctld')).toBe(before);
    const other = await slurm('up', '--folder', cluster.folder, '--no-accounting');
    expect(other.status).toBe(1);
    expect(other.stderr).toContain('Take it down first');
  });

  it('lets a more urgent job take the place of others', async () => {
    const whole = ['--nodes=2', '--ntasks-per-node=4'];
    const victim = await running(cluster, [...whole, '--partition=main']);
    const urgent = await running(cluster, [...whole, '--partition=urgent']);
    expect(await becomes(() => recorded(cluster, victim), ENDED)).toBe('PREEMPTED 0:0');
    await onCluster(cluster, ['scancel', urgent]);
    const requeued = await running(cluster, [...whole, '--partition=scavenge']);
    const winner = await running(cluster, [...whole, '--partition=main']);
    await becomes(() => queued(cluster, requeued), /^PENDING$/);
    await onCluster(cluster, ['scancel', winner, requeued]);
  });

  it('fails the job of a node that went away, and up brings the node back', async () => {
    const [, node] = cluster.nodes;
    const id = await running(cluster, [`--nodelist=${node}`, '--no-requeue']);
    await onCluster(cluster, ['scontrol', 'update', `nodename=${node}`, 'state=down', 'reason=test']);
    expect(await becomes(() => recorded(cluster, id), ENDED)).toMatch(/^NODE_FAIL /);
    expect((await slurm('up', '--folder', cluster.folder)).status).toBe(0);
    await running(cluster, [`--nodelist=${node}`]);
  });

  it('hears of a job that ended while the controller was away', async () => {
    const folder = temporaryFolder();
    const [go, over] = [`${folder}/go`, `${folder}/over`];
    const id = await submit(cluster, [], `until [ -e ${go} ]; do sleep 0.1; done; touch ${over}`);
    await becomes(() => queued(cluster, id), /^RUNNING$/);
    await cluster.stopController();
    writeFileSync(go, '');
    await until('the job is over', () => existsSync(over));
    const ended = await onCluster(cluster, ['squeue', '-j', id]);
    expect(ended.status).toBe(1);
    expect(ended.stderr).toContain('Unable to contact slurm controller');
    await cluster.startController();
    expect(await becomes(() => recorded(cluster, id), ENDED)).toBe('COMPLETED 0:0');
  });

  it('goes down without leaving a process or a port, and comes up again with what it knew', async () => {
    const id = await running(cluster, []);
    const down = await slurm('down', '--folder', cluster.folder);
    expect(down.stdout).toMatch(/^Stopped: /);
    expect(processesOf(cluster.folder)).toEqual([]);
    const status = JSON.parse((await slurm('status', '--folder', cluster.folder, '--json')).stdout);
    expect(status.state).toBe('down');
    expect(status.daemons.map((daemon: { pid: number | null }) => daemon.pid)).toEqual(Array(6).fill(null));
    expect((await slurm('down', '--folder', cluster.folder)).stdout).toBe('There was nothing to stop.\n');
    expect((await slurm('up', '--folder', cluster.folder)).status).toBe(0);
    await becomes(() => recorded(cluster, id), /^CANCELLED/);
    await slurm('down', '--folder', cluster.folder, '--remove');
    expect(existsSync(cluster.folder)).toBe(false);
  });
});

describeOnSlurm('the database of a cluster', () => {
  it('leaves the temporary tables of other databases alone', async () => {
    const [folder, shared] = [join(temporaryFolder(), 'cluster'), temporaryFolder()];
    const table = join(shared, '#sql-temptable-1-1-1.MAI');
    writeFileSync(table, '');
    const words = [process.execPath, 'scripts/slurm.mjs', 'up', '--folder', folder];

    const up = await startProgram(words, process.cwd(), { env: { TMPDIR: shared } }).ended;

    expect(up.status, up.stderr).toBe(0);
    expect(existsSync(table)).toBe(true);
    expect((await slurm('down', '--folder', folder, '--remove')).status).toBe(0);
  });
});

describeOnSlurm('an up that was killed while it made the database', () => {
  it('is made up for by the next one', async () => {
    const folder = join(temporaryFolder(), 'cluster');
    const first = startProgram([process.execPath, 'scripts/slurm.mjs', 'up', '--folder', folder], process.cwd());
    await until('the database is being made', () => existsSync(join(folder, 'database/mysql')));
    first.child.kill('SIGKILL');
    await first.ended;
    await until('nothing of it lives', () => {
      const left = processesOf(folder);
      for (const { pid } of left) kill(pid);
      return left.length === 0;
    });

    const second = await slurm('up', '--folder', folder);

    expect(second.status, second.stderr).toBe(0);
    expect((await slurm('down', '--folder', folder, '--remove')).status).toBe(0);
  });
});

interface Process {
  readonly pid: number;
  readonly command: string;
}

/** The processes that were started from a folder, or started by one that was. */
function processesOf(folder: string): readonly Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const [words, environment] = ['cmdline', 'environ'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'utf8'));
        const found = `${String(words)}\0${String(environment)}`.includes(folder);
        return found ? [{ pid: Number(pid), command: String(words).replaceAll('\0', ' ') }] : [];
      } catch {
        return [];
      }
    });
}
