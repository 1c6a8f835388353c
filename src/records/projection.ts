import { sha256 } from '../platform/ids.ts';
import { canonicalFile, canonicalLine } from './canonical.ts';
import { inNewestShape } from './format-1/in-newest-shape.ts';
import { manifestTextOfFormat1, projectFormat1 } from './format-1/projection.ts';
import type { CommitRecord, Manifest, ResourceRequest, StepRecord } from './manifest-schema.ts';
import { projectSlurm } from './projection-slurm.ts';
import { artifactsOf, broughtBack, failedReturn, projectSync, ranBadly, syncStatusOf } from './projection-sync.ts';
import { resultOf, type RunView } from './run-view.ts';

/**
 * The manifest: a pure function of the journal. No clock, no environment, no disk. A journal's format selects its
 * projection: the text of an older run stays the same for ever.
 */

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

/** In the shape of the newest format, whatever the run's own is: for programs. The file has `projectManifestText`. */
export function projectManifest(view: RunView): Manifest {
  return view.opened.format === 1 ? inNewestShape(projectFormat1(view)) : projectNewest(view);
}

function projectNewest(view: RunView): Manifest {
  const { opened, closed } = view;
  const commit = resultOf(view, 'record-code') ?? NO_COMMIT;
  const execute = resultOf(view, 'execute');
  const confirmed = resultOf(view, 'confirm');
  const slurm = projectSlurm(view);
  const starts = execute?.starts ?? confirmed?.starts;
  const completed = closed === null ? {} : { completed_at: closed.at };
  return {
    schema_version: '1.0',
    run_id: opened.run_id,
    iteration_id: opened.iteration_id,
    experiment_id: opened.experiment_id,
    status: statusOf(view),
    outcome: closed?.outcome ?? null,
    code: closed?.code ?? view.lastFailure?.code ?? null,
    message: closed?.message ?? view.lastFailure?.message ?? null,
    launch_mode: opened.launch_mode,
    host_mode: opened.host.mode,
    host: opened.host,
    commit,
    command: opened.command,
    entrypoint: {
      argv: [...opened.entrypoint.argv],
      script: opened.entrypoint.script,
      script_sha256: opened.entrypoint.script_sha256,
      script_source: opened.entrypoint.script_source,
    },
    resource_request: opened.resource_request,
    inputs: { ...opened.inputs },
    fingerprint: fingerprintOf(view, commit),
    ...(view.job === null ? {} : { job_id: view.job.submitted_as }),
    ...(slurm === null ? {} : { slurm }),
    local:
      opened.launch_mode === 'slurm' || (execute === null && view.started === null)
        ? null
        : {
            pid: execute?.pid ?? null,
            supervisor_pid: execute?.supervisor_pid ?? view.started?.supervisor_pid ?? null,
            exit_code: execute?.exit_code ?? null,
            signal: execute?.signal ?? null,
            ended_by: execute?.ended_by ?? null,
            evidence: [...(execute?.evidence ?? [])],
            leftovers_ended: [...(execute?.leftovers_ended ?? [])],
          },
    ...(starts === undefined ? {} : { starts }),
    usage: {
      requested: {
        time_seconds: opened.resource_request.time_seconds,
        // 0 is all the memory of a node, whatever that is.
        memory_mb: opened.resource_request.memory_mb === 0 ? null : opened.resource_request.memory_mb,
        cpus: opened.resource_request.cpus,
      },
      used: execute?.used ??
        confirmed?.used ?? {
          wall_seconds: null,
          cpu_seconds: null,
          max_rss_bytes: null,
          source: 'none',
          samples: null,
        },
    },
    artifact_sync_to_local: { status: syncStatusOf(view) },
    sync: projectSync(view),
    artifacts: artifactsOf(view),
    verifiers: [...(resultOf(view, 'verify_local_artifacts')?.verifiers ?? [])],
    todo: { open: [...opened.todo.open], allowed_open: opened.todo.allowed_open },
    warnings: [...opened.warnings],
    recommendations: [...(closed?.recommendations ?? [])],
    started_at: view.openedAt,
    ...completed,
    timestamps: {
      started_at: view.openedAt,
      submitted_at: (opened.launch_mode === 'slurm' ? view.job?.at : view.started?.at) ?? null,
      ended_at: execute?.ended_at ?? confirmed?.ended_at ?? null,
      ...completed,
    },
    steps: stepsOf(view),
    journal: { ...view.head, format: opened.format },
    autolab_version: opened.autolab_version,
  };
}

/** The bytes of run_manifest.json. */
export function projectManifestText(view: RunView): string {
  return view.opened.format === 1 ? manifestTextOfFormat1(view) : canonicalFile(projectNewest(view));
}

function statusOf(view: RunView): Manifest['status'] {
  if (view.closed !== null) return view.closed.status;
  if (broughtBack(view)?.status === 'done') return 'synced';
  if (ranBadly(view) !== null) return 'failed';
  // The job has ended well, and not all that it left is here.
  if (failedReturn(view) !== null) return 'partial';
  if (view.started !== null) return 'running';
  return view.job === null ? 'pending' : 'submitted';
}

function stepsOf(view: RunView): StepRecord[] {
  return [...view.steps.values()]
    .filter((step) => step.attempts > 0 || step.outcome !== null)
    .map((step) => ({
      name: step.name,
      status: step.outcome?.status ?? 'running',
      reason: step.outcome?.reason ?? step.outcome?.message ?? null,
      began: step.began,
      ended: step.ended,
      attempts: step.attempts,
    }));
}

/** The same inputs give the same fingerprint, whenever and wherever they are run: nothing of the run itself is in it. */
function fingerprintOf(view: RunView, commit: CommitRecord): string {
  const { opened } = view;
  return sha256(
    canonicalLine({
      inputs: fingerprintInputs(opened.inputs),
      tree: commit.code_digest ?? commit.tree_digest,
      entrypoint: opened.entrypoint.template,
      script: opened.slurm?.template_sha256 ?? opened.entrypoint.script_sha256,
      activation: opened.activation_sha256,
      resources: fingerprintRequest(opened.resource_request),
      artifacts: opened.artifacts,
      mode: opened.launch_mode,
    }),
  );
}

/** Of what is asked for, these change nothing of the result. */
const FOR_PEOPLE = ['comment', 'mail_type', 'mail_user', 'wckey'];

function fingerprintRequest(request: ResourceRequest): Record<string, unknown> {
  return Object.fromEntries(Object.entries(request).filter(([key]) => !FOR_PEOPLE.includes(key)));
}

/**
 * state.json, the backlog and the TODO focus change from run to run without changing what is run. What the design says of
 * the run stands beside: its file has notes, too.
 */
function fingerprintInputs(inputs: Readonly<Record<string, string | null>>): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(inputs).filter(([path]) => !path.startsWith('.autolab/') && !path.endsWith('/design.yaml')),
  );
}
