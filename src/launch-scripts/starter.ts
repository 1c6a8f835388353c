/** What a Slurm script starts the entrypoint with, and how many processes of it. Pure. */

/** As a design asks for it. */
export interface TaskRequest {
  readonly cpus: number | null;
  readonly nodes: number | null;
  readonly ntasks: number | null;
  readonly ntasks_per_node?: number | null | undefined;
  readonly grace_seconds?: number | null | undefined;
}

/** How many processes of the entrypoint: `nodes: 2` alone means one on each. */
export function tasksOf({ nodes, ntasks, ntasks_per_node }: Omit<TaskRequest, 'cpus'>): number {
  return ntasks ?? (ntasks_per_node ?? 1) * (nodes ?? 1);
}

export function runsOnManyTasks(request: Omit<TaskRequest, 'cpus'>): boolean {
  return tasksOf(request) > 1 || (request.nodes ?? 1) > 1;
}

/**
 * `autolab_run` of the prologue, and srun where the entrypoint is to be a step of the job: on several tasks, and if it has a
 * grace, since Slurm signals steps, and not the script, at the beginning of it. srun passes on only what sbatch's --export
 * named unless told otherwise, which would lose the activation; since Slurm 22.05 it does not inherit the number of CPUs of
 * a task (RELEASE_NOTES). Without a number of tasks it starts one on every processor that the site has allocated, which may
 * be more than was asked for. One task that fails ends all.
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
