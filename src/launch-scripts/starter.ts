/** The command that starts the entrypoint in a Slurm script, and the number of its processes. Pure. */

/** The design's request. */
export interface TaskRequest {
  readonly cpus: number | null;
  readonly nodes: number | null;
  readonly ntasks: number | null;
  readonly ntasks_per_node?: number | null | undefined;
  readonly grace_seconds?: number | null | undefined;
}

/** The number of processes of the entrypoint: `nodes: 2` alone means one on each. */
export function tasksOf({ nodes, ntasks, ntasks_per_node }: Omit<TaskRequest, 'cpus'>): number {
  return ntasks ?? (ntasks_per_node ?? 1) * (nodes ?? 1);
}

export function runsOnManyTasks(request: Omit<TaskRequest, 'cpus'>): boolean {
  return tasksOf(request) > 1 || (request.nodes ?? 1) > 1;
}

/**
 * `autolab_run` of the prologue, and srun if the entrypoint must be a step of the job: with several tasks, and with a
 * grace, since at its beginning Slurm signals steps and not the script. By default srun passes on only the variables
 * that sbatch's --export named, which would lose the activation; since Slurm 22.05 it does not inherit the number of
 * CPUs of a task (RELEASE_NOTES). Without a number of tasks it starts one on every allocated processor, which may be
 * more than requested. A task that fails ends the others.
 */
export function starterFor(request: TaskRequest): string {
  if (!runsOnManyTasks(request) && (request.grace_seconds ?? null) === null) return 'autolab_run ';
  const options: readonly (readonly [string, number | null | undefined])[] = [
    ['nodes', request.nodes],
    ['ntasks', tasksOf(request)],
    ['ntasks-per-node', request.ntasks_per_node],
    ['cpus-per-task', request.cpus],
  ];
  const words = options.flatMap(([name, value]) =>
    value === null || value === undefined ? [] : [`--${name}=${value}`],
  );
  return `autolab_run srun --export=ALL --kill-on-bad-exit=1 ${words.join(' ')} -- `;
}
