import * as z from 'zod';

/** The shape of run_manifest.json for runs whose journal has format 1. It never changes. */

function make() {
  const text = z.string();
  const maybeText = text.nullable();
  const count = z.number().int().nonnegative();
  const maybeCount = count.nullable();
  const maybeNumber = z.number().nullable();
  const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
  const at = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);

  const probeSchema = z.strictObject({
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

  const hostSchema = z.strictObject({
    mode: z.enum(['local', 'slurm']).nullable().describe('What was detected; null where it could not be.'),
    overruled_by: maybeText.describe('`host_mode` of launch.yaml where it overruled detection.'),
    reason: text.describe('Why it was taken for that.'),
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

  const commitSchema = z.strictObject({
    source: z.enum(['git', 'none']).describe('`git`, or `none` with the reason.'),
    reason: maybeText.describe('Why there is no commit.'),
    sha: maybeText.describe('The commit that was checked out.'),
    branch: maybeText.describe('The branch; null where HEAD is detached.'),
    describe: maybeText.describe('What `git describe` called it.'),
    dirty: z.boolean().nullable().describe('Whether there were uncommitted changes.'),
    tree_digest: sha256
      .nullable()
      .describe('Digest of `code.sha256`, which lists every file of the work tree with its own.'),
    remote_url: maybeText.describe('Where the repository came from, without credentials.'),
    files: maybeCount.describe('Files in that list.'),
    bytes: maybeCount.describe('Their size together.'),
    seconds: maybeNumber.describe('What making the list cost.'),
    patch: patchSchema.nullable().describe('`code.patch`, the uncommitted changes; null where there are none.'),
    notes: z.array(text).describe('What is worth knowing besides, such as what could not be recorded.'),
  });

  const resourceRequestSchema = z.strictObject({
    location: z.enum(['local', 'slurm']).describe('Where the design wants the run.'),
    time: maybeText.describe('Time limit as the design writes it.'),
    time_seconds: maybeCount.describe('The same in seconds.'),
    memory: maybeText.describe('Memory as the design writes it.'),
    memory_mb: maybeCount.describe('The same in MiB.'),
    cpus: maybeCount.describe('Processors.'),
    gpu_count: count.describe('GPUs.'),
    gpu_type: maybeText.describe('Kind of GPU.'),
    partition: maybeText.describe('Slurm partition; null means the default of the cluster.'),
    qos: maybeText.describe('Slurm quality of service.'),
    account: maybeText.describe('Slurm account.'),
    constraint: maybeText.describe('Features that a Slurm node must have.'),
    nodes: maybeCount.describe('Nodes.'),
    ntasks: maybeCount.describe('Tasks.'),
    exclude: maybeText.describe('Slurm nodes to avoid.'),
    reservation: maybeText.describe('Slurm reservation.'),
    nice: z.number().int().nullable().describe('Adjustment of the Slurm priority.'),
    requeue: z.boolean().describe('Whether Slurm may start the job again.'),
  });

  const usageSchema = z.strictObject({
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

  const verifierResultSchema = z.strictObject({
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

  const stepSchema = z.strictObject({
    name: text.describe('The step.'),
    status: z.enum(['running', 'done', 'failed', 'skipped']).describe('How it stands.'),
    reason: maybeText.describe('Why it was skipped, or how it failed.'),
    began: at.nullable().describe('When it was begun.'),
    ended: at.nullable().describe('When it ended.'),
    attempts: count.describe('How often it was begun.'),
  });

  const taskSchema = z.strictObject({
    task_id: text.describe('The task.'),
    stage: maybeText.describe('The stage that it is mapped to.'),
    source: maybeText.describe('Where it comes from.'),
    text: text.describe('What is to be done.'),
  });

  const syncDirectionSchema = z.strictObject({
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
    completed_at: at.nullable().describe('The run was closed.'),
  });

  const RUN_STATUSES = ['pending', 'submitted', 'running', 'synced', 'completed', 'failed', 'partial'] as const;

  const outcomeSchema = z.enum(['completed', 'needs_retry', 'cancelled', 'human_review']);

  return z.strictObject({
    schema_version: z.literal('1.0').describe('The version of this format.'),
    run_id: text.describe('The run.'),
    iteration_id: text.describe('The iteration: `experiments/<iteration_id>/`.'),
    experiment_id: text.describe('The entry of the backlog.'),
    status: z.enum(RUN_STATUSES).describe('How far the run is; `synced`: its files are here and not yet verified.'),
    outcome: outcomeSchema.nullable().describe('How it ended; null while it goes on.'),
    code: maybeText.describe('Why, by a code of docs/error-codes.md.'),
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
    job_id: maybeText.describe('The Slurm job as it was submitted and stands in the ledger; null for a local run.'),
    slurm: slurmSchema.nullable().describe('The job, and how it went; null for a local run.'),
    local: localSchema.nullable().describe('How the process went; null before it started.'),
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
    timestamps: timestampsSchema.describe('When it happened.'),
    steps: z.array(stepSchema).describe('The steps, in their order.'),
    journal: z
      .strictObject({
        lines: count.describe('Lines of the journal.'),
        head: sha256.describe('Digest of its last line.'),
      })
      .describe('The journal that this is the projection of.'),
    autolab_version: text.describe('The version that opened the run.'),
  });
}

let made: ReturnType<typeof make> | undefined;

/** Made when it is asked for: few records need it, and to make it takes longer than to read one. */
export function manifestSchemaOfFormat1(): ReturnType<typeof make> {
  made ??= make();
  return made;
}

export type ManifestOfFormat1 = z.infer<ReturnType<typeof make>>;
