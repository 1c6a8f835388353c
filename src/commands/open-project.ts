import { join, resolve } from 'node:path';
import { failureOf } from '../errors/failure.ts';
import type { LaunchEvent } from '../events/events.ts';
import { lstatOrNull } from '../platform/files.ts';
import { findRoot } from '../project/find-root.ts';
import type { Call } from './call.ts';
import { ProjectError } from './expected.ts';
import type { VerbResult } from './result.ts';
import { type NoOptions, type ProjectRoot, verb } from './verb.ts';
import type { AbandonOptions, AbandonResult } from './verbs/abandon.ts';
import type { AdvanceOptions, AdvanceResult } from './verbs/advance.ts';
import type { AdviseResult } from './verbs/advise.ts';
import type { ApproveOptions, ApproveResult } from './verbs/approve.ts';
import type { ReopenOptions, ReopenResult } from './verbs/backlog.ts';
import type { CancelOptions, CancelResult } from './verbs/cancel.ts';
import type { CleanOptions, CleanResult } from './verbs/clean.ts';
import type { CodeOptions, CodeResult } from './verbs/code.ts';
import type { CompareOptions, CompareResult } from './verbs/compare.ts';
import type { DecideOptions, DecideResult } from './verbs/decide.ts';
import type { DoctorResult } from './verbs/doctor.ts';
import type { DocumentResult } from './verbs/document.ts';
import type { ExtractOptions, ExtractResult } from './verbs/extract.ts';
import type { FocusOptions, FocusResult } from './verbs/focus.ts';
import type { InitOptions, InitResult } from './verbs/init.ts';
import type { LaunchOptions, LaunchResult, WaitOptions } from './verbs/launch.ts';
import type {
  LintScriptOptions,
  LintScriptResult,
  ScriptPrologueOptions,
  ScriptPrologueResult,
} from './verbs/lint-script.ts';
import type { LogEvent, LogsOptions, LogsResult } from './verbs/logs.ts';
import type { ManifestOptions, ManifestResult } from './verbs/manifest.ts';
import type { NamesResult } from './verbs/names.ts';
import type { NewInFolderOptions, NewOptions, NewResult } from './verbs/new.ts';
import type { NextResult } from './verbs/next.ts';
import type { OutcomeOptions, OutcomeResult } from './verbs/outcome.ts';
import type { RejectOptions, RejectResult } from './verbs/reject.ts';
import type {
  RemoteCheckResult,
  RemoteCleanOptions,
  RemoteCleanResult,
  RemoteOptions,
  RemoteShowResult,
} from './verbs/remote.ts';
import type { RenderOptions, RenderResult } from './verbs/render.ts';
import type { ReportOptions, ReportResult } from './verbs/report.ts';
import type { RerunOptions, RerunResult } from './verbs/rerun.ts';
import type { ResumeResult } from './verbs/resume.ts';
import type { ReviewOptions, ReviewResult } from './verbs/review.ts';
import type { RunStagesOptions, RunStagesResult } from './verbs/run.ts';
import type { RunsOptions, RunsResult } from './verbs/runs.ts';
import type { ShowOptions, ShowResult } from './verbs/show.ts';
import type { SlurmJobListOptions, SlurmJobListResult } from './verbs/slurm-job-list.ts';
import type { StatusResult } from './verbs/status.ts';
import type { TaskListOptions, TaskListResult } from './verbs/tasks.ts';
import type { TodoDoneOptions, TodoDoneResult, TodoListResult, TodoSyncResult } from './verbs/todo.ts';
import type { UnlockOptions, UnlockResult } from './verbs/unlock.ts';
import type { VerifyOptions, VerifyResult } from './verbs/verify.ts';
import type { WatchEvent, WatchOptions, WatchResult } from './verbs/watch.ts';

/**
 * A project, with every verb of the command line.
 *
 * Each verb returns a promise of the object that its command prints with `--json`. What can be expected to go wrong is a
 * result like any other: look at its `outcome` or its `code`. A promise is rejected only for a wrong option (`TypeError`)
 * and for a bug. Keys of a single verb are left out of a result that did not come so far.
 */
export interface Project {
  /** The folder that has `.autolab/`, absolute. */
  readonly root: string;

  /** Adds an experiment: a backlog entry, a design, and the state pointed at them. */
  readonly new: (options: NewOptions) => Call<NewResult, LaunchEvent>;
  /** Runs the experiment of a recorded run once more, or makes a new one from it. */
  rerun(options: RerunOptions): Call<RerunResult, LaunchEvent>;
  /** Launches the approved experiment, or continues the active run, and waits until it has ended. */
  launch(options?: LaunchOptions): Call<LaunchResult, LaunchEvent>;
  /** Continues the active run; `run.none_active` if there is none. */
  resume(options?: WaitOptions): Call<ResumeResult, LaunchEvent>;
  /** Stops the active run, waits for its confirmed end, and records it. */
  cancel(options?: CancelOptions): Call<CancelResult, LaunchEvent>;
  /** Abandons an active run whose state is unknown (`autolab cancel --force`); refused while it is known to be alive. */
  abandon(options: AbandonOptions): Call<AbandonResult, LaunchEvent>;

  /** Says what the workflow waits for, who does it, and the command. */
  next(options?: NoOptions): Promise<NextResult>;
  /** Checks what the current stage must leave, and moves the workflow on. */
  advance(options?: AdvanceOptions): Promise<AdvanceResult>;
  /** Checks the experiment, and approves what is there by its digests. Only a person decides that. */
  approve(options: ApproveOptions): Call<ApproveResult, LaunchEvent>;
  /** Sends the experiment back to the implementation. */
  reject(options: RejectOptions): Promise<RejectResult>;
  /** Reads the metrics of a run, and compares them with baselines and target. */
  extract(options?: ExtractOptions): Promise<ExtractResult>;
  /** Brings the table of results in `docs/results.md` up to date. */
  document(options?: NoOptions): Promise<DocumentResult>;
  /** Records what a reviewer decides from the results. */
  decide(options: DecideOptions): Promise<DecideResult>;

  /** Does every stage that needs no person, one after another; with an agent, those that it may do, too. */
  run(options?: RunStagesOptions): Call<RunStagesResult, LaunchEvent>;

  /** Makes another experiment the current one, at the stage at which it was left. */
  focus(options: FocusOptions): Promise<FocusResult>;

  /** Says where the workflow and the active run are. */
  status(options?: NoOptions): Promise<StatusResult>;
  /** Says what came of a run, or that it is open (`run.still_going`). Asks no scheduler and no other host. */
  outcome(options?: OutcomeOptions): Promise<OutcomeResult>;
  /** Lists the names of the runs, for completion. */
  names(options?: NoOptions): Promise<NamesResult>;
  /** Shows what a reader wants to know of a run first. */
  show(options?: ShowOptions): Promise<ShowResult>;
  /** Lists the tasks of a run. */
  tasks(options?: TaskListOptions): Promise<TaskListResult>;
  /** Lists the runs. */
  runs(options?: RunsOptions): Promise<RunsResult>;
  /** Says what differs between runs. */
  compare(options: CompareOptions): Promise<CompareResult>;
  /** Advises on time, memory and CPUs of the current design from what runs used. */
  advise(options?: NoOptions): Promise<AdviseResult>;
  /** Reads the logs of a run, or follows them. */
  logs(options?: LogsOptions): Call<LogsResult, LogEvent>;
  /** Looks at a run until it is closed, for a live view. */
  watch(options?: WatchOptions): Call<WatchResult, WatchEvent>;
  /** Projects the journal of a run to its manifest. */
  manifest(options?: ManifestOptions): Promise<ManifestResult>;
  /** Runs every verifier on a run again. Writes nothing. */
  verify(options?: VerifyOptions): Promise<VerifyResult>;
  /** Makes the page of a run, or of all runs, from the records alone. */
  report(options?: ReportOptions): Promise<ReportResult>;
  /** Rebuilds the code that ran, in a new folder. */
  code(options: CodeOptions): Promise<CodeResult>;

  /** Checks the prerequisites of a launch on this machine. */
  doctor(options?: NoOptions): Promise<DoctorResult>;
  /** Renders the prompt of a stage. */
  render(options?: RenderOptions): Promise<RenderResult>;
  /** Checks a launch script against the rules. */
  lintScript(options: LintScriptOptions): Promise<LintScriptResult>;
  /** Records the operator's decision at the stage `human_review`. */
  review(options: ReviewOptions): Call<ReviewResult, LaunchEvent>;
  /** Removes snapshots and scratch folders that no open run needs. */
  clean(options?: CleanOptions): Promise<CleanResult>;
  /** Takes the lease away from a dead driver on another host. */
  unlock(options: UnlockOptions): Promise<UnlockResult>;

  readonly backlog: BacklogVerbs;
  readonly todo: TodoVerbs;
  readonly remote: RemoteVerbs;
  readonly slurmJobList: SlurmJobListVerbs;
}

/** The backlog of experiments. */
export interface BacklogVerbs {
  /** Re-opens a closed experiment. */
  reopen(options: ReopenOptions): Promise<ReopenResult>;
}

/** The focus tasks. */
export interface TodoVerbs {
  /** Lists the open tasks. */
  list(options?: NoOptions): Promise<TodoListResult>;
  /** Makes the focus tasks from `docs/todo.md`. */
  sync(options?: NoOptions): Promise<TodoSyncResult>;
  /** Marks a task as done, also in `docs/todo.md`. */
  done(options: TodoDoneOptions): Promise<TodoDoneResult>;
}

/** The launch host behind ssh. */
export interface RemoteVerbs {
  /** Shows the profile, and what the ssh configuration makes of it. Connects to nothing. */
  show(options?: RemoteOptions): Promise<RemoteShowResult>;
  /** Checks whether runs can go there. */
  check(options?: RemoteOptions): Promise<RemoteCheckResult>;
  /** Removes from the remote host what was fetched and compared; nothing else. */
  clean(options?: RemoteCleanOptions): Promise<RemoteCleanResult>;
}

/** The ledger of Slurm submissions. */
export interface SlurmJobListVerbs {
  /** Appends the run of a manifest, once. */
  append(options: SlurmJobListOptions): Promise<SlurmJobListResult>;
  /** Checks that the ledger says what a manifest says. */
  verify(options: SlurmJobListOptions): Promise<VerbResult>;
}

/** The root of the project that `folder` is in: the nearest folder upwards that has `.autolab/`. Returns null if there is none. */
export function findProject(folder = '.'): string | null {
  return findRoot(resolve(folder));
}

/**
 * Opens the project in `root`, the folder that has `.autolab/`. Reads nothing else, so a project that is damaged can be
 * opened. Throws a `ProjectError` (`project.not_found`) if `root` is not a project.
 */
export function openProject(root: string): Project {
  if (typeof root !== 'string') throw new TypeError(`openProject takes the path of a folder, not ${typeof root}`);
  const place: ProjectRoot = { root: resolve(root) };
  const stats = lstatOrNull(join(place.root, '.autolab'));
  // Whether a link is safe is a question of the guards of each verb.
  if (stats?.isDirectory() !== true && stats?.isSymbolicLink() !== true)
    throw new ProjectError(
      failureOf('project.not_found', {
        message: `${place.root} is not an autolab project: it has no .autolab/.`,
        hint: 'Create one: autolab init',
      }),
    );
  return {
    root: place.root,
    new: verb(place, async () => (await import('./verbs/new.ts')).createExperiment),
    rerun: verb(place, async () => (await import('./verbs/rerun.ts')).rerun),
    launch: verb(place, async () => (await import('./verbs/launch.ts')).launch),
    resume: verb(place, async () => (await import('./verbs/resume.ts')).resume),
    cancel: verb(place, async () => (await import('./verbs/cancel.ts')).cancel),
    abandon: verb(place, async () => (await import('./verbs/abandon.ts')).abandon),
    next: verb(place, async () => (await import('./verbs/next.ts')).showNext),
    advance: verb(place, async () => (await import('./verbs/advance.ts')).advance),
    approve: verb(place, async () => (await import('./verbs/approve.ts')).approve),
    reject: verb(place, async () => (await import('./verbs/reject.ts')).reject),
    extract: verb(place, async () => (await import('./verbs/extract.ts')).extract),
    run: verb(place, async () => (await import('./verbs/run.ts')).runWorkflow),
    document: verb(place, async () => (await import('./verbs/document.ts')).document),
    focus: verb(place, async () => (await import('./verbs/focus.ts')).focus),
    decide: verb(place, async () => (await import('./verbs/decide.ts')).decide),
    ...looksAt(place),
    doctor: doctorAt(place.root),
    render: verb(place, async () => (await import('./verbs/render.ts')).render),
    lintScript: verb(place, async () => (await import('./verbs/lint-script.ts')).lintScript),
    review: verb(place, async () => (await import('./verbs/review.ts')).review),
    clean: verb(place, async () => (await import('./verbs/clean.ts')).cleanUp),
    unlock: verb(place, async () => (await import('./verbs/unlock.ts')).unlock),
    backlog: {
      reopen: verb(place, async () => (await import('./verbs/backlog.ts')).reopen),
    },
    todo: {
      list: verb(place, async () => (await import('./verbs/todo.ts')).list),
      sync: verb(place, async () => (await import('./verbs/todo.ts')).sync),
      done: verb(place, async () => (await import('./verbs/todo.ts')).done),
    },
    remote: {
      show: verb(place, async () => (await import('./verbs/remote.ts')).show),
      check: verb(place, async () => (await import('./verbs/remote.ts')).check),
      clean: verb(place, async () => (await import('./verbs/remote.ts')).clean),
    },
    slurmJobList: slurmJobListAt(place),
  };
}

/** The verbs that look at runs. */
function looksAt(place: ProjectRoot) {
  return {
    status: verb(place, async () => (await import('./verbs/status.ts')).status),
    outcome: verb(place, async () => (await import('./verbs/outcome.ts')).outcome),
    names: verb(place, async () => (await import('./verbs/names.ts')).names),
    show: verb(place, async () => (await import('./verbs/show.ts')).showRun),
    runs: verb(place, async () => (await import('./verbs/runs.ts')).runs),
    tasks: verb(place, async () => (await import('./verbs/tasks.ts')).listTasks),
    compare: verb(place, async () => (await import('./verbs/compare.ts')).compareRuns),
    advise: verb(place, async () => (await import('./verbs/advise.ts')).advise),
    logs: verb(place, async () => (await import('./verbs/logs.ts')).logs),
    watch: verb(place, async () => (await import('./verbs/watch.ts')).watch),
    manifest: verb(place, async () => (await import('./verbs/manifest.ts')).manifest),
    verify: verb(place, async () => (await import('./verbs/verify.ts')).verify),
    report: verb(place, async () => (await import('./verbs/report.ts')).report),
    code: verb(place, async () => (await import('./verbs/code.ts')).code),
  } satisfies Partial<Project>;
}

function slurmJobListAt(place: ProjectRoot): SlurmJobListVerbs {
  return {
    append: verb(place, async () => (await import('./verbs/slurm-job-list.ts')).appendEntry),
    verify: verb(place, async () => (await import('./verbs/slurm-job-list.ts')).verifyEntry),
  };
}

function doctorAt(root: string | null): (options?: NoOptions) => Promise<DoctorResult> {
  return verb({ root }, async () => (await import('./verbs/doctor.ts')).doctor);
}

/** The ledger of Slurm submissions, without a project: paths are relative to the current folder. */
export const slurmJobList: SlurmJobListVerbs = slurmJobListAt({ root: '.' });

/** Checks the prerequisites of this machine. */
export const checkMachine: (options?: NoOptions) => Promise<DoctorResult> = doctorAt(null);

/** Creates a project; never overwrites anything. */
export const init: (options?: InitOptions) => Promise<InitResult> = verb(
  null,
  async () => (await import('./verbs/init.ts')).init,
);

/** Adds an experiment, as `Project.new`, in a folder that may be no project yet: then it is made one first. */
export const newInFolder: (options: NewInFolderOptions) => Call<NewResult, LaunchEvent> = verb<
  NewInFolderOptions,
  NewResult,
  null,
  LaunchEvent
>(null, async () => (await import('./verbs/new.ts')).createInFolder);

/** Returns the lines that a hand-written launch script must contain. */
export const scriptPrologue: (options?: ScriptPrologueOptions) => Promise<ScriptPrologueResult> = verb(
  null,
  async () => (await import('./verbs/lint-script.ts')).scriptPrologue,
);
