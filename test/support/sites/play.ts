/** Plays a case of the campaign over sites: launches it, does to its job what the case says, and asks everybody about it. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { autolabJson, inRun } from '../autolab.ts';
import { edit, keepUntilEnd, runIds, temporaryFolder, until } from '../project.ts';
import { manifestOf } from '../runs.ts';
import { becomes, type Cluster, ENDED, onCluster, recorded, submit } from '../slurm.ts';
import { jobOf, journalOf, slurmProject } from '../slurm-project.ts';
import type { Choice, EndRow, Outside } from './designs.ts';
import type { SacctRow, Seen } from './oracle.ts';

/**
 * Each entrypoint leaves marks of its own where nobody cleans up: `start.<restart>.<task>.<pid>`, and `end.…`. All of a step begin
 * before one of them ends: srun ends the others of a task that fails, also those that were about to leave their mark.
 */
function entrypoint(folder: string, { before = '', body }: EndRow): string {
  return `${before}me="\${SLURM_RESTART_COUNT:-0}.\${SLURM_PROCID:-0}.$$"
: > '${folder}/start.'"$me"
for i in $(seq 300); do
  began=$(ls '${folder}' | grep -c "^start[.]\${SLURM_RESTART_COUNT:-0}[.]")
  [ "$began" -lt "\${SLURM_STEP_NUM_TASKS:-1}" ] || break
  sleep 0.1
done
${body}: > '${folder}/end.'"$me"
`;
}

export async function play(choice: Choice, cluster: Cluster): Promise<Seen> {
  const { design, end } = choice;
  const marks = keepUntilEnd(temporaryFolder());
  const root = keepUntilEnd(
    slurmProject({
      entrypoint: entrypoint(marks, end),
      compute: { ...design.compute, ...end.compute },
      ...(end.activation === undefined ? {} : { activation: end.activation }),
      ...(end.artifacts === undefined ? {} : { artifacts: [] }),
    }),
  );
  edit(root, 'experiments/iter1/design.yaml', (text) => text.replaceAll(/^ {2}\w+: \n/gm, ''));
  const launched = autolabJson(root, ['launch'], { env: cluster.env });
  const jobs: string[] = [];
  const { outside } = end;
  if (outside !== undefined) {
    const begun = (): boolean => readdirSync(marks).filter((name) => name.startsWith('start.')).length >= design.tasks;
    const state = { over: false };
    const ended = (): void => {
      state.over = true;
    };
    launched.then(ended, ended);
    await until('all entrypoints begin, or the launch ends', () => begun() || state.over);
    if (!state.over) jobs.push(...(await fromOutside(outside, root, cluster)));
  }
  const launch = await launched;
  const [runId = ''] = runIds(root);
  const jobId = journalOf(root, runId).find((line) => line.event === 'job.submitted')?.data['job_id'] as
    string | undefined;
  if (jobId !== undefined) await becomes(() => recorded(cluster, jobId), ENDED);
  // A node on which a prolog failed is set aside.
  for (const node of end.compute?.['partition'] === 'failing' ? cluster.nodes : [])
    await onCluster(cluster, ['scontrol', 'update', `nodename=${node}`, 'state=resume']);
  const logs = inRun(root, 'iter1', runId, 'logs');
  return {
    choice,
    manifest: manifestOf(root, runId),
    end: launch,
    marks: readdirSync(marks),
    rows: jobId === undefined ? [] : await rowsOf(cluster, jobId),
    shown: jobId === undefined ? '' : (await onCluster(cluster, ['scontrol', 'show', 'job', jobId, '-o'])).stdout,
    logs: readdirSync(logs)
      .map((name) => readFileSync(join(logs, name), 'utf8'))
      .join('\n'),
    stderr: launch.stderr,
    artifact: existsSync(inRun(root, 'iter1', runId, 'metrics.json')),
    nodes: cluster.nodes,
    jobs: [...(jobId === undefined ? [] : [jobId]), ...jobs],
  };
}

/** Ids of jobs that it made. */
async function fromOutside(outside: Outside, root: string, cluster: Cluster): Promise<readonly string[]> {
  const [runId = ''] = runIds(root);
  const jobId = await jobOf(root, runId);
  const ask = async (...argv: readonly string[]): Promise<void> => {
    const ended = await onCluster(cluster, argv);
    if (ended.status !== 0) throw new Error(`${argv.join(' ')}: ${ended.stderr}`);
  };
  switch (outside) {
    case 'scancel':
      await ask('scancel', jobId);
      return [];
    case 'cancel':
      await autolabJson(root, ['cancel'], { env: cluster.env });
      return [];
    case 'time':
      await ask('scontrol', 'update', `jobid=${jobId}`, 'endtime=now+1');
      return [];
    case 'requeue':
      await ask('scontrol', 'requeue', jobId);
      return [];
    case 'USR1 to the batch shell':
      await ask('scancel', '--signal=USR1', '--batch', jobId);
      return [];
    case 'preempt':
      // All of both nodes, so that no room is left beside it.
      return [await submit(cluster, ['--partition=urgent', '--nodes=2', '--exclusive', '--mem=200M'], 'true')];
  }
}

async function rowsOf(cluster: Cluster, jobId: string): Promise<readonly SacctRow[]> {
  const columns = ['JobID', 'JobName', 'State', 'ExitCode', 'DerivedExitCode', 'NodeList'];
  const argv = ['sacct', '-j', jobId, '--duplicates', '-n', '-P', `--format=${columns.join(',')}`];
  const { stdout } = await onCluster(cluster, argv);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [id = '', name = '', state = '', exit = '', derived = '', nodes = ''] = line.split('|');
      return { id, name, state, exit, derived, nodes };
    });
}
