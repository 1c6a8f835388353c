/** The public library: what another program may import. Nothing here prints or sets an exit status. */
export { CATALOG, type Blame, type CatalogEntry, type Code } from './errors/catalog.ts';
export { OWNERS, type Owner } from './errors/owner.ts';
export type { Failure, Recommendation, Result } from './errors/failure.ts';
export type { Problem, Severity } from './errors/problem.ts';
export type { Emit, LaunchEvent } from './events/events.ts';
export { cancel, type CancelOptions } from './commands/cancel.ts';
export { DriverControl } from './run/control.ts';
export { launch, type LaunchOptions } from './commands/launch.ts';
export { EXIT_STATUS, OUTCOMES, type Consequence, type Outcome } from './run/outcome.ts';
export { exitStatusOf, type CommandResult } from './commands/result.ts';
export { resume, type ResumeOptions } from './commands/resume.ts';
export type { LaunchEnvironment } from './run/session.ts';
export { status } from './commands/status.ts';
export { digestFiles, type Digests } from './records/digest-files.ts';
export { parseJournal, type JournalEntry, type JournalHead, type JournalRead } from './records/journal.ts';
export { manifestSchema, type Manifest } from './records/manifest-schema.ts';
export { projectManifest, projectManifestText } from './records/projection.ts';
export { replay, type RunView } from './records/run-view.ts';
