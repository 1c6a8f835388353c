/**
 * What the package gives to other programs: the facade, the readers of records, and the four verbs by a `LaunchEnvironment`,
 * for programs that hold a `DriverControl` of their own. Apart from `index.ts`, because what is exported here is loaded at
 * once, and the command line has no use for that.
 */
export {
  cancelIn as cancel,
  type GivenEnvironment,
  launchIn as launch,
  resumeIn as resume,
  statusIn as status,
} from './commands/with-environment.ts';
export * from './index.ts';
export { digestFiles, type Digests } from './records/digest-files.ts';
export { type JournalEntry, type JournalHead, type JournalRead, parseJournal } from './records/journal.ts';
export { type Manifest, manifestSchema } from './records/manifest-schema.ts';
export { projectManifest, projectManifestText } from './records/projection.ts';
export { replay, type RunView } from './records/run-view.ts';
export { DriverControl } from './run/control.ts';
export type { LaunchEnvironment } from './run/session.ts';
