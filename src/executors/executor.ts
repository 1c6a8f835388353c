import type { Code } from '../errors/catalog.ts';
import type { Failure } from '../errors/failure.ts';
import type { Problem } from '../errors/problem.ts';
import type { SlurmLintOptions } from '../launch-scripts/slurm-lint.ts';
import type { WorkingFolder } from '../platform/inode.ts';
import type { Design } from '../project/design.ts';
import type { LaunchConfig } from '../project/launch-config.ts';
import type { RunPaths } from '../records/paths.ts';
import type { OpenedData } from '../records/run-data.ts';
import type { RunView } from '../records/run-view.ts';
import type { TaskChunk } from '../records/tasks/task-chunk.ts';
import type { Ahead } from '../run/ahead.ts';
import type { Check } from '../run/check.ts';
import type { LeftToCollect } from '../run/collect-script.ts';
import type { RunContext } from '../run/context.ts';
import type { Objection } from '../run/objection.ts';
import type { Step } from '../run/step.ts';
import type { TextsBeside } from '../sites/carrier.ts';
import type { Site } from '../sites/site.ts';
import type { Transport } from '../transports/transport.ts';
import type { FoundBy } from './found-by.ts';

/**
 * A way to execute a run. This is the least that planning, the engine and the commands ask of one; nothing else in the
 * program knows any by name. Adding one is a folder beside this file, and a line in `table.ts`.
 *
 * What is asked often is here at once; what needs much code is a promise, so that `status` loads little.
 */
export interface Executor extends FoundBy, PlannedBy, CarriedOutBy, LookedAtBy {
  /** Its name in the journal and in the design. */
  readonly kind: string;
}

/** For planning a launch. */
export interface PlannedBy {
  /** Whether the host that starts the run may be another one, or one that needs a setup to find its commands. */
  readonly usesProfiles: boolean;
  /** Whether `workers` of a design share its tasks; otherwise each task is started by itself. */
  readonly hasWorkers: boolean;
  readonly script: ScriptKind;
  /** The rules for the script: loaded when a script is looked at. */
  readonly loadScript: () => Promise<ScriptRules>;
  /** What the caller's environment would change, and what this host cannot do, as the plan has it. Asked if design and host agree on this executor. */
  readonly look: (inputs: LookInputs) => Promise<CallerFacts>;
  /** What the run needs besides its script, or the reasons against it. */
  readonly plan: (inputs: PlanInputs) => Promise<ExecutorPlan | Objection>;
  /** Reasons against the plan as a whole, on the host that it is for; null if there is none. */
  readonly objection: (root: string, opened: OpenedData) => Promise<Objection | null>;
  /** The site's answer about the job before it is submitted; null if there is no site to ask. `taken`: tasks that do not run. */
  readonly askSite: (root: string, opened: OpenedData, taken: readonly number[]) => Promise<SiteOpinion | null>;
  /** The run's folder for temporary files, if no profile names one. */
  readonly scratch: (root: string, runId: string) => ScratchPlace;
}

/** For driving a run. */
export interface CarriedOutBy {
  /**
   * Starts what a run of this design needs, while the rest of the launch is prepared; it begins nothing before its order.
   * Returns null if nothing is to be started.
   */
  readonly startAhead: (root: string, paths: RunPaths, inputs: StartInputs) => Ahead | null;
  /** The names of `loadSteps()`, in their order. The last one sees the end of the run. */
  readonly stepNames: readonly string[];
  /** The steps between sync_to_remote and collecting. The entrypoint works in `codeRootOf` of the run, not always in its project. */
  readonly loadSteps: () => Promise<readonly Step[]>;
  /** Why nothing has to be sent, for the record; null if the run may be on a remote host. */
  readonly staysHere: string | null;
  /** Whether git's listing is compared once more at the start of the run, which may be much later. */
  readonly checksListing: boolean;
  /** How a run ends whose code is not what was approved. */
  readonly changedCode: Code;
  /**
   * Orders the end of tasks that the user has asked to cancel, in a run without a driver. Returns those of `asked` for which
   * that has still to be done. Null if the requests are heeded without a driver.
   */
  readonly endTasks: ((ctx: RunContext, asked: readonly number[]) => Promise<readonly number[]>) | null;
  /** What an interrupt does to the run by default. */
  readonly onInterrupt: 'cancel' | 'detach';
  /** Files beside the script, in `receipt/`: name and text. `folder`: of the run, as the run sees it. */
  readonly textsBeside: (opened: OpenedData, folder: string) => Promise<TextsBeside>;
  /** What the run itself did not collect at its end. */
  readonly leftToCollect: (view: RunView, paths: RunPaths) => Promise<LeftToCollect>;
  /** Whether the scratch folder is one that `scratch()` named. */
  readonly madeScratch: (root: string, opened: OpenedData) => boolean;
}

/** For questions about a run. */
export interface LookedAtBy {
  /** The two streams of the run; absolute. They may not be there yet. */
  readonly logs: (view: RunView, paths: RunPaths) => LogPlaces;
  /**
   * Whether its end is known, or it never began. Reads files and the process table; sends no query to the scheduler.
   */
  readonly isOver: (run: RecordedRun) => boolean;
  /** The run's folder as a living process of it on this host has it; null if there is none. */
  readonly folderInUse: (run: RecordedRun) => WorkingFolder | null;
  /** Whether the supervisor or the job has left a receipt of the end. Anything else in its place does not count. */
  readonly hasEndReceipt: (paths: RunPaths) => boolean;
  /** Whether something of the run was started and no step has seen its end. Pure. */
  readonly mayBeAlive: (view: RunView) => boolean;
  /** `driven`: the run has a driver; its last journaled answer is then recent enough. */
  readonly standing: (run: RecordedRun, driven: boolean) => Promise<Standing>;
  /** Whether a user may abandon the run. */
  readonly abandonable: (run: RecordedRun) => Promise<Abandonable>;
  /** The same for a run whose journal is damaged; null if nothing shows that it was a run of this executor. */
  readonly abandonableDamaged: (run: DamagedRun) => Promise<Abandonable | null>;
  /** Takes the run's claim if it is free: from then on nothing can start the entrypoint. */
  readonly fence: (site: Site, paths: RunPaths, may: Abandonable) => Promise<Fenced>;
  /** A run of this project that is alive although its record was removed; null if there is none. */
  readonly unrecorded: (root: string) => UnrecordedRun | null;
  /** The prerequisites of a launch on a host with this executor. */
  readonly checks: (site: Site) => Promise<readonly Check[]>;
  /** Notes about this host and this shell. */
  readonly remarks: (host: HostIs) => Promise<readonly Check[]>;
}

/** A run and its records; no lease is held. */
export interface RecordedRun {
  readonly root: string;
  readonly view: RunView;
  readonly paths: RunPaths;
}

export interface DamagedRun {
  readonly root: string;
  readonly iterationId: string;
  readonly runId: string;
  readonly paths: RunPaths;
}

export interface LogPlaces {
  readonly stdout: string;
  readonly stderr: string;
}

/** Whether the host has this executor, another one, or whether that is unknown. */
export type HostIs = 'this' | 'another' | 'unresolved';

export interface ScratchPlace {
  /** Absolute. */
  readonly folder: string;
  /** For the user, if it is another one than usual: why. */
  readonly note: string | null;
  /** The entrypoint's TMPDIR; null if it keeps the caller's. */
  readonly temporary: string | null;
}

export interface ScriptKind {
  /** Relative to the iteration's folder; so the line limits name it, too. */
  readonly file: string;
  /** Lines, if the project says nothing about them. */
  readonly maxLines: number;
}

export interface ScriptRules {
  readonly render: (inputs: ScriptInputs) => string;
  /** Every broken rule, in the order of the lines. */
  readonly lint: (text: string, file: string, options: SlurmLintOptions) => readonly Problem[];
  /** Whether a script is for this executor: by its name, else by its lines. Called in the order of the table. */
  readonly recognizes: (text: string, file: string) => boolean;
  /** What a script written by hand must contain, word for word. */
  readonly prologue: string;
  /**
   * The command of the run as a separate script, for a user who wants to run it by hand; null if the script is that.
   */
  readonly commandRecord: CommandRecord | null;
}

export interface CommandRecord {
  /** Relative to the iteration's folder. */
  readonly file: string;
  readonly render: (inputs: ScriptInputs) => string;
}

export interface ScriptInputs {
  readonly design: Design;
  readonly activation: string;
  /** The script reads the activation from a file beside it. */
  readonly sourced?: boolean;
  readonly python: string;
  readonly runId: string;
}

export interface LookInputs {
  readonly transport: Transport;
  /** Names of the variables that are hidden from the scheduler's commands. */
  readonly removed: readonly string[];
  /** Their values; null if they are another host's. */
  readonly values: Readonly<Record<string, string | undefined>> | null;
  readonly config: LaunchConfig;
  readonly design: Design;
  /** The design's file, relative to the root. */
  readonly file: string;
}

export interface CallerFacts {
  readonly unused: readonly { readonly variable: string; readonly design_key: string | null }[];
  readonly problems: readonly Problem[];
  readonly objections: readonly Objection[];
}

export interface StartInputs {
  readonly config: LaunchConfig;
  readonly design: Design;
}

export interface PlanInputs {
  /** The project as the run will see it. */
  readonly root: string;
  readonly runId: string;
  readonly script: string;
  readonly config: LaunchConfig;
  readonly design: Design;
  readonly removedVariables: readonly string[];
  readonly unusedVariables: CallerFacts['unused'];
}

export interface ExecutorPlan {
  /** Parts of the journal's first line. */
  readonly opened: Pick<OpenedData, 'slurm' | 'enforce_memory'>;
  /** The command that starts the run; null if the entrypoint itself does. */
  readonly argv: readonly string[] | null;
}

export interface SiteOpinion {
  /** The site would refuse the run. */
  readonly refusal: Failure | null;
  /** Why the site's opinion is unknown; null if it is known. */
  readonly unknown: string | null;
  /** How its tasks would be submitted if all fit at once; null if that is not known, or it has one. */
  readonly chunks: readonly TaskChunk[] | null;
  /** For `--json`. */
  readonly details: Readonly<Record<string, unknown>>;
}

export interface Standing {
  readonly entrypoint: 'not started' | 'running' | 'ended' | 'lost' | 'unknown';
  /** What the scheduler says; null if there is none. */
  readonly words: string | null;
  /** For `--json`. */
  readonly details: Readonly<Record<string, unknown>>;
}

export type Abandonable =
  | {
      readonly kind: 'yes';
      readonly evidence: string;
      readonly claimedBy?: string | null;
      /** Ends what is alive of the run, which comes first; left out if nothing is. */
      readonly endFirst?: () => Promise<EndedFirst>;
    }
  | { readonly kind: 'no'; readonly message: string; readonly hint: string };

export interface EndedFirst {
  /** Names and pids of the processes that were ended. */
  readonly ended: readonly string[];
  /** What is still alive, and how to end it; null if nothing is. */
  readonly left: { readonly who: string; readonly end: string } | null;
}

/** A run that is alive although its record was removed. */
export interface UnrecordedRun {
  readonly iterationId: string;
  readonly runId: string;
  readonly failure: Failure;
}

export type Fenced =
  /** From here on no copy can start the entrypoint. `unreported`: what could not be reported to the remote host. */
  | { readonly kind: 'closed'; readonly unreported: string | null }
  /** Something has claimed the run meanwhile. */
  | { readonly kind: 'claimed'; readonly message: string };
