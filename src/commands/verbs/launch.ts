import type { LaunchEvent } from '../../events/events.ts';
import type { PlannedTasks } from '../../plan/planned-tasks.ts';
import { quoteArgv } from '../../platform/quoting.ts';
import type { HostRecord, ResourceRequest } from '../../records/manifest-schema.ts';
import type { OpenedData } from '../../records/run-data.ts';
import { flag, maybeDigest, maybeMilliseconds, maybeText, type OptionRules } from '../check-options.ts';
import { launchRun } from '../launch.ts';
import { notBegun } from '../launch-refusals.ts';
import { notifying } from '../notify.ts';
import type { PlannedTakeover } from '../planned-takeover.ts';
import { resultOfFailure, type VerbResult } from '../result.ts';
import { withTrueResult } from '../retract.ts';
import { INTERRUPT_RULES, type InterruptOptions, steerRun, wasInterrupted } from '../steering.ts';
import type { ProjectRoot, Verb } from '../verb.ts';
import { type PageKey, withPage } from '../with-page.ts';

export type { PlannedTasks, TasksTotal } from '../../plan/planned-tasks.ts';
export type { TaskChunk } from '../../records/tasks/task-chunk.ts';
export type { PlannedTakeover } from '../planned-takeover.ts';

/** What `launch` and `resume` wait for. */
export interface WaitOptions extends InterruptOptions {
  /** Start the run and return; it continues in the background. Default: false. */
  readonly detach?: boolean;
  /** Stop waiting after this many milliseconds; the run continues. Default: null, wait until the run has ended. */
  readonly waitTimeoutMs?: number | null;
}

export interface LaunchOptions extends WaitOptions {
  /** Check everything and plan; write nothing. Default: false. */
  readonly dryRun?: boolean;
  /** Id of the new run, `^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`. Default: null, made from the time. */
  readonly runId?: string | null;
  /** A profile of `.autolab/remote_profiles.yaml`. Default: null, the default profile of that file. */
  readonly profile?: string | null;
  /** Launch although tasks mapped to `launch` are open; the manifest says so. Default: false. */
  readonly allowOpenTodo?: boolean;
  /**
   * A design with many tasks: take over those that the last run completed, and run the others. Refused if nothing can be
   * taken over, or nothing is left to run. Default: false, all of them run.
   */
  readonly failedOnly?: boolean;
  /**
   * Launch only what this approval was given to (`approved_digest` of a dry run); another one is `review.stale`. A call
   * with the same `approved` and `after` is the same launch: it returns the run that it made. Default: null, any approval.
   */
  readonly approved?: string | null;
  /** With `approved`: the last run of that approval, after which another one is wanted. Default: null, none. */
  readonly after?: string | null;
}

/** What a launch would do. */
export interface LaunchPlan {
  /** The entrypoint as one line for a POSIX shell. */
  readonly command: string;
  /** The entrypoint, word by word. */
  readonly argv: readonly string[];
  readonly mode: 'local' | 'slurm';
  /** The probes of the host, and what they say. */
  readonly host: HostRecord;
  /** `compute` of the design, read. */
  readonly resource_request: ResourceRequest;
  readonly artifacts: OpenedData['artifacts'];
  /** Tasks taken over from an earlier run; left out if it was not asked for. */
  readonly reuse?: PlannedTakeover;
  /** The data that the design names; left out if it names none. */
  readonly data_inputs?: NonNullable<OpenedData['data_inputs']>;
  /** Left out if the run has one task, without parameters. */
  readonly tasks?: PlannedTasks;
  readonly script_path: string;
  readonly script_source: string;
  /** The text of the launch script. */
  readonly script: string;
  /** The command that would submit the job; only for a job. */
  readonly sbatch?: readonly string[];
  /** What the approval was given to, as one digest; null if the review names no digests. */
  readonly approved_digest: string | null;
  /** The answer of `sbatch --test-only`; only for a job. */
  readonly test_only?: TestOnlyAnswer;
}

export interface TestOnlyAnswer {
  readonly kind: 'accepted' | 'refused' | 'no_answer';
  readonly words: string;
}

export interface LaunchResult extends VerbResult, PageKey {
  /** True for a dry run. */
  readonly dry_run?: boolean;
  /** Only for a dry run; null if a run is active, which `launch` would continue. */
  readonly plan?: LaunchPlan | null;
}

export const WAIT_RULES: OptionRules<WaitOptions> = {
  ...INTERRUPT_RULES,
  detach: flag,
  waitTimeoutMs: maybeMilliseconds,
};

export const launch: Verb<LaunchOptions, ProjectRoot, LaunchEvent> = {
  name: 'launch',
  options: {
    ...WAIT_RULES,
    dryRun: flag,
    runId: maybeText,
    profile: maybeText,
    allowOpenTodo: flag,
    failedOnly: flag,
    approved: maybeDigest,
    after: maybeText,
  },
  perform: async (place, options, emit) => {
    if (wasInterrupted(options)) return resultOfFailure('launch', notBegun());
    const { env, release } = steerRun(place, quoteArgv(['autolab', 'launch']), options, emit);
    try {
      return await (options.dryRun === true
        ? launchRun(env, options)
        : notifying(env, () => withPage(env, (seen) => withTrueResult(place.root, () => launchRun(seen, options)))));
    } finally {
      release();
    }
  },
};
