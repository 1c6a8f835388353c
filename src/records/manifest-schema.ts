import * as z from 'zod';
import { approvedSchema, reviewSchema } from './approval-schema.ts';
import { dataInputSchema, declaredMetricsSchema, environmentSchema, seriesSchema } from './observed-schema.ts';
import { arraysSchema, tasksSchema } from './tasks/tasks-schema.ts';

/**
 * The shape of run_manifest.json. Snake case: it is a file format. `schemas/run_manifest.schema.json` and
 * `docs/reference/manifest.md` are generated from it, so every field has its description here.
 */

const text = z.string();
const maybeText = text.nullable();
const count = z.number().int().nonnegative();
const maybeCount = count.nullable();
const maybeNumber = z.number().nullable();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const at = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);

export const probeSchema = z.strictObject({
  argv: z.array(text).describe('The command.'),
  exit_code: maybeNumber.describe('Exit status, unless a signal ended it or it never started.'),
  signal: maybeText.describe('Signal that ended it.'),
  timed_out: z.boolean().describe('Killed: no answer in time.'),
  spawn_error: maybeText.describe('Why it did not start, such as `ENOENT`.'),
  stdout: text.describe('Raw output.'),
  stderr: text.describe('Raw stderr.'),
  duration_ms: count.describe('Milliseconds.'),
  at: at.describe('Start.'),
});

export const hostSchema = z.strictObject({
  mode: z.enum(['local', 'slurm']).nullable().describe('Detected type.'),
  overruled_by: maybeText.describe('`host_mode` of launch.yaml, if it overruled detection.'),
  reason: text.describe('Why this type.'),
  setup: text.optional().describe("Commands that this host runs before Slurm's commands."),
  probes: z
    .strictObject({
      hostname: probeSchema.describe('`hostname`.'),
      sinfo: probeSchema.describe('`sinfo -V`.'),
      squeue: probeSchema.describe('`squeue -V`.'),
    })
    .describe('Probes with their raw answers.'),
});

const leftOutSchema = z.strictObject({
  path: text.describe('In the work tree.'),
  reason: text.describe("A name like a secret's, or its size."),
  bytes: count.describe('Size.'),
  sha256: sha256.nullable().describe('Its digest; null if unreadable, or if the name looks like a secret.'),
});

const patchSchema = z.strictObject({
  sha256: sha256.describe('Its digest.'),
  bytes: count.describe('Size.'),
  left_out: z.array(leftOutSchema).describe('Changed files that the patch leaves out.'),
});

export const repositorySchema = z.strictObject({
  path: text.describe('In the work tree; `.` for the repository of the project.'),
  kind: z
    .enum(['main', 'submodule', 'nested'])
    .describe('`nested`: a repository that the one around it does not track.'),
  sha: maybeText.describe('Its commit.'),
  pinned: maybeText.optional().describe('Submodules: the commit that the repository around it names.'),
  branch: maybeText.describe('Branch; null if HEAD is detached.'),
  remote_url: maybeText.describe('Remote URL, without credentials.'),
  dirty: z.boolean().describe('Uncommitted changes.'),
  patch: patchSchema
    .extend({ file: text.describe('In the run folder.') })
    .nullable()
    .describe('Its uncommitted changes.'),
});

const snapshotSchema = z.strictObject({
  digest: sha256.describe('Of names, bytes, modes and links; the folder in `.autolab/snapshots/`.'),
  link: z.array(text).describe('Linked to the work tree.'),
  copied: count.describe('Files copied from the work tree.'),
  linked: count.describe('Files shared with earlier snapshots.'),
  seconds: z.number().describe('Time to make it.'),
});

export const commitSchema = z.strictObject({
  source: z.enum(['git', 'none']).describe('`none`: there is no commit.'),
  reason: maybeText.describe('Why there is no commit.'),
  sha: maybeText.describe('The commit.'),
  branch: maybeText.describe('Branch; null if HEAD is detached.'),
  describe: maybeText.describe('`git describe`.'),
  dirty: z.boolean().nullable().describe('Uncommitted changes.'),
  tree_digest: sha256.nullable().describe('Digest of `code.sha256`, the list of all files of the work tree.'),
  code_digest: sha256.optional().describe('The same without the designs, for the fingerprint.'),
  remote_url: maybeText.describe('Remote URL, without credentials.'),
  files: maybeCount.describe('Files listed.'),
  bytes: maybeCount.describe('Total size.'),
  seconds: maybeNumber.describe('Time to make the list.'),
  patch: patchSchema.nullable().describe('`code.patch`: uncommitted changes.'),
  notes: z.array(text).describe('Such as what was not recorded.'),
  scope: z.enum(['repository', 'project']).optional().describe('What counts as code.'),
  prefix: text.optional().describe('Folder of the project in its repository, with a last slash.'),
  repositories: z.array(repositorySchema).optional().describe('The repository of the project, and those in it.'),
  run_from: z.literal('snapshot').optional().describe('The run used a copy of the code.'),
  snapshot: snapshotSchema.optional().describe('That copy.'),
});

export const resourceRequestSchema = z.strictObject({
  location: z.enum(['local', 'slurm']).describe('Where to run.'),
  time: text.optional().describe('Time limit, as written.'),
  time_seconds: count.optional().describe('In seconds.'),
  memory: text.optional().describe('Memory per node, as written; `0`: all of it; `site`: the site decides.'),
  memory_mb: count.optional().describe("In MiB; 0: all of a node's."),
  memory_per_cpu: text.optional().describe('Memory per CPU, as written.'),
  memory_per_cpu_mb: count.optional().describe('In MiB.'),
  memory_per_gpu: text.optional().describe('Memory per GPU, as written.'),
  memory_per_gpu_mb: count.optional().describe('In MiB.'),
  cpus: count.optional().describe('CPUs.'),
  gpu_count: count.describe('GPUs.'),
  gpu_type: text.optional().describe('GPU type.'),
  partition: text.optional().describe("Partition; default: the cluster's."),
  qos: text.optional().describe('Quality of service.'),
  account: text.optional().describe('Account.'),
  constraint: text.optional().describe('Required node features.'),
  nodes: count.optional().describe('Nodes.'),
  ntasks: count.optional().describe('Tasks.'),
  ntasks_per_node: count.optional().describe('Tasks per node.'),
  exclusive: z
    .union([z.literal(true), z.enum(['user', 'mcs', 'topo'])])
    .optional()
    .describe('Nodes not shared with other jobs, or with those of other users.'),
  exclude: text.optional().describe('Nodes to avoid.'),
  nodelist: text.optional().describe('Nodes to include.'),
  reservation: text.optional().describe('Reservation.'),
  licenses: text.optional().describe('Licenses.'),
  begin: text.optional().describe('Earliest start.'),
  signal: z
    .strictObject({
      name: z.enum(['USR1', 'USR2', 'TERM']).describe('Without SIG.'),
      seconds: count.describe('Seconds before the limit.'),
    })
    .optional()
    .describe('Signal before the time limit.'),
  grace_seconds: count.optional().describe('Seconds between the request to end and the kill.'),
  cluster: text.optional().describe('Cluster.'),
  comment: text.optional().describe('Comment.'),
  mail_type: text.optional().describe('Events to mail.'),
  mail_user: text.optional().describe('Recipient.'),
  wckey: text.optional().describe('Workload characterization key.'),
  sbatch_options: z.array(text).optional().describe('Further sbatch options.'),
  nice: z.number().int().optional().describe('Priority adjustment.'),
  requeue: z.boolean().describe('Slurm may restart the job.'),
});

export const usageSchema = z.strictObject({
  requested: z
    .strictObject({
      time_seconds: maybeCount.describe('Time limit.'),
      memory_mb: maybeCount.describe('Memory.'),
      cpus: maybeCount.describe('CPUs.'),
    })
    .describe('What the design asks for.'),
  used: z
    .strictObject({
      wall_seconds: maybeNumber.describe('Elapsed.'),
      cpu_seconds: maybeNumber.describe('User and system time of the process tree.'),
      max_rss_bytes: maybeCount.describe('Peak memory of the process tree.'),
      source: text.describe('Where the memory is from: `cgroup`, `pss`, `rss` or `sacct`.'),
      samples: maybeCount.describe('Samples taken.'),
    })
    .describe('What the run used.'),
});

export const verifierResultSchema = z.strictObject({
  name: text.describe('Verifier.'),
  status: z.enum(['pass', 'fail', 'warn', 'skip']).describe('`skip`: does not apply.'),
  message: text.describe('One sentence.'),
  details: z.array(text).describe('At most 20 lines `file:line:column: what`.'),
});

const recommendationSchema = z.strictObject({
  file: text.describe('File to change.'),
  pointer: text.describe('Place in it (RFC 6901).'),
  current: maybeText.describe('Value now.'),
  suggested: maybeText.describe('Better value.'),
  why: text.describe('Reason.'),
});

export const stepSchema = z.strictObject({
  name: text.describe('Step.'),
  status: z.enum(['running', 'done', 'failed', 'skipped']).describe('State.'),
  reason: maybeText.describe('Why skipped or failed.'),
  began: at.nullable().describe('Begin.'),
  ended: at.nullable().describe('End.'),
  attempts: count.describe('Times begun.'),
});

export const taskSchema = z.strictObject({
  task_id: text.describe('Task.'),
  stage: maybeText.describe('Its stage.'),
  source: maybeText.describe('Its origin.'),
  text: text.describe('What to do.'),
});

export const todoSchema = z.strictObject({
  open: z.array(taskSchema).describe('Tasks.'),
  allowed_open: z.boolean().describe('`--allow-open-todo` was given.'),
});

export const syncDirectionSchema = z.strictObject({
  status: z.enum(['ok', 'failed', 'skipped', 'pending']).describe('State.'),
  method: text.describe('`none`: local run; `shared_fs`: both hosts see the files.'),
  reason: maybeText.describe('Why skipped or failed.'),
  files: maybeCount.describe('Files.'),
  bytes: maybeCount.describe('Total size.'),
  seconds: maybeNumber.describe('Time.'),
  verified: z.boolean().describe('All digests here equal those there.'),
  diagnosis: z.array(text).describe('What was wrong.'),
});

const entrypointSchema = z.strictObject({
  argv: z.array(text).describe('The command, placeholders resolved.'),
  script: text.describe('Its script.'),
  script_sha256: sha256.nullable().describe('Its digest.'),
  script_source: z.enum(['rendered', 'hand_written']).nullable().describe('Whether autolab rendered it.'),
});

const localSchema = z.strictObject({
  pid: maybeCount.describe('Entrypoint.'),
  supervisor_pid: maybeCount.describe('Supervisor.'),
  exit_code: maybeNumber.describe('Exit status, unless a signal ended it.'),
  signal: maybeText.describe('Signal that ended it.'),
  ended_by: maybeText.describe('Who ended it, if it did not end by itself.'),
  evidence: z.array(text).describe('Facts behind the judgement.'),
  leftovers_ended: z.array(text).describe('Processes that outlived the entrypoint and were ended.'),
  survivors: z.array(text).optional().describe('Processes that could not be ended, and why.'),
  contained_by: text.optional().describe('Found by `cgroup`, `systemd scope`, or `session and environment`.'),
  memory_limit_bytes: count.optional().describe('Memory limit that the kernel enforced.'),
});

export const slurmSchema = z.strictObject({
  job_id: text.optional().describe("The job that ran; not the ledger's if two copies were released."),
  cluster: maybeText.describe('Cluster, if it has a name.'),
  submit_key: text.describe('Job name, by which it is found.'),
  submit_argv: z.array(text).describe('The `sbatch` command.'),
  adopted: z.boolean().describe('Found by name after a lost answer of `sbatch`.'),
  jobs: arraysSchema.optional().describe('All arrays of a run with tasks.'),
  confirmation: z
    .strictObject({
      source: z.enum(['sacct', 'scontrol']).describe('Who confirmed.'),
      rows: z
        .array(
          z.strictObject({
            job_id: text.describe('Job or step.'),
            state: text.describe('State.'),
            exit_code: text.describe('`code:signal`.'),
            elapsed: text.describe('Elapsed.'),
            max_rss: text.describe('Peak memory; empty if unknown.'),
          }),
        )
        .describe('Its answer.'),
    })
    .nullable()
    .describe('Confirmed end.'),
  state: maybeText.describe('Final state.'),
  exit_code: maybeText.describe('`code:signal`.'),
  elapsed: maybeText.describe('Elapsed, as Slurm writes it.'),
  max_rss: maybeText.describe('Peak memory of the largest step.'),
  nodes: maybeText.describe('Nodes.'),
  polls: count.describe('Questions to the scheduler.'),
  removed_variables: z.array(text).describe('Slurm variables hidden from its commands.'),
  unused_variables: z
    .array(
      z.strictObject({
        variable: text.describe('Name.'),
        design_key: maybeText.describe('Design key for the same.'),
      }),
    )
    .optional()
    .describe('Those that would have changed the request.'),
  evidence: z.array(text).describe('Facts behind the judgement.'),
});

const declaredSchema = z.strictObject({
  pattern: text.describe('As written.'),
  required: z.boolean().describe('The run fails without it.'),
  matches: count.describe('Matching files.'),
});

const artifactsSchema = z.strictObject({
  sha256: sha256.describe('Digest of `artifacts.sha256`, the list of all files.'),
  files: count.describe('Files listed.'),
  bytes: count.describe('Total size.'),
  seconds: maybeNumber.describe('Time to read them.'),
  partial: z.boolean().describe('Outputs of a run that did not complete.'),
  declared: z.array(declaredSchema).describe('Artifacts of the design.'),
  added_after_end: z
    .array(
      z.strictObject({
        path: text.describe('In the run folder.'),
        change: z.enum(['added', 'changed', 'added or changed']).describe('What happened.'),
        evidence: z.enum(['listing', 'time']).describe('An earlier list, or the time of the receipt of the end.'),
      }),
    )
    .optional()
    .describe('Files that appeared or changed after the end; left out if there are none.'),
});

const timestampsSchema = z.strictObject({
  started_at: at.describe('Run opened.'),
  submitted_at: at.nullable().describe('Job submitted, or supervisor seen.'),
  ended_at: at.nullable().describe('Entrypoint ended.'),
  completed_at: at.optional().describe('Run closed; of a run that failed and is open, when it failed.'),
});

const RUN_STATUSES = ['pending', 'submitted', 'running', 'synced', 'completed', 'failed', 'partial'] as const;

const outcomeSchema = z.enum(['completed', 'needs_retry', 'cancelled', 'human_review']);

export const manifestSchema = z.strictObject({
  schema_version: z.literal('1.0').describe('Format version.'),
  run_id: text.describe('Run id.'),
  iteration_id: text.describe('In `experiments/<iteration_id>/`.'),
  experiment_id: text.describe('Backlog entry.'),
  status: z
    .enum(RUN_STATUSES)
    .describe('`synced`: outputs here, not yet verified; `partial`: completed, but outputs are missing here.'),
  outcome: outcomeSchema.nullable().describe('How it ended.'),
  code: maybeText.describe('Why: docs/reference/error-codes.md.'),
  message: maybeText.describe('The same in words.'),
  launch_mode: z.string().min(1).describe('What carried the run out: `local` or `slurm`.'),
  host_mode: z.enum(['local', 'slurm']).nullable().describe('Type that was detected.'),
  host: hostSchema.describe('How the host type was detected.'),
  commit: commitSchema.describe('The code.'),
  command: text.describe('Command that started the run, to paste.'),
  entrypoint: entrypointSchema.describe('The main command.'),
  environment_set: z.record(text, text).optional().describe('Variables that autolab set because the user did not.'),
  resource_request: resourceRequestSchema.describe('What the design asks for.'),
  inputs: z.record(text, sha256.nullable()).describe('Documents: path → digest, null if missing.'),
  data_inputs: z.array(dataInputSchema).optional().describe('Data that the design names under `inputs`.'),
  environment: environmentSchema.optional().describe('`receipt/environment.json`: what the entrypoint found.'),
  environment_fingerprint: sha256.optional().describe('Equal if interpreter, packages and container image are equal.'),
  metrics: declaredMetricsSchema.optional().describe('What the design declares to be measured.'),
  tasks: tasksSchema.optional().describe('Its tasks, if the design has several.'),
  series: seriesSchema.optional().describe('What was sampled while it ran.'),
  fingerprint: sha256.describe('Equal if inputs, code, script and resources are equal.'),
  job_id: text.optional().describe('Submitted job, as in the ledger.'),
  slurm: slurmSchema.optional().describe('The job.'),
  local: localSchema.nullable().describe('The local process.'),
  starts: z
    .strictObject({
      expected: count.describe('By the design.'),
      begun: count.describe('Counted.'),
    })
    .optional()
    .describe('Starts of the entrypoint.'),
  usage: usageSchema.describe('Requested and used.'),
  artifact_sync_to_local: z
    .strictObject({
      status: z.enum(['ok', 'failed', 'pending']).describe('`ok`: outputs are here and digested.'),
    })
    .describe('The workflow leaves `launch` only if `ok`.'),
  sync: z
    .strictObject({
      to_remote: syncDirectionSchema.describe('Code to where it runs.'),
      to_local: syncDirectionSchema.describe('Outputs back here.'),
    })
    .describe('Transfers.'),
  artifacts: artifactsSchema.nullable().describe('Outputs.'),
  verifiers: z.array(verifierResultSchema).describe('Results of all verifiers.'),
  todo: todoSchema.optional().describe('Open tasks mapped to `launch`; left out if there are none.'),
  approved: approvedSchema.optional().describe('What the review approved, as digests.'),
  review: reviewSchema.optional().describe('Who approved it.'),
  warnings: z.array(text).describe('Problems that did not stop the launch.'),
  recommendations: z.array(recommendationSchema).describe('Changes that would probably help.'),
  started_at: at.describe('As in `timestamps`.'),
  completed_at: at.optional().describe('As in `timestamps`.'),
  timestamps: timestampsSchema.describe('Times.'),
  steps: z.array(stepSchema).describe('Steps, in order.'),
  journal: z
    .strictObject({
      lines: count.describe('Lines.'),
      head: sha256.describe('Digest of the last line.'),
      format: count.describe('Its format; without this key: 1.'),
    })
    .describe('The journal behind this projection.'),
  autolab_version: text.describe('Version that opened the run.'),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type Probe = z.infer<typeof probeSchema>;
export type HostRecord = z.infer<typeof hostSchema>;
export type RepositoryRecord = z.infer<typeof repositorySchema>;
export type CommitRecord = z.infer<typeof commitSchema>;
/** As the journal has it: null for a number that the design does not say. */
export type ResourceRequest = Omit<Manifest['resource_request'], NumberAsked> &
  Readonly<Record<NumberAsked, number | null>>;
export type NumberAsked = 'time_seconds' | 'memory_mb' | 'cpus' | 'nodes' | 'ntasks' | 'nice';
export type Usage = z.infer<typeof usageSchema>;
export type VerifierResult = z.infer<typeof verifierResultSchema>;
export type StepRecord = z.infer<typeof stepSchema>;
export type OpenTask = z.infer<typeof taskSchema>;
export type SyncDirection = z.infer<typeof syncDirectionSchema>;
