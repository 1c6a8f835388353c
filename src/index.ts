/**
 * The facade: a project and every verb of it. What the command line uses, and, with `library.ts`, any other program.
 * Nothing here prints or sets an exit status, and the code of a verb is loaded by the first call of it.
 */
export type { ApprovalShown } from './commands/approval/approval-shown.ts';
export type { ApprovalCheck } from './commands/approval/check-outcome.ts';
export type { Call } from './commands/call.ts';
export type { Leftover } from './commands/clean.ts';
export { expectedFailure, ProjectError } from './commands/expected.ts';
export { type OfferedStage, offeredStages } from './commands/offered-stages.ts';
export {
  type BacklogVerbs,
  checkMachine,
  findProject,
  init,
  newInFolder,
  openProject,
  type Project,
  type RemoteVerbs,
  scriptPrologue,
  slurmJobList,
  type SlurmJobListVerbs,
  type TodoVerbs,
} from './commands/open-project.ts';
export type { LeftOver } from './commands/remote-clean.ts';
export { callResult, callSuccess, type CommandResult, exitStatusOf, type VerbResult } from './commands/result.ts';
export type { DriverRecord } from './commands/status.ts';
export type { DrivingOptions, InterruptOptions } from './commands/steering.ts';
export type { NoOptions } from './commands/verb.ts';
export type { AbandonOptions, AbandonResult } from './commands/verbs/abandon.ts';
export type { AdvanceOptions, AdvanceResult } from './commands/verbs/advance.ts';
export type { AdvisedEdit, AdviseResult } from './commands/verbs/advise.ts';
export type { ApproveOptions, ApproveResult } from './commands/verbs/approve.ts';
export type { ReopenOptions, ReopenResult } from './commands/verbs/backlog.ts';
export type { CancelOptions, CancelResult } from './commands/verbs/cancel.ts';
export type { CleanOptions, CleanResult } from './commands/verbs/clean.ts';
export type { CodeOptions, CodeResult } from './commands/verbs/code.ts';
export type {
  ComparedFile,
  ComparedFiles,
  ComparedMetric,
  ComparedRun,
  CompareOptions,
  CompareResult,
  Difference,
  FactGroup,
  FactValue,
  RunsComparison,
  Sameness,
} from './commands/verbs/compare.ts';
export type { DecideOptions, DecideResult, DecisionRecord } from './commands/verbs/decide.ts';
export type { DoctorResult } from './commands/verbs/doctor.ts';
export type { DocumentResult } from './commands/verbs/document.ts';
export type { Analysis, ExtractOptions, ExtractResult } from './commands/verbs/extract.ts';
export type { FocusOptions, FocusResult } from './commands/verbs/focus.ts';
export type { InitOptions, InitResult } from './commands/verbs/init.ts';
export type {
  LaunchOptions,
  LaunchPlan,
  LaunchResult,
  PlannedTakeover,
  PlannedTasks,
  TaskChunk,
  TasksTotal,
  TestOnlyAnswer,
  WaitOptions,
} from './commands/verbs/launch.ts';
export type {
  LintScriptOptions,
  LintScriptResult,
  ScriptPrologueOptions,
  ScriptPrologueResult,
} from './commands/verbs/lint-script.ts';
export type { LogChunk, LogEvent, LogFile, LogsOptions, LogsResult, LogStream } from './commands/verbs/logs.ts';
export type { ManifestOptions, ManifestResult } from './commands/verbs/manifest.ts';
export type { NamesResult, RunNames } from './commands/verbs/names.ts';
export type { NewInFolderOptions, NewOptions, NewResult } from './commands/verbs/new.ts';
export type { Choice, NextResult } from './commands/verbs/next.ts';
export type { OutcomeOptions, OutcomeResult } from './commands/verbs/outcome.ts';
export type { RejectOptions, RejectResult } from './commands/verbs/reject.ts';
export type {
  RemoteCheckResult,
  RemoteCleanOptions,
  RemoteCleanResult,
  RemoteOptions,
  RemoteShowResult,
} from './commands/verbs/remote.ts';
export type { KnownStage, RenderOptions, RenderResult } from './commands/verbs/render.ts';
export type { ReportOptions, ReportResult } from './commands/verbs/report.ts';
export type { RerunOptions, RerunResult } from './commands/verbs/rerun.ts';
export type { ResumeOptions, ResumeResult } from './commands/verbs/resume.ts';
export type { ReviewOptions, ReviewResult } from './commands/verbs/review.ts';
export type { RunStagesOptions, RunStagesResult, StageReport } from './commands/verbs/run.ts';
export type { PrimaryValue, RunRow, RunsOptions, RunsResult } from './commands/verbs/runs.ts';
export type {
  ShownArtifacts,
  ShownRun,
  ShownTasks,
  ShownVerdict,
  ShowOptions,
  ShowResult,
} from './commands/verbs/show.ts';
export type { SlurmJobListOptions, SlurmJobListResult } from './commands/verbs/slurm-job-list.ts';
export type { StatusResult } from './commands/verbs/status.ts';
export type { TaskListOptions, TaskListResult, TaskRow } from './commands/verbs/tasks.ts';
export type {
  TodoDoneOptions,
  TodoDoneResult,
  TodoListResult,
  TodoSyncResult,
  TodoTask,
} from './commands/verbs/todo.ts';
export type { UnlockOptions, UnlockResult } from './commands/verbs/unlock.ts';
export type { VerifyOptions, VerifyResult } from './commands/verbs/verify.ts';
export type { WatchedRun, WatchEvent, WatchOptions, WatchResult } from './commands/verbs/watch.ts';
export { type Blame, CATALOG, type CatalogEntry, type Code } from './errors/catalog.ts';
export type { Failure, Recommendation, Result } from './errors/failure.ts';
export { type Owner, OWNERS } from './errors/owner.ts';
export type { Problem, Severity } from './errors/problem.ts';
export type { Emit, LaunchEvent } from './events/events.ts';
export { canonicalFile as formatJson } from './records/canonical.ts';
export type { Check } from './run/check.ts';
export { type Consequence, EXIT_STATUS, type Outcome, OUTCOMES } from './run/outcome.ts';
