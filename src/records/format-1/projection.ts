import { sha256 } from '../../platform/ids.ts';
import { canonicalFile, canonicalLine } from '../canonical.ts';
import { resultOf, type RunView } from '../run-view.ts';
import type { ManifestOfFormat1 } from './manifest-schema.ts';
import { projectSlurm } from './projection-slurm.ts';
import { artifactsOf, broughtBack, projectSync, ranBadly, syncStatusOf } from './projection-sync.ts';

/**
 * The manifest of a run whose journal has format 1, byte for byte as the first version wrote it. It never changes. Pure.
 */

type CommitRecord = ManifestOfFormat1['commit'];
type StepRecord = ManifestOfFormat1['steps'][number];

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

export function projectFormat1(view: RunView): ManifestOfFormat1 {
  const { opened, closed } = view;
  const commit = resultOf(view, 'record-code') ?? NO_COMMIT;
  const execute = resultOf(view, 'execute');
  const confirmed = resultOf(view, 'confirm');
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
    // In this format keys that do not apply are null.
    resource_request: opened.resource_request as ManifestOfFormat1['resource_request'],
    inputs: { ...opened.inputs },
    fingerprint: fingerprintOf(view, commit),
    job_id: view.job?.submitted_as ?? null,
    slurm: projectSlurm(view),
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
    usage: {
      requested: {
        time_seconds: opened.resource_request.time_seconds,
        memory_mb: opened.resource_request.memory_mb,
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
    timestamps: {
      started_at: view.openedAt,
      submitted_at: (opened.launch_mode === 'slurm' ? view.job?.at : view.started?.at) ?? null,
      ended_at: execute?.ended_at ?? confirmed?.ended_at ?? null,
      completed_at: closed?.at ?? null,
    },
    steps: stepsOf(view),
    journal: view.head,
    autolab_version: opened.autolab_version,
  };
}

export function manifestTextOfFormat1(view: RunView): string {
  return canonicalFile(projectFormat1(view));
}

function statusOf(view: RunView): ManifestOfFormat1['status'] {
  if (view.closed !== null) return view.closed.status;
  if (broughtBack(view)?.status === 'done') return 'synced';
  if (ranBadly(view) !== null) return 'failed';
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
      tree: commit.tree_digest,
      entrypoint: opened.entrypoint.template,
      script: opened.slurm?.template_sha256 ?? opened.entrypoint.script_sha256,
      activation: opened.activation_sha256,
      resources: opened.resource_request,
      mode: opened.launch_mode,
    }),
  );
}

/** state.json, the backlog and the TODO focus change from run to run without changing what is run. */
function fingerprintInputs(inputs: Readonly<Record<string, string | null>>): Record<string, string | null> {
  return Object.fromEntries(Object.entries(inputs).filter(([path]) => !path.startsWith('.autolab/')));
}
