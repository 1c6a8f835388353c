import type { ProcessIdentity } from '../../platform/host.ts';

/**
 * The files in the run's `receipt/` folder by which the driver and the supervisor of a local run communicate. Types
 * only.
 */

export const ORDER_FILE = 'order.json';
export const STARTED_FILE = 'started.json';
/** In the supervisor's log, if the disk does not accept a receipt. */
export const CANNOT_WRITE = 'cannot be written';
/** Evidence, if /proc is mounted with `hidepid`. */
export const OTHERS_HIDDEN = '/proc hides the processes of other users (hidepid): none of them was looked for';
/** For a supervisor that was started in a scope of its own. */
export const IN_SCOPE = 'in-scope';
/** For one that was started before its order was written: it waits for a word on its input. */
export const WAITS = 'waits';
/**
 * A variable that the supervisor gets as a word, `NAME=value`, and puts back for the entrypoint: Node 20 reads the whole
 * file that it names at every start, which takes longer than everything else that the supervisor does before its run.
 */
export const HELD_BACK = 'NODE_EXTRA_CA_CERTS';
export const SCRIPT_FILE = 'run_local.sh';

/** `order.json`: the driver writes it before it starts a supervisor. */
export interface Order {
  readonly run_id: string;
  readonly iteration_id: string;
  readonly root: string;
  readonly run_dir: string;
  /** The copy in `receipt/`, so that an edit of `launch/run_local.sh` cannot change a running script. */
  readonly script: string;
  readonly script_sha256: string;
  readonly scratch: string;
  /** Further variables of the entrypoint; left out by older drivers. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Seconds; null means no limit. */
  readonly time_limit_seconds: number | null;
  readonly grace_seconds: number;
  /** What the kernel has to enforce; left out if it has not. */
  readonly memory_limit_bytes?: number;
  /** Whether to leave `usage.jsonl`; left out if not, and by older drivers. */
  readonly usage_series?: true;
  /** Left out if the run has one task, without parameters. */
  readonly tasks?: PoolOrder;
}

/** How the tasks of a run are to be run. */
export interface PoolOrder {
  readonly count: number;
  /** Of `receipt/tasks.table`. */
  readonly table_sha256: string;
  /** Tasks at the same time. */
  readonly parallel: number;
  readonly max_failures: number | null;
  /** Of one task; null means no limit. */
  readonly time_limit_seconds: number | null;
}

/** In `receipt/`: what the supervisor knows of every task that it claimed, a line a task. Its last act but one. */
export const TASK_EXITS_FILE = 'task_exits.jsonl';

/** What held the processes of a run together. */
export const CONTAINED_BY = ['cgroup', 'systemd scope', 'session and environment'] as const;
export type ContainedBy = (typeof CONTAINED_BY)[number];

/** `claim`: the fence. The process that links it owns the run: a supervisor, or a driver that abandons the run. */
export interface RunClaim extends Supervisor {
  readonly kind: 'supervisor' | 'tombstone';
  readonly token: string;
}

/** The process that owns a run. */
export interface Supervisor extends ProcessIdentity {
  readonly claimed_at: string;
  /** Folder of the cgroup that it makes for the run; left out if it makes none. */
  readonly cgroup?: string;
}

/** `started.json` */
export interface Started {
  readonly pid: number;
  readonly start_time: string;
  readonly started_at: string;
}

/** Why the supervisor ended the entrypoint; null if it ended by itself. */
export type EndedBy = 'time_limit' | 'request' | null;

/** `exit.json`: the supervisor's last act. */
export interface Exit {
  readonly pid: number | null;
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly ended_by: EndedBy;
  /** Why it could not be started. */
  readonly start_error: string | null;
  readonly started_at: string | null;
  readonly ended_at: string;
  readonly wall_seconds: number;
  readonly cpu_seconds: number;
  readonly max_rss_bytes: number;
  readonly samples: number;
  readonly usage_source: string;
  /** OOM kills that the kernel counted in the cgroup during the run; null if unknown. */
  readonly oom_kills: number | null;
  /** The cgroup that counted them is the run's own. */
  readonly oom_in_run: boolean;
  readonly contained_by: ContainedBy;
  /** The limit that the kernel enforced; null if none. */
  readonly memory_limit_bytes: number | null;
  readonly leftovers_ended: readonly string[];
  /** Processes of the run that could not be ended, with the reason. */
  readonly survivors: readonly string[];
  /** Processes of other users could not be looked for. */
  readonly others_hidden: boolean;
  /** The supervisor saw the script's sign of it, which a power failure can take; left out if not, and by older ones. */
  readonly entrypoint_began?: true;
  /** Left out if the run has one task, without parameters, or none of them was claimed. */
  readonly tasks?: {
    /** Of `receipt/task_exits.jsonl`. */
    readonly exits_sha256: string;
  };
}
