import type { Code } from '../errors/catalog.ts';
import type { Recommendation } from '../errors/failure.ts';
import type { HostRecord, Manifest, OpenTask, ResourceRequest } from './manifest-schema.ts';
import type { StepResult } from './step-results.ts';
import type { ParameterRange } from './tasks/task-list.ts';
import type { TasksResult } from './tasks/task-summary.ts';

/** What the journal's lines carry, event by event. Types only. docs/reference/journal.md describes them. */

/** The part of state.json that a run is bound to. */
export interface PositionData {
  readonly stage: string;
  readonly stage_attempt: number;
  readonly max_stage_attempts: number;
}

/** Where the run is recorded, to recognize a copy of its project. Also in `run.resumed`, because a project can be moved. */
export interface PlaceData {
  /** Absolute, without links, on the host that wrote the line. */
  readonly project: string;
  /** The inode of the run's folder; null if it is not known. */
  readonly inode: string | null;
}

/** `run.opened`: everything that was decided before the claim. Resume never reads the inputs again. */
export interface OpenedData {
  readonly format: number;
  readonly autolab_version: string;
  readonly run_id: string;
  readonly iteration_id: string;
  readonly experiment_id: string;
  readonly launch_mode: 'local' | 'slurm';
  readonly host: HostRecord;
  /** Left out in older journals. */
  readonly place?: PlaceData;
  /** Path → SHA-256 of the bytes that were read; null if there was no file. */
  readonly inputs: Readonly<Record<string, string | null>>;
  readonly resource_request: ResourceRequest;
  readonly entrypoint: {
    /** As the script says it, with `${AUTOLAB_…}` for what differs between runs: the same for every run of the same design. */
    readonly template: string;
    readonly argv: readonly string[];
    readonly script: string;
    readonly script_sha256: string;
    readonly script_source: 'rendered' | 'hand_written';
  };
  readonly command: string;
  readonly activation_sha256: string;
  /** The line of the block's opening fence in docs/environment.md; left out in format 1. */
  readonly activation_line?: number;
  readonly artifacts: readonly { readonly path: string; readonly required: boolean; readonly from: string | null }[];
  readonly scratch: string;
  /** What the entrypoint's environment has besides `AUTOLAB_…`, because the user did not set it; left out in older journals. */
  readonly environment_set?: Readonly<Record<string, string>>;
  readonly todo: { readonly open: readonly OpenTask[]; readonly allowed_open: boolean };
  readonly warnings: readonly string[];
  readonly position: PositionData;
  readonly keep_temporary: boolean;
  /** What the design declares to be measured; left out if that is nothing, and in older formats. */
  readonly metrics?: NonNullable<Manifest['metrics']>;
  /** What the design names under `inputs:`; left out if it names nothing, and in older formats. */
  readonly data_inputs?: NonNullable<Manifest['data_inputs']>;
  /** The digests that the review approved; left out if it names none. */
  readonly approved?: NonNullable<Manifest['approved']>;
  /** Who approved it; left out if the review does not say. */
  readonly review?: NonNullable<Manifest['review']>;
  /** Which files are code; left out in older journals, where it was the project's folder. */
  readonly code?: { readonly scope: 'repository' | 'project'; readonly ignore: readonly string[] };
  /** Left out if the run has one task, without parameters; from format 5 on. */
  readonly tasks?: TasksOrder;
  /** In few lines, because the project limits them; left out otherwise. */
  readonly manifest_layout?: 'compact';
  /** The run uses a copy of the code; left out if it uses the work tree. */
  readonly snapshot?: SnapshotOrder;
  /** Credentials stood in texts of this line: it has `***`, and the texts that work are in `receipt/withheld.json`. */
  readonly withheld?: true;
  /** The texts that the first steps write: a resumed launch writes these, whatever became of the sources. */
  readonly documents: {
    readonly script: string;
    /** Slurm only: `run_local.sh`, the command record; null if a hand-written one is left alone. */
    readonly command_record?: string | null;
    /** `activation.sh`, if the script reads a long activation from it. */
    readonly activation?: string;
    readonly prompt: string;
    readonly context: string;
  };
  /** null for a local run. */
  readonly slurm: SlurmOrder | null;
  /** The kernel keeps a local run within the memory of its request; left out if it was not asked to. */
  readonly enforce_memory?: true;
  /** The launch host, if it is reached over ssh; null (or, in older journals, left out) for this host. */
  readonly remote?: RemoteOrder | null;
  readonly prepared_at: string;
}

/** The tasks of a run, decided before the claim. The list itself is beside the journal: `tasks.jsonl`. */
export interface TasksOrder {
  /** Of `tasks.jsonl`. */
  readonly sha256: string;
  readonly count: number;
  /** In the order of the design. */
  readonly parameters: readonly ParameterRange[];
  /** As the design says it; null if it does not. */
  readonly max_parallel: number | null;
  readonly max_failures: number | null;
  readonly workers: number | null;
  readonly time_seconds: number | null;
  /** Tasks that are taken over from an earlier run; left out if the launch did not ask for it. */
  readonly reuse?: TasksReuse;
}

/** The tasks that a run takes over. The list itself is beside the journal: `tasks_reused.jsonl`. */
export interface TasksReuse {
  /** The earlier run. */
  readonly run_id: string;
  /** Tasks that are taken over, unless their outputs change before it is done. */
  readonly count: number;
  /** Of `tasks_reused.jsonl`. */
  readonly sha256: string;
  /** Of the earlier run's `artifacts.sha256`. */
  readonly artifacts_sha256: string;
  /** Of the code of both runs. */
  readonly code_sha256: string;
  /** Of the earlier run; null if that is not known. */
  readonly environment_fingerprint: string | null;
  /** Why tasks that completed there run again, in words. */
  readonly differences: readonly string[];
}

/** How a run gets a tree of its own, decided before the claim. */
export interface SnapshotOrder {
  /** Of the project within the tree: '' or `sub/folder/`. */
  readonly prefix: string;
  /** What is not code and the tree links to, relative to the project. */
  readonly link: readonly string[];
}

/** What a Slurm run needs besides, decided before the claim. */
export interface SlurmOrder {
  /** The job's name: what it is looked up by after a crash. */
  readonly key: string;
  readonly argv: readonly string[];
  readonly requeue: boolean;
  readonly hold: boolean;
  readonly reconcile_seconds: number;
  readonly confirm_timeout_seconds: number;
  readonly poll_min_seconds: number;
  readonly poll_max_seconds: number;
  /** Digest of the script without what differs between runs: for the fingerprint. */
  readonly template_sha256: string;
  /** Names of Slurm's own variables that were kept from its commands. */
  readonly removed_variables: readonly string[];
  /** Elements of one array at most, if the settings say it; left out otherwise, and without tasks. */
  readonly chunk_tasks?: number;
  /** Those that would have changed the request; left out if there are none. */
  readonly unused_variables?: readonly { readonly variable: string; readonly design_key: string | null }[];
}

/** A launch host that is reached over ssh, as the profile had it before the claim. */
export interface RemoteOrder {
  readonly profile: string;
  readonly mode: 'shared_fs' | 'git' | 'rsync';
  readonly login_host: string;
  readonly connect_timeout_seconds: number;
  /** Shell commands to run before Slurm's own are found. */
  readonly setup: string | null;
  /** rsync patterns of what stays here. */
  readonly exclude: readonly string[];
  /** The folder that all runs share on the remote host, without symbolic links. */
  readonly base: string;
  /** The project as the job sees it: a tree of this run's own below `base`, or the project itself if that is shared. */
  readonly root: string;
}

/** `step.outcome`. */
export interface OutcomeData {
  readonly status: 'done' | 'failed' | 'skipped';
  readonly attempt: number;
  /** A failed step that the next launch tries again; otherwise a failure ends the run. */
  readonly retryable: boolean;
  readonly code: Code | null;
  readonly message: string | null;
  /** Why it was skipped. */
  readonly reason: string | null;
  readonly recommendations: readonly Recommendation[];
  /** Files that the step wrote, relative to the project root: what the path scope is checked on. */
  readonly writes: readonly string[];
  /** Empty if the step has none. */
  readonly result: StepResult | Readonly<Record<string, never>>;
  /** What was moved between this host and the launch host; left out if nothing was. */
  readonly transfer?: TransferRecord;
}

/** One transfer between this host and the launch host. */
export interface TransferRecord {
  /** `git`, `rsync` or `tar`. */
  readonly method: string;
  readonly files: number | null;
  readonly bytes: number | null;
  readonly seconds: number | null;
  /** Every digest on one side is that of the other. */
  readonly verified: boolean;
  /** What was found to be wrong, line by line. */
  readonly diagnosis: readonly string[];
}

/** `job.submitted`: the job's id is known; written down before anything else is done with it. */
export interface SubmittedData {
  readonly job_id: string;
  readonly cluster: string | null;
  /** It was found under its name, because the answer of `sbatch` was lost. */
  readonly adopted: boolean;
}

/** `chunk.planned`: an array that will be submitted. The elements of all chunks follow each other: tasks, or workers. */
export interface ChunkPlan {
  /** From 0. */
  readonly chunk: number;
  /** The task of an element is this and its number. With workers: elements of the chunks before. */
  readonly offset: number;
  /** Elements; their own numbers begin at 0. */
  readonly elements: number;
  /** These numbers, such as `0,3,5-7`, if some between are not in it; left out otherwise. */
  readonly numbers?: string;
  /** Of them at the same time; null for no limit of the design. */
  readonly at_once: number | null;
  /** Elements that an array may have here. */
  readonly most: number;
}

/** `job.owner`: another copy of the job owns the run, so that one is the run's job from here on. */
export interface OwnerData {
  readonly job_id: string;
  readonly instead_of: string;
  readonly evidence: string;
}

/** `scheduler.read`: one question to the scheduler, and what it said; the raw text is in `logs/`. */
export interface ReadData {
  readonly command: 'squeue' | 'sacct' | 'scontrol' | 'sacctmgr' | 'sbatch';
  /** For the user, such as `PENDING (Resources)`. */
  readonly answer: string;
  /** As Slurm writes them, if the answer was about the job in the queue. */
  readonly state: string | null;
  readonly reason: string | null;
  readonly expected_start: string | null;
}

/** `run.started`: the claim inside the run folder was seen. From then on the journal says whose the run is, not the claim. */
export interface StartedData {
  /** null for a Slurm run. */
  readonly supervisor_pid: number | null;
  readonly started_at: string;
  /** Only a local run has one; older journals have none. */
  readonly supervisor?: {
    readonly host: string;
    readonly boot_id: string;
    readonly machine_id?: string;
    readonly pid_namespace: string;
    readonly pid: number;
    readonly start_time: string;
    /** Folder of the cgroup that the run has to itself; left out if it has none. */
    readonly cgroup?: string;
  };
}

/** `run.observed`: what lies beside the run's outputs to be looked at, as it was when its files were here. From format 4 on. */
export interface ObservedData {
  /** `receipt/environment.json`; left out if the run left nothing of it. */
  readonly environment?: ObservedEnvironment;
  /** `receipt/usage.jsonl`. */
  readonly usage?: NonNullable<NonNullable<Manifest['series']>['usage']>;
  /** `metrics.jsonl` in the run's folder. */
  readonly metrics?: NonNullable<NonNullable<Manifest['series']>['metrics']>;
}

export interface ObservedEnvironment {
  /** Of the file's bytes. */
  readonly sha256: string;
  readonly interpreter: { readonly path: string; readonly version: string | null } | null;
  /** Of interpreter, packages and container image; null if one of them is not known. */
  readonly fingerprint: string | null;
}

/** `attempt.failed`: a step failed that will be retried; the run stays open. */
export interface AttemptFailedData {
  readonly code: Code;
  readonly message: string;
  /** The next command, if it is more than what the catalogue says about the code. */
  readonly hint?: string;
  readonly before: PositionData;
  readonly after: PositionData;
  /** Left out in journals of format 1. */
  readonly attempt_counted?: boolean;
}

/** `run.closed`, the last line ever: the whole decision. */
export interface ClosedData {
  readonly code: Code;
  readonly outcome: NonNullable<Manifest['outcome']>;
  readonly status: Manifest['status'];
  readonly message: string;
  readonly hint: string;
  readonly sync_status: 'ok' | 'failed';
  readonly before: PositionData;
  readonly after: PositionData;
  /** Whether the end cost an attempt; null if the run completed. Left out in journals of format 1. */
  readonly attempt_counted?: boolean | null;
  /** What came of its tasks; left out if it has one, without parameters. From format 5 on. */
  readonly tasks?: TasksResult;
  readonly recommendations: readonly Recommendation[];
  readonly agent_result: Readonly<Record<string, unknown>>;
}
