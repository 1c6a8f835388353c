import { sha256 } from '../platform/ids.ts';
import { canonicalLine } from './canonical.ts';
import type { CommitRecord, ResourceRequest } from './manifest-schema.ts';
import type { OpenedData } from './run-data.ts';
import { placeInSnapshot } from './snapshot-place.ts';

/** The same inputs give the same fingerprint, whenever and wherever they run: it has nothing of the run itself. Pure. */
export function fingerprintOf(opened: OpenedData, commit: CommitRecord): string {
  return sha256(
    canonicalLine({
      inputs: inputsOf(opened.inputs),
      tree: commit.code_digest ?? commit.tree_digest,
      entrypoint: opened.entrypoint.template,
      script: opened.slurm?.template_sha256 ?? opened.entrypoint.script_sha256,
      activation: opened.activation_sha256,
      resources: resourcesOf(opened.resource_request),
      artifacts: artifactsOf(opened),
      mode: opened.launch_mode,
      ...(opened.tasks === undefined ? {} : { tasks: opened.tasks.sha256 }),
      ...(opened.data_inputs === undefined ? {} : { data: opened.data_inputs }),
    }),
  );
}

/** A file that is collected from the snapshot would be collected from the work tree otherwise. */
function artifactsOf({ artifacts, run_id, snapshot }: OpenedData): OpenedData['artifacts'] {
  if (snapshot === undefined) return artifacts;
  const within = `/${placeInSnapshot(run_id, snapshot.prefix)}`;
  return artifacts.map((artifact) => ({ ...artifact, from: artifact.from?.replaceAll(within, '') ?? null }));
}

/** Requests that do not change the result. */
const FOR_PEOPLE = ['comment', 'mail_type', 'mail_user', 'wckey'];

function resourcesOf(request: ResourceRequest): Record<string, unknown> {
  return Object.fromEntries(Object.entries(request).filter(([key]) => !FOR_PEOPLE.includes(key)));
}

/**
 * state.json, the backlog and the TODO focus change from run to run without changing what is run. What the design says
 * of the run is in the fingerprint field by field: its file has notes, too. A file of tasks is there as their list.
 */
function inputsOf(inputs: OpenedData['inputs']): OpenedData['inputs'] {
  return Object.fromEntries(
    Object.entries(inputs).filter(
      ([path]) => !path.startsWith('.autolab/') && !path.endsWith('/design.yaml') && !/\.(?:csv|tsv|jsonl)$/.test(path),
    ),
  );
}
