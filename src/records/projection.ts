import { sha256 } from '../platform/ids.ts';
import { canonicalFile, canonicalLine } from './canonical.ts';
import type { CommitRecord, Manifest, StepRecord, SyncDirection } from './manifest-schema.ts';
import { resultOf, type RunView } from './run-view.ts';

/** The manifest: a pure function of the journal. No clock, no environment, no disk. */

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

export function projectManifest(view: RunView): Manifest {
  const { opened, closed } = view;
  const commit = resultOf(view, 'record-code') ?? NO_COMMIT;
  const execute = resultOf(view, 'execute');
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
    job_id: null,
    slurm: null,
    local:
      execute === null && view.started === null
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
      used: execute?.used ?? {
        wall_seconds: null,
        cpu_seconds: null,
        max_rss_bytes: null,
        source: 'none',
        samples: null,
      },
    },
    artifact_sync_to_local: { status: syncStatusOf(view) },
    sync: { to_remote: toRemote(view), to_local: toLocal(view) },
    artifacts: resultOf(view, 'collect') ?? resultOf(view, 'salvage'),
    verifiers: [...(resultOf(view, 'verify_local_artifacts')?.verifiers ?? [])],
    todo: { open: [...opened.todo.open], allowed_open: opened.todo.allowed_open },
    warnings: [...opened.warnings],
    recommendations: [...(closed?.recommendations ?? [])],
    timestamps: {
      started_at: view.openedAt,
      submitted_at: view.started?.at ?? null,
      ended_at: execute?.ended_at ?? null,
      completed_at: closed?.at ?? null,
    },
    steps: stepsOf(view),
    journal: view.head,
    autolab_version: opened.autolab_version,
  };
}

export function projectManifestText(view: RunView): string {
  return canonicalFile(projectManifest(view));
}

function statusOf(view: RunView): Manifest['status'] {
  if (view.closed !== null) return view.closed.status;
  if (view.steps.get('collect')?.outcome?.status === 'done') return 'synced';
  if (view.steps.get('execute')?.outcome?.status === 'failed') return 'failed';
  return view.started === null ? 'pending' : 'running';
}

/** Before the close: `ok` as soon as the outputs are here and digested. */
export function syncStatusOf(view: RunView): 'ok' | 'failed' | 'pending' {
  if (view.closed !== null) return view.closed.sync_status;
  const collect = view.steps.get('collect')?.outcome;
  if (collect?.status === 'done') return 'ok';
  return collect?.status === 'failed' || view.steps.get('execute')?.outcome?.status === 'failed' ? 'failed' : 'pending';
}

const LOCAL_REASON = 'the run was local: its files were written here';

function toRemote(view: RunView): SyncDirection {
  const status = view.steps.get('sync_to_remote')?.outcome === undefined ? 'pending' : 'skipped';
  return {
    status,
    method: 'none',
    reason: LOCAL_REASON,
    files: null,
    bytes: null,
    seconds: null,
    verified: false,
    diagnosis: [],
  };
}

function toLocal(view: RunView): SyncDirection {
  const status = syncStatusOf(view);
  const artifacts = resultOf(view, 'collect');
  const failure = view.steps.get('collect')?.outcome?.message ?? view.steps.get('execute')?.outcome?.message ?? null;
  return {
    status,
    method: 'none',
    reason: status === 'failed' ? 'the run did not complete; what it left is kept as partial' : LOCAL_REASON,
    files: artifacts?.files ?? null,
    bytes: artifacts?.bytes ?? null,
    seconds: artifacts?.seconds ?? null,
    verified: status === 'ok',
    diagnosis: status === 'failed' && failure !== null ? [failure] : [],
  };
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
      script: opened.entrypoint.script_sha256,
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
