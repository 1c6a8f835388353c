import { wordsOfAdded } from './added-after-end.ts';
import { canonicalFile } from './canonical.ts';
import { compactFile } from './compact.ts';
import { inNewestShape } from './format-1/in-newest-shape.ts';
import { manifestTextOfFormat1, projectFormat1 } from './format-1/projection.ts';
import { inFormat2 } from './format-2/projection.ts';
import type { CommitRecord, Manifest } from './manifest-schema.ts';
import { projectEnd } from './projection-end.ts';
import { fingerprintOf } from './projection-fingerprint.ts';
import { projectObserved } from './projection-observed.ts';
import { projectSlurm } from './projection-slurm.ts';
import { artifactsOf, projectSync, syncStatusOf } from './projection-sync.ts';
import { projectLocal, projectStarts, projectUsage } from './projection-task.ts';
import { projectTasks } from './projection-tasks.ts';
import { projectSteps, projectTimes } from './projection-times.ts';
import type { OpenedData } from './run-data.ts';
import { resultOf, type RunView } from './run-view.ts';
import { withoutNulls } from './without-nulls.ts';

/**
 * The manifest: a pure function of the journal. No clock, no environment, no disk. A journal's format selects its
 * projection: the text of an older run stays the same for ever.
 */

/** In the shape of the newest format, whatever the run's own is: for programs. The file has `projectManifestText`. */
export function projectManifest(view: RunView): Manifest {
  return view.opened.format === 1 ? inNewestShape(projectFormat1(view)) : projectNewest(view);
}

/** The bytes of run_manifest.json. */
export function projectManifestText(view: RunView): string {
  const { format, manifest_layout } = view.opened;
  if (format === 1) return manifestTextOfFormat1(view);
  const manifest = projectNewest(view);
  if (format === 2) return canonicalFile(inFormat2(manifest, view));
  return manifest_layout === 'compact' ? compactFile(manifest) : canonicalFile(manifest);
}

/** Section by section; a section that does not apply is left out. */
function projectNewest(view: RunView): Manifest {
  return {
    schema_version: '1.0',
    ...projectNames(view),
    ...projectEnd(view),
    ...projectRequest(view),
    ...projectCode(view),
    ...projectJob(view),
    local: projectLocal(view),
    ...projectStarts(view),
    usage: projectUsage(view),
    ...projectObserved(view),
    ...projectTasks(view),
    artifact_sync_to_local: { status: syncStatusOf(view) },
    sync: projectSync(view),
    artifacts: artifactsOf(view),
    verifiers: [...(resultOf(view, 'verify_local_artifacts')?.verifiers ?? [])],
    ...projectTimes(view),
    steps: projectSteps(view),
    journal: { ...view.head, format: view.opened.format },
  };
}

function projectNames({ opened }: RunView) {
  return {
    run_id: opened.run_id,
    iteration_id: opened.iteration_id,
    experiment_id: opened.experiment_id,
    autolab_version: opened.autolab_version,
  } satisfies Partial<Manifest>;
}

function warningOnAdded(view: RunView): readonly string[] {
  const added = artifactsOf(view)?.added_after_end ?? [];
  return added.length === 0 ? [] : [wordsOfAdded(added)];
}

/** What was decided before the run began. */
function projectRequest(view: RunView) {
  const { opened } = view;
  // Older journals of this format kept what the record of the code lacks apart.
  const commit = opened.code === undefined ? null : resultOf(view, 'record-code');
  const notes = commit?.source === 'git' ? commit.notes : [];
  const { argv, script, script_sha256, script_source } = opened.entrypoint;
  return {
    launch_mode: opened.launch_mode,
    host_mode: opened.host.mode,
    host: opened.host,
    command: opened.command,
    entrypoint: { argv: [...argv], script, script_sha256, script_source },
    ...(opened.environment_set === undefined ? {} : { environment_set: { ...opened.environment_set } }),
    resource_request: withoutNulls(opened.resource_request),
    inputs: { ...opened.inputs },
    ...projectTodo(opened.todo),
    ...(opened.approved === undefined ? {} : { approved: opened.approved }),
    ...(opened.review === undefined ? {} : { review: opened.review }),
    warnings: [...opened.warnings, ...notes, ...warningOnAdded(view)],
  } satisfies Partial<Manifest>;
}

function projectTodo({ open, allowed_open }: OpenedData['todo']): Pick<Manifest, 'todo'> {
  return open.length === 0 ? {} : { todo: { open: [...open], allowed_open } };
}

/** Left out before a job is submitted, and for a run without one. */
function projectJob(view: RunView): Pick<Manifest, 'job_id' | 'slurm'> {
  const slurm = projectSlurm(view);
  return { ...(view.job === null ? {} : { job_id: view.job.submitted_as }), ...(slurm === null ? {} : { slurm }) };
}

const NO_COMMIT: CommitRecord = {
  source: 'none',
  reason: 'not recorded yet',
  sha: null,
  branch: null,
  describe: null,
  dirty: null,
  tree_digest: null,
  remote_url: null,
  files: null,
  bytes: null,
  seconds: null,
  patch: null,
  notes: [],
};

function projectCode(view: RunView) {
  const commit = resultOf(view, 'record-code') ?? NO_COMMIT;
  return { commit, fingerprint: fingerprintOf(view.opened, commit) } satisfies Partial<Manifest>;
}
