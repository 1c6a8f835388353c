import type { ClusterSite } from '../cluster-crashes.ts';
import { fakeCommands } from '../project.ts';
import type { SlurmEnv } from '../slurm-project.ts';
import { expectArraysOnce, tasksProject } from './slurm-tasks.ts';

/** Runs with many tasks for the campaign on a real Slurm: five tasks in three arrays, whose starts are marked from outside. */

export type ArraysOnSlurm = Omit<ClusterSite, 'name'>;

const TASKS = 5;
const ARRAYS = 3;

const QUICK =
  'poll: {min_seconds: 5, max_seconds: 20}\nsubmit: {reconcile_seconds: 4, chunk_tasks: 2}\nconfirm: {timeout_seconds: 60}\n';

export function arraysOnSlurm(env: () => SlurmEnv): ArraysOnSlurm {
  return {
    project: () => tasksProject({ count: TASKS, body: 'echo started >> "$AUTOLAB_RUN_DIR/marker"', launchYaml: QUICK }),
    env,
    slurm: env,
    starts: TASKS,
    few: 3,
    // The second and third array are brought in as the first one is; how often Slurm is asked meanwhile depends on it.
    again: /^(journal\.submit\.(?!scheduler\.)|submit\.|ledger\.|fence\.)/,
    once: (root, runId, what) => expectArraysOnce(env(), root, runId, { count: TASKS, arrays: ARRAYS, what }),
  };
}

/** What a command of Slurm does in place of its work, in bash; `nth`: at which of its calls, tests of `sbatch` aside. */
export interface ArrayFault {
  readonly command: 'sbatch' | 'squeue' | 'scontrol' | 'sacct' | 'scancel';
  readonly nth: number;
  readonly name: string;
}

const AWAY = (command: string): string =>
  `echo "${command}: error: Unable to contact slurm controller (connect failure)" >&2; exit 1`;
const TIMED_OUT =
  'echo "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation" >&2; exit 1';

const ACTS: Readonly<Record<ArrayFault['command'], Readonly<Record<string, string>>>> = {
  sbatch: {
    'never arrives': AWAY('sbatch'),
    'is accepted, and times out': `sbatch "$@" > /dev/null; ${TIMED_OUT}`,
    'is accepted in silence': 'sbatch "$@" > /dev/null; exit 0',
    'is accepted, and dies': 'sbatch "$@" > /dev/null; kill -KILL $$',
    'is accepted, and the driver dies': 'sbatch "$@" > /dev/null; kill -KILL $PPID; exit 1',
    'is accepted later': `( sleep 2; sbatch "$@" ) > /dev/null 2>&1 < /dev/null & ${TIMED_OUT}`,
    'is accepted twice': 'sbatch "$@" > /dev/null; exec sbatch "$@"',
    'is accepted after a greeting': 'echo "Welcome to the cluster"; exec sbatch "$@"',
    'finds no room':
      'echo "sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying" >&2; echo "sbatch: error: Batch job submission failed: Resource temporarily unavailable" >&2; exit 1',
  },
  squeue: {
    'is away': AWAY('squeue'),
    'shows nothing': 'exit 0',
    dies: 'kill -KILL $$',
  },
  scontrol: {
    'is away': AWAY('scontrol'),
    dies: 'kill -KILL $$',
    'is carried out, and times out':
      'scontrol "$@" > /dev/null 2>&1; echo "slurm_load_jobs error: Socket timed out on send/recv operation" >&2; exit 1',
  },
  sacct: {
    'is away':
      'echo "sacct: error: Sending PersistInit msg: Connection refused" >&2; echo "sacct: error: Problem talking to the database: Connection refused" >&2; exit 1',
    'shows nothing': 'exit 0',
    'shows the first row only': 'sacct "$@" | head -n 1; exit 0',
    dies: 'kill -KILL $$',
  },
  scancel: { 'is away': AWAY('scancel') },
};

/** Every fault at the calls where it can matter. */
export const ARRAY_FAULTS: readonly ArrayFault[] = (
  [
    ['sbatch', [1, 2, 3]],
    ['squeue', [1, 2, 3, 4, 5]],
    ['scontrol', [1, 2, 3, 4, 5, 6]],
    ['sacct', [1, 2]],
    ['scancel', [1]],
  ] as const
).flatMap(([command, calls]) =>
  Object.keys(ACTS[command]).flatMap((name) => calls.map((nth) => ({ command, name, nth }))),
);

export function faultNamed({ command, nth, name }: ArrayFault): string {
  return `${command} ${nth} ${name}`;
}

/** Commands that do so, and else what the real ones do. */
export function withFaults(env: SlurmEnv, faults: readonly ArrayFault[]): SlurmEnv {
  const script = (command: ArrayFault['command']): string => {
    const acts = faults
      .filter((fault) => fault.command === command)
      .map(({ nth, name }) => `${nth}) ${ACTS[command][name] ?? ''} ;;`);
    return `PATH="\${PATH#*:}"
case "$*" in -V | *--test-only*) exec ${command} "$@" ;; esac
call=$(($(cat "$0.calls" 2> /dev/null || echo 0) + 1))
echo "$call" > "$0.calls"
case $call in
${acts.join('\n')}
esac
exec ${command} "$@"`;
  };
  const commands = [...new Set(faults.map(({ command }) => command))];
  return { ...env, ...fakeCommands(Object.fromEntries(commands.map((command) => [command, script(command)]))) };
}
