import { type DeclaredArtifact, matchArtifacts } from '../records/artifact-match.ts';
import { isArtifactPath } from '../records/listing.ts';
import { lackedBy, matchTaskArtifacts } from '../records/tasks/task-outputs.ts';
import { endedBadly, judgedManifest } from './judged-manifest.ts';
import { knownEnds } from './known-ends.ts';
import { counted, failed, type Finding, passed, skipped, type Verifier, warned } from './results.ts';
import type { TaskLists, VerifySnapshot } from './snapshot.ts';

type Match = ReturnType<typeof matchArtifacts>[number];

/** Those of which nothing is left but files that are no outputs of the run. */
function addedOnly(snapshot: VerifySnapshot, required: readonly Match[]): readonly Match[] {
  const judged = judgedManifest(snapshot);
  const added = new Set(judged.ok ? judged.manifest.artifacts?.added_after_end?.map(({ path }) => path) : []);
  return required.filter(({ matches }) => matches.every((path) => added.has(path)));
}

/**
 * What the design declared is here (R26): each required pattern matches at least one regular file. Judged by what the
 * journal says was declared, not by what design.yaml says today.
 */
export const verifyRequiredArtifacts: Verifier = (snapshot) => {
  const declared = snapshot.journal.opened?.artifacts;
  if (declared === undefined) return skipped('The journal does not say what was declared.');
  if (snapshot.tasks !== null) return ofEachTask(snapshot, snapshot.tasks, declared);
  const pathsOf = (kind: 'file' | 'symlink'): readonly string[] =>
    snapshot.listing.entries
      .filter((entry) => entry.kind === kind && isArtifactPath(entry.path, false))
      .map(({ path }) => path);
  const files = pathsOf('file');
  const matches = matchArtifacts(declared, files);
  const required = matches.filter((match) => match.required);
  const missing = required.filter((match) => match.matches.length === 0);
  // A link is kept as a link: what it points to may be gone, or another host's, tomorrow.
  const linkFor = ({ pattern: path, required: must }: (typeof missing)[number]): string | undefined =>
    matchArtifacts([{ path, required: must }], pathsOf('symlink'))[0]?.matches[0];
  const details = missing.map((match) => {
    const link = linkFor(match);
    const why = link === undefined ? 'no file matches' : `${link} is a symbolic link; a required artifact is a file`;
    return `${snapshot.run_folder}/${match.pattern}: ${why}`;
  });
  if (missing.length === 0) {
    const late = addedOnly(snapshot, required);
    if (late.length > 0)
      return warned(
        `${counted(late.length, 'required artifact')} not written by the run: ${late.map(({ pattern }) => pattern).join(', ')}.`,
        late.flatMap(({ matches: paths }) =>
          paths.map((path) => `${path}: it appeared or changed after the end of the run`),
        ),
      );
    const optional = matches.filter((match) => !match.required && match.matches.length > 0).length;
    return passed(`${counted(required.length, 'required artifact')} here, ${optional} optional.`);
  }
  const judged = judgedManifest(snapshot);
  if (judged.ok && endedBadly(judged.manifest))
    return warned('The run did not complete; not everything that was declared is here.', details);
  const names = missing.map((match) => `${match.pattern}${linkFor(match) === undefined ? '' : ' (a symbolic link)'}`);
  const missed = `${counted(missing.length, 'required artifact')} missing: ${names.join(', ')}.`;
  // The user who let the run pass has seen it; reporting it as a failure for ever would not help.
  const by = snapshot.journal.accepted_by;
  return by === null ? failed(missed, details) : warned(`The run was accepted by ${by} as it is: ${missed}`, details);
};

/** Each completed task has its own. A task that has not is no completed one, once its run is closed. */
function ofEachTask(snapshot: VerifySnapshot, facts: TaskLists, declared: readonly DeclaredArtifact[]): Finding {
  const ends = knownEnds(facts, snapshot.journal);
  if (ends === null) return skipped('How the tasks ended is not known.');
  const files = snapshot.listing.entries.filter(({ kind }) => kind === 'file').map(({ path }) => path);
  const matches = matchTaskArtifacts(declared, files);
  const completed = ends.filter(({ state }) => state === 'completed');
  const lacking = completed
    .map(({ index }) => ({ index, patterns: lackedBy(matches, index) }))
    .filter(({ patterns }) => patterns.length > 0);
  const details = lacking.map(({ index, patterns }) => `task ${index}: ${patterns.join(', ')}`);
  const missed = `${counted(lacking.length, 'task')} of ${completed.length} that completed left no required artifact.`;
  const by = snapshot.journal.accepted_by;
  if (lacking.length > 0 && by !== null) return warned(`The run was accepted by ${by} as it is: ${missed}`, details);
  if (lacking.length > 0) return failed(missed, details);
  const failing = ends.filter(({ code }) => code === 'tasks.artifact_missing');
  if (failing.length > 0)
    return warned(
      `${counted(failing.length, 'task')} left no required artifact and failed.`,
      failing.map(({ index, message }) => `task ${index}: ${message ?? ''}`),
    );
  return passed(`The required artifacts of ${counted(completed.length, 'completed task')} are here.`);
}
