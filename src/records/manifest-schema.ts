import * as z from 'zod';

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
  argv: z.array(text).describe('The command, word by word.'),
  exit_code: maybeNumber.describe('Exit status; null if a signal ended it or it never started.'),
  signal: maybeText.describe('The signal that ended it.'),
  timed_out: z.boolean().describe('It did not answer within its bound and was killed.'),
  spawn_error: maybeText.describe('Why it could not be started, such as `ENOENT`.'),
  stdout: text.describe('What it printed, as it is.'),
  stderr: text.describe('What it printed to stderr, as it is.'),
  duration_ms: count.describe('Milliseconds it took.'),
  at: at.describe('When it was started.'),
});

export const hostSchema = z.strictObject({
  mode: z.enum(['local', 'slurm']).nullable().describe('What was detected; null where it could not be.'),
  overruled_by: maybeText.describe('`host_mode` of launch.yaml where it overruled detection.'),
  reason: text.describe('Why it was taken for that.'),
  setup: text
    .optional()
    .describe('Commands that this host needs before the commands of Slurm are found; left out if it needs none.'),
  probes: z
    .strictObject({
      hostname: probeSchema.describe('The answer to `hostname`.'),
      sinfo: probeSchema.describe('The answer to `sinfo -V`.'),
      squeue: probeSchema.describe('The answer to `squeue -V`.'),
    })
    .describe('The commands that were asked, each with its raw answer.'),
});

const leftOutSchema = z.strictObject({
  path: text.describe('Path in the work tree.'),
  reason: text.describe('Such as a name that looks like a secret, or a size over the limit.'),
  bytes: count.describe('Its size.'),
  sha256: sha256
    .nullable()
    .describe('Its digest; null where the name looks like a secret, or where it could not be read.'),
});

const patchSchema = z.strictObject({
  sha256: sha256.describe('Digest of the patch.'),
  bytes: count.describe('Size of the patch.'),
  left_out: z.array(leftOutSchema).describe('Changed files that are named here and not in the patch.'),
});

export const commitSchema = z.strictObject({
  source: z.enum(['git', 'none']).describe('`git`, or `none` with the reason.'),
  reason: maybeText.describe('Why there is no commit.'),
  sha: maybeText.describe('The commit that was checked out.'),
  branch: maybeText.describe('The branch; null where HEAD is detached.'),
  describe: maybeText.describe('What `git describe` called it.'),
  dirty: z.boolean().nullable().describe('Whether there were uncommitted changes.'),
  tree_digest: sha256
    .nullable()
    .describe('Digest of `code.sha256`, which lists every file of the work tree with its own.'),
  code_digest: sha256.optional().describe('The same without the designs, for the fingerprint; left out without git.'),
  remote_url: maybeText.describe('Where the repository came from, without credentials.'),
  files: maybeCount.describe('Files in that list.'),
  bytes: maybeCount.describe('Their size together.'),
  seconds: maybeNumber.describe('What making the list cost.'),
  patch: patchSchema.nullable().describe('`code.patch`, the uncommitted changes; null where there are none.'),
  notes: z.array(text).describe('What is worth knowing besides, such as what could not be recorded.'),
});

export const resourceRequestSchema = z.strictObject({
  location: z.enum(['local', 'slurm']).describe('Where the design wants the run.'),
  time: text.optional().describe('Time limit as the design writes it.'),
  time_seconds: maybeCount.describe('The same in seconds.'),
  memory: text
    .optional()
    .describe('Memory of a node, as the design writes it; `0` is all of it, `site` leaves it to the site.'),
  memory_mb: maybeCount.describe('The same in MiB; 0 is all the memory of a node.'),
  memory_per_cpu: text.optional().describe('Memory of a processor, as the design writes it.'),
  memory_per_cpu_mb: count.optional().describe('The same in MiB.'),
  memory_per_gpu: text.optional().describe('Memory for a GPU, as the design writes it.'),
  memory_per_gpu_mb: count.optional().describe('The same in MiB.'),
  cpus: maybeCount.describe('Processors.'),
  gpu_count: count.describe('GPUs.'),
  gpu_type: text.optional().describe('Kind of GPU.'),
  partition: text.optional().describe('Slurm partition; left out means the default of the cluster.'),
  qos: text.optional().describe('Slurm quality of service.'),
  account: text.optional().describe('Slurm account.'),
  constraint: text.optional().describe('Features that a Slurm node must have.'),
  nodes: maybeCount.describe('Nodes.'),
  ntasks: maybeCount.describe('Tasks.'),
  ntasks_per_node: count.optional().describe('Tasks on each node.'),
  exclusive: z
    .union([z.literal(true), z.enum(['user', 'mcs', 'topo'])])
    .optional()
    .describe('Whether nodes are not shared with other jobs, or not with those of other users.'),
  exclude: text.optional().describe('Slurm nodes to avoid.'),
  nodelist: text.optional().describe('Slurm nodes that must be among those of the job.'),
  reservation: text.optional().describe('Slurm reservation.'),
  licenses: text.optional().describe('Licenses, as Slurm counts them.'),
  begin: text.optional().describe('When the job may begin, as sbatch reads it.'),
  signal: z
    .strictObject({
      name: z.enum(['USR1', 'USR2', 'TERM']).describe('The signal, without SIG.'),
      seconds: count.describe('How long before the time limit.'),
    })
    .optional()
    .describe('A signal before the time limit.'),
  grace_seconds: count.optional().describe('How long the entrypoint has to end after it was told to.'),
  cluster: text.optional().describe('Slurm cluster, where the design names one.'),
  comment: text.optional().describe("Slurm's comment on the job."),
  mail_type: text.optional().describe('Events that Slurm sends mail about.'),
  mail_user: text.optional().describe('Who gets the mail.'),
  wckey: text.optional().describe('Workload characterization key.'),
  sbatch_options: z.array(text).optional().describe('Further options of sbatch.'),
  nice: z.number().int().nullable().describe('Adjustment of the Slurm priority.'),
  requeue: z.boolean().describe('Whether Slurm may start the job again.'),
});

export const usageSchema = z.strictObject({
  requested: z
    .strictObject({
      time_seconds: maybeCount.describe('Time limit in seconds.'),
      memory_mb: maybeCount.describe('Memory in MiB.'),
      cpus: maybeCount.describe('Processors.'),
    })
    .describe('What the design asked for.'),
  used: z
    .strictObject({
      wall_seconds: maybeNumber.describe('From start to end.'),
      cpu_seconds: maybeNumber.describe('User and system time of the whole process tree.'),
      max_rss_bytes: maybeCount.describe('Peak memory of the whole process tree.'),
      source: text.describe('How the numbers were got: `sampled /proc`, `cgroup`, `sacct`.'),
      samples: maybeCount.describe('How many samples were taken.'),
    })
    .describe('What the run took.'),
});

export const verifierResultSchema = z.strictObject({
  name: text.describe('The verifier.'),
  status: z
    .enum(['pass', 'fail', 'warn', 'skip'])
    .describe('`warn` fails nothing; `skip` means that it does not apply.'),
  message: text.describe('One sentence.'),
  details: z.array(text).describe('`file:line:column: what`, one a line; at most 20.'),
});

const recommendationSchema = z.strictObject({
  file: text.describe('The document to change.'),
  pointer: text.describe('The place in it, as RFC 6901 writes it.'),
  current: maybeText.describe('What stands there.'),
  suggested: maybeText.describe('What would probably help.'),
  why: text.describe('What speaks for it.'),
});

export const stepSchema = z.strictObject({
  name: text.describe('The step.'),
  status: z.enum(['running', 'done', 'failed', 'skipped']).describe('How it stands.'),
  reason: maybeText.describe('Why it was skipped, or how it failed.'),
  began: at.nullable().describe('When it was begun.'),
  ended: at.nullable().describe('When it ended.'),
  attempts: count.describe('How often it was begun.'),
});

export const taskSchema = z.strictObject({
  task_id: text.describe('The task.'),
  stage: maybeText.describe('The stage that it is mapped to.'),
  source: maybeText.describe('Where it comes from.'),
  text: text.describe('What is to be done.'),
});

export const syncDirectionSchema = z.strictObject({
  status: z.enum(['ok', 'failed', 'skipped', 'pending']).describe('How the transfer stands.'),
  method: text.describe('How it was done; `none` for a local run, `shared_fs` where both sides see the same files.'),
  reason: maybeText.describe('Why it was skipped, or how it failed.'),
  files: maybeCount.describe('Files.'),
  bytes: maybeCount.describe('Their size together.'),
  seconds: maybeNumber.describe('What it cost.'),
  verified: z.boolean().describe('Every digest here equals the digest there.'),
  diagnosis: z.array(text).describe('What was found to be wrong, line by line.'),
});

const entrypointSchema = z.strictObject({
  argv: z.array(text).describe('The command, word by word, placeholders resolved.'),
  script: text.describe('The script that runs it.'),
  script_sha256: sha256.nullable().describe('Digest of the script.'),
  script_source: z.enum(['rendered', 'hand_written']).nullable().describe('Whether autolab made the script.'),
});

const localSchema = z.strictObject({
  pid: maybeCount.describe('The entrypoint.'),
  supervisor_pid: maybeCount.describe('The supervisor that watched it.'),
  exit_code: maybeNumber.describe('Exit status; null if a signal ended it.'),
  signal: maybeText.describe('The signal that ended it.'),
  ended_by: maybeText.describe('Who ended it, where it did not end by itself.'),
  evidence: z.array(text).describe('What the judgement rests on, fact by fact.'),
  leftovers_ended: z.array(text).describe('Processes that outlived the entrypoint and were ended.'),
});

const slurmSchema = z.strictObject({
  job_id: maybeText.describe(
    'The job that owns the run: another one than that of the ledger where two copies were let go.',
  ),
  cluster: maybeText.describe('The cluster, where it has a name of its own.'),
  submit_key: text.describe('The name of the job, by which it is found again.'),
  submit_argv: z.array(text).describe('How it was submitted.'),
  adopted: z.boolean().describe('The answer of `sbatch` was lost, and the job was found under its name.'),
  confirmation: z
    .strictObject({
      source: z.enum(['sacct', 'scontrol']).describe('Who confirmed the end.'),
      rows: z
        .array(
          z.strictObject({
            job_id: text.describe('The job or one of its steps.'),
            state: text.describe('Its state.'),
            exit_code: text.describe('`code:signal`.'),
            elapsed: text.describe('From start to end.'),
            max_rss: text.describe('Peak memory; empty where Slurm does not know it.'),
          }),
        )
        .describe('What it said, row by row.'),
    })
    .nullable()
    .describe('The confirmed end; null before it.'),
  state: maybeText.describe('The final state.'),
  exit_code: maybeText.describe('`code:signal`, as Slurm writes it.'),
  elapsed: maybeText.describe('From start to end, as Slurm writes it.'),
  max_rss: maybeText.describe('Peak memory of the largest step, as Slurm writes it.'),
  nodes: maybeText.describe('Where it ran.'),
  polls: count.describe('How often the scheduler was asked something during the run.'),
  removed_variables: z.array(text).describe("Slurm's own variables that were kept from its commands."),
  unused_variables: z
    .array(
      z.strictObject({
        variable: text.describe('Its name.'),
        design_key: maybeText.describe('The key of the design that asks for the same; null if there is none.'),
      }),
    )
    .optional()
    .describe('Of those, what would have changed the request; left out if there is nothing.'),
  evidence: z.array(text).describe('What the judgement rests on, fact by fact.'),
});

const declaredSchema = z.strictObject({
  pattern: text.describe('As the design writes it.'),
  required: z.boolean().describe('Whether the run fails without it.'),
  matches: count.describe('Files that match.'),
});

const artifactsSchema = z.strictObject({
  sha256: sha256.describe('Digest of `artifacts.sha256`, which lists every file with its own.'),
  files: count.describe('Files in that list.'),
  bytes: count.describe('Their size together.'),
  seconds: maybeNumber.describe('What reading them cost.'),
  partial: z.boolean().describe('These are outputs of a run that did not complete.'),
  declared: z.array(declaredSchema).describe('The artifacts that the design names.'),
});

const timestampsSchema = z.strictObject({
  started_at: at.describe('The run was opened.'),
  submitted_at: at
    .nullable()
    .describe('The job was submitted; of a local run, the supervisor was seen to have started.'),
  ended_at: at.nullable().describe('The entrypoint ended.'),
  completed_at: at.optional().describe('The run was closed; left out before.'),
});

const RUN_STATUSES = ['pending', 'submitted', 'running', 'synced', 'completed', 'failed', 'partial'] as const;

const outcomeSchema = z.enum(['completed', 'needs_retry', 'cancelled', 'human_review']);

export const manifestSchema = z.strictObject({
  schema_version: z.literal('1.0').describe('The version of this format.'),
  run_id: text.describe('The run.'),
  iteration_id: text.describe('The iteration: `experiments/<iteration_id>/`.'),
  experiment_id: text.describe('The entry of the backlog.'),
  status: z
    .enum(RUN_STATUSES)
    .describe(
      'How far the run is; `synced`: its files are here and not yet verified; `partial`: it ended well, and not all of its outputs are here.',
    ),
  outcome: outcomeSchema.nullable().describe('How it ended; null while it goes on.'),
  code: maybeText.describe('Why, by a code of docs/reference/error-codes.md.'),
  message: maybeText.describe('The same for a person.'),
  launch_mode: z.enum(['local', 'slurm']).describe('What was used.'),
  host_mode: z.enum(['local', 'slurm']).nullable().describe('What was detected.'),
  host: hostSchema.describe('How the host was detected.'),
  commit: commitSchema.describe('The code that ran.'),
  command: text.describe('The command that executed the run, as a person could paste it.'),
  entrypoint: entrypointSchema.describe('The main command of the design.'),
  resource_request: resourceRequestSchema.describe('What the design asked for.'),
  inputs: z
    .record(text, sha256.nullable())
    .describe('Documents that were read: path → digest, null where there is no file.'),
  fingerprint: sha256.describe(
    'Equal for runs with equal inputs, code, script and resources, whenever and wherever they ran.',
  ),
  job_id: text
    .optional()
    .describe('The Slurm job as it was submitted and stands in the ledger; left out before, and for a local run.'),
  slurm: slurmSchema.optional().describe('The job, and how it went; left out for a local run.'),
  local: localSchema.nullable().describe('How the process went; null before it started.'),
  starts: z
    .strictObject({
      expected: count.describe('As the design says it.'),
      begun: count.describe('As they were counted where it ran.'),
    })
    .optional()
    .describe('How often the entrypoint began; left out if the job left no count.'),
  usage: usageSchema.describe('What was asked for beside what was used.'),
  artifact_sync_to_local: z
    .strictObject({
      status: z.enum(['ok', 'failed', 'pending']).describe('The outputs are here and digested, or not.'),
    })
    .describe('The workflow leaves `launch` only where this is `ok`.'),
  sync: z
    .strictObject({
      to_remote: syncDirectionSchema.describe('The code, to where it runs.'),
      to_local: syncDirectionSchema.describe('The outputs, back here.'),
    })
    .describe('Both directions in detail.'),
  artifacts: artifactsSchema.nullable().describe('What the run left; null before it was looked at.'),
  verifiers: z.array(verifierResultSchema).describe('Every verifier with its result.'),
  todo: z
    .strictObject({
      open: z.array(taskSchema).describe('The tasks.'),
      allowed_open: z.boolean().describe('Launched all the same, with `--allow-open-todo`.'),
    })
    .describe('Tasks mapped to `launch` that were open.'),
  warnings: z.array(text).describe('Problems of the inputs that did not stop the launch.'),
  recommendations: z.array(recommendationSchema).describe('Changes that would probably help.'),
  started_at: at.describe('The run was opened; the same as in `timestamps`.'),
  completed_at: at.optional().describe('The run was closed; the same as in `timestamps`.'),
  timestamps: timestampsSchema.describe('When it happened.'),
  steps: z.array(stepSchema).describe('The steps, in their order.'),
  journal: z
    .strictObject({
      lines: count.describe('Lines of the journal.'),
      head: sha256.describe('Digest of its last line.'),
      format: count.describe('The format of the journal. A manifest without this key is of format 1.'),
    })
    .describe('The journal that this is the projection of.'),
  autolab_version: text.describe('The version that opened the run.'),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type Probe = z.infer<typeof probeSchema>;
export type HostRecord = z.infer<typeof hostSchema>;
export type CommitRecord = z.infer<typeof commitSchema>;
export type ResourceRequest = z.infer<typeof resourceRequestSchema>;
export type Usage = z.infer<typeof usageSchema>;
export type VerifierResult = z.infer<typeof verifierResultSchema>;
export type StepRecord = z.infer<typeof stepSchema>;
export type OpenTask = z.infer<typeof taskSchema>;
export type SyncDirection = z.infer<typeof syncDirectionSchema>;
