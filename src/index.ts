/** The public library: what another program may import. Nothing here prints or sets an exit status. */
export { cancel, type CancelOptions } from './commands/cancel.ts';
export { launch, type LaunchOptions } from './commands/launch.ts';
export { type CommandResult, exitStatusOf } from './commands/result.ts';
export { resume, type ResumeOptions } from './commands/resume.ts';
export { status } from './commands/status.ts';
export { type Blame, CATALOG, type CatalogEntry, type Code } from './errors/catalog.ts';
export type { Failure, Recommendation, Result } from './errors/failure.ts';
export { type Owner, OWNERS } from './errors/owner.ts';
export type { Problem, Severity } from './errors/problem.ts';
export type { Emit, LaunchEvent } from './events/events.ts';
export { digestFiles, type Digests } from './records/digest-files.ts';
export { type JournalEntry, type JournalHead, type JournalRead, parseJournal } from './records/journal.ts';
export { type Manifest, manifestSchema } from './records/manifest-schema.ts';
export { projectManifest, projectManifestText } from './records/projection.ts';
export { replay, type RunView } from './records/run-view.ts';
export { DriverControl } from './run/control.ts';
export { type Consequence, EXIT_STATUS, type Outcome, OUTCOMES } from './run/outcome.ts';
export type { LaunchEnvironment } from './run/session.ts';
