/**
 * Every way in which autolab can end, by its stable code. `docs/reference/error-codes.md` is generated from this table
 * and from `run/outcome.ts`, which says where each code leads.
 */

/** Who can fix it: the caller, the machine or cluster, or us. */
export type Blame = 'user' | 'site' | 'bug' | 'none';

export interface CatalogEntry {
  readonly blame: Blame;
  /** What happened, in general; messages at the place add the particulars. */
  readonly summary: string;
  /** What to do now. */
  readonly hint: string;
}

// A table: one row a line.
// prettier-ignore
export const CATALOG = {
  // Good ends
  'ok': { blame: 'none', summary: 'Success.', hint: 'Nothing to do.' },
  'run.completed': { blame: 'none', summary: 'The run completed and everything was verified.', hint: 'Read the metrics: `autolab extract`.' },
  'run.submitted': { blame: 'none', summary: 'The run is running in the background.', hint: 'Follow it: `autolab logs -f`. Finish it: `autolab resume`.' },
  'run.cancelled': { blame: 'user', summary: 'The user cancelled the run.', hint: 'Start a new run: `autolab launch`.' },
  'run.accepted': { blame: 'user', summary: 'A reviewer accepted the run as it is.', hint: 'Read its metrics: `autolab extract`.' },
  'review.approved': { blame: 'none', summary: 'The experiment is approved.', hint: 'Launch it: `autolab launch`.' },
  'review.rejected': { blame: 'none', summary: 'The experiment is rejected.', hint: 'Do what the note says; then `autolab advance`.' },
  'run.none_active': { blame: 'none', summary: 'There is no active run.', hint: 'Start one: `autolab launch`.' },

  // The call itself
  'usage': { blame: 'user', summary: 'Invalid arguments.', hint: 'See `autolab --help`.' },
  'internal': { blame: 'bug', summary: 'Internal error: autolab has a bug.', hint: 'Repeat it with --verbose and report the output; the run is safe.' },
  'interrupted': { blame: 'user', summary: 'Interrupted.', hint: 'Continue: `autolab resume`. Stop the run: `autolab cancel`.' },

  // Guards: nothing was written
  'project.not_found': { blame: 'user', summary: 'There is no autolab project here.', hint: 'Create one with `autolab init`, or name one with -C DIR.' },
  'project.read_only': { blame: 'site', summary: 'The project is not writable.', hint: 'Check permissions and free space of the folder named above.' },
  'state.missing': { blame: 'user', summary: '.autolab/state.json is missing.', hint: 'Restore it from version control, or run `autolab init`.' },
  'state.invalid': { blame: 'user', summary: '.autolab/state.json is invalid.', hint: 'Fix the problems listed above, or restore the file from version control.' },
  'state.wrong_stage': { blame: 'user', summary: 'The workflow is not at the stage `launch`.', hint: 'Complete the current stage first: `autolab next`.' },
  'state.human_review': { blame: 'user', summary: 'All attempts are used up; a reviewer must decide.', hint: 'Decide: `autolab review pass|retry|stop --by WHO --note TEXT`. After `retry`, `autolab launch` continues an open run.' },
  'stage.incomplete': { blame: 'user', summary: 'The stage is not done: something that it must leave is missing or invalid.', hint: 'Fix the problems listed above, then: `autolab advance`.' },
  'stage.other_command': { blame: 'user', summary: 'Another command moves the workflow on from here.', hint: 'See: `autolab next`.' },
  // Stages that an agent does
  'agent.not_started': { blame: 'user', summary: 'The agent could not be started.', hint: 'Correct `command` in .autolab/agent.yaml; then: `autolab run`.' },
  'agent.failed': { blame: 'user', summary: 'The agent failed.', hint: 'Read its log; then: `autolab run`.' },
  'agent.timeout': { blame: 'user', summary: 'The agent reached its time limit and was ended.', hint: 'Raise `timeout` in .autolab/agent.yaml, or give it less to do; then: `autolab run`.' },
  'agent.out_of_scope': { blame: 'user', summary: 'The agent changed files outside of its scope; they were put back.', hint: 'See what it did there; widen `edit_scope` in .autolab/agent.yaml if it may; then: `autolab run`.' },
  'agent.not_done': { blame: 'user', summary: 'The agent ended, and the stage is not done.', hint: 'Fix the problems listed above, or try again: `autolab run`.' },
  'agent.left': { blame: 'user', summary: 'An `autolab run` was killed while its agent worked.', hint: 'End what is left of it, and put its changes back: `autolab run --until STAGE`.' },
  'state.not_in_review': { blame: 'user', summary: 'The workflow is not at `human_review`.', hint: 'Nothing to decide; see `autolab next`.' },
  'state.changed': { blame: 'user', summary: '.autolab/state.json changed during the run; autolab left it alone.', hint: 'Make the change printed above by hand, if it is still right.' },
  'positions.invalid': { blame: 'user', summary: '.autolab/positions.json is invalid.', hint: 'Fix the problems listed above, or restore the file from version control. Without the file, each other experiment begins with its first stage that lacks something.' },
  'backlog.missing': { blame: 'user', summary: '.autolab/backlog.yaml is missing.', hint: 'Restore it from version control, or run `autolab init`.' },
  'backlog.invalid': { blame: 'user', summary: '.autolab/backlog.yaml is invalid.', hint: 'Fix the problems listed above.' },
  'backlog.closed': { blame: 'user', summary: 'The experiment is closed.', hint: 'Re-open it: `autolab backlog reopen ID --by WHO --note TEXT`.' },
  'backlog.no_match': { blame: 'user', summary: 'No backlog entry matches the iteration.', hint: 'Add an experiment: `autolab new ID -- COMMAND`. If there is one: `autolab focus ID`.' },
  'backlog.several_matches': { blame: 'user', summary: 'Several backlog entries match the iteration.', hint: 'Keep one entry with these ids in .autolab/backlog.yaml.' },
  'backlog.not_closed': { blame: 'user', summary: 'The experiment is not closed.', hint: 'Nothing to re-open.' },
  'experiment.exists': { blame: 'user', summary: 'There is an experiment with this id already.', hint: 'Choose another id: `autolab new ID`.' },
  'experiment.incomplete': { blame: 'user', summary: 'The experiment lacks what a launch needs.', hint: 'Bring what is missing, then repeat the command; without --launch the experiment is made as it is.' },
  'iteration.elsewhere': { blame: 'user', summary: 'The iteration is not in the folder of its id under `experiments/`.', hint: 'Link it as shown above.' },
  'path.unsafe_id': { blame: 'user', summary: 'An id is not safe in a path.', hint: 'Use letters, digits, dot, underscore and hyphen; begin with a letter or digit.' },
  'path.escapes': { blame: 'user', summary: 'A path leads out of the project.', hint: 'Remove the symbolic link named above, or move the project to its target.' },
  'run.exists': { blame: 'user', summary: 'A run with this id already exists.', hint: 'Omit --run-id, or choose another id.' },
  'run.not_found': { blame: 'user', summary: 'There is no such run.', hint: 'List the runs: `autolab runs --all`.' },
  'journal.corrupt': { blame: 'site', summary: 'The journal of the run is corrupt.', hint: 'Restore it from a backup, or abandon the run, which keeps the journal: `autolab cancel --force --by WHO --note WHY`' },
  'journal.newer': { blame: 'user', summary: 'A newer autolab wrote the journal.', hint: 'Use the version named above.' },
  'git.dirty': { blame: 'user', summary: 'The work tree has uncommitted changes, and launch.yaml requires a clean one.', hint: 'Commit them, or set require_clean_tree: false in .autolab/launch.yaml.' },
  'git.failed': { blame: 'user', summary: 'git is there and does not answer for the repository of the project.', hint: 'Fix what git says; `git status` says it, too. Then launch again.' },
  'code.scope': { blame: 'user', summary: 'The repository of the project is too large to be its code.', hint: 'If only the project folder is code, write to .autolab/launch.yaml: code: {scope: project}' },
  'inputs.missing': { blame: 'user', summary: 'Data that the design names under `inputs` are not where the run would look for them.', hint: 'Put the data there, or correct `inputs` in the design; then: `autolab launch`.' },
  'inputs.unreadable': { blame: 'site', summary: 'Data that the design names under `inputs` cannot be read.', hint: 'Remove or rename them, or make them readable; then: `autolab launch`.' },
  'code.snapshot': { blame: 'user', summary: 'The snapshot of the code could not be made.', hint: 'Let git ignore files that grow meanwhile, then launch again.' },
  'git.required': { blame: 'user', summary: 'launch.yaml requires a clean git work tree, and this is not one.', hint: 'Commit to a git repository, or set require_clean_tree: false in .autolab/launch.yaml.' },

  // Problems in files (the code of a single problem)
  'file.missing': { blame: 'user', summary: 'A required file is missing.', hint: 'Create it; docs/reference/files.md describes it.' },
  'file.not_a_file': { blame: 'user', summary: 'This is not a regular file.', hint: 'Move it away and put the file there.' },
  'file.unreadable': { blame: 'site', summary: 'A file is not readable.', hint: 'Check its permissions.' },
  'file.too_large': { blame: 'user', summary: 'A file is too large.', hint: 'Put data elsewhere; this file is for settings.' },
  'file.binary': { blame: 'user', summary: 'A file is not UTF-8 text.', hint: 'Save it as UTF-8.' },
  'file.empty': { blame: 'user', summary: 'A file is empty.', hint: 'Fill it in; docs/reference/files.md has the keys.' },
  'file.syntax': { blame: 'user', summary: 'Syntax error.', hint: 'Fix it at the named place.' },
  'file.duplicate_key': { blame: 'user', summary: 'Duplicate key.', hint: 'Keep one.' },
  'file.alias_bomb': { blame: 'user', summary: 'YAML aliases expand too far.', hint: 'Write the values out.' },
  'file.changed': { blame: 'user', summary: 'A file changed or vanished while it was read.', hint: 'Stop what writes to it, then repeat the command.' },
  'file.bad_name': { blame: 'user', summary: 'A file name is not UTF-8.', hint: 'Rename it; records hold UTF-8 only.' },
  'value.missing': { blame: 'user', summary: 'A required value is missing.', hint: 'Add it.' },
  'value.type': { blame: 'user', summary: 'A value has the wrong type.', hint: 'Write it as the problem says.' },
  'value.invalid': { blame: 'user', summary: 'A value is not allowed.', hint: 'Write an allowed one.' },
  'value.conflict': { blame: 'user', summary: 'Two values contradict each other.', hint: 'Keep one.' },
  'value.unknown_key': { blame: 'user', summary: 'Unknown key.', hint: 'Check its spelling.' },
  'value.control_character': { blame: 'user', summary: 'A value contains control characters.', hint: 'Remove them.' },
  'value.not_used': { blame: 'user', summary: 'A value is set but not used.', hint: 'Set it where the message says, or remove it.' },
  'placeholder.unknown': { blame: 'user', summary: 'Unknown name in double braces.', hint: 'Use one that the message lists.' },
  'placeholder.unresolved': { blame: 'user', summary: 'A name in double braces has no value.', hint: 'Give it one where the message says.' },

  // Gate: the workflow goes back
  'design.invalid': { blame: 'user', summary: 'design.yaml is invalid.', hint: 'Fix the problems listed above; `autolab next` says how to continue.' },
  'design.id_mismatch': { blame: 'user', summary: 'design.yaml is for another iteration.', hint: 'Make iteration_id in design.yaml and .autolab/state.json agree; `autolab next` says how to continue.' },
  'review.missing': { blame: 'user', summary: 'The review result is missing or unreadable.', hint: 'Review the experiment, then approve it: `autolab approve --by WHO`.' },
  'review.not_passed': { blame: 'user', summary: 'The review did not pass.', hint: 'Do what the review asks for; then `autolab advance`, and `autolab approve --by WHO`.' },
  'review.check_failed': { blame: 'user', summary: 'A required check of the review failed.', hint: 'Fix what the check found; then `autolab advance`, and `autolab approve --by WHO`.' },
  'review.blocking_findings': { blame: 'user', summary: 'The review has blocking findings.', hint: 'Resolve them; then `autolab advance`, and `autolab approve --by WHO`.' },
  'review.stale': { blame: 'user', summary: 'What the review approved has changed since.', hint: 'Approve it again: `autolab approve --by WHO`.' },
  'review.four_eyes': { blame: 'user', summary: 'The author approved their own work, and launch.yaml asks for four eyes.', hint: 'Have another person approve it: `autolab approve --by WHO`.' },
  'review.unsigned': { blame: 'user', summary: 'The review is not signed, and launch.yaml asks for a signature.', hint: 'Sign it: `autolab approve --by WHO --key FILE`.' },
  'review.bad_signature': { blame: 'user', summary: 'The signature of the review does not count.', hint: 'Approve it again, as one whom the file of signers names: `autolab approve --by WHO --key FILE`.' },
  'review.signers': { blame: 'user', summary: 'The file of the keys that may approve is not usable.', hint: 'Fix it, and commit it; docs/how-to/approve.md shows how.' },
  'review.no_ssh_keygen': { blame: 'user', summary: 'Signatures cannot be checked without ssh-keygen.', hint: 'Install OpenSSH 8.1 or newer, so that `ssh-keygen` is found; then repeat the command.' },
  'approval.check_failed': { blame: 'user', summary: 'A check of `approve` failed.', hint: 'Fix what it found; then `autolab advance`, and `autolab approve --by WHO`.' },
  'approval.changed': { blame: 'user', summary: 'The project changed while it was approved; nothing was written.', hint: 'Look at it again: `autolab approve --by WHO`.' },
  'approval.cannot_sign': { blame: 'user', summary: 'The approval could not be signed; nothing was written.', hint: 'Name a key that may approve: `autolab approve --by WHO --key FILE`.' },
  'environment.invalid': { blame: 'user', summary: 'docs/environment.md has no usable activation block.', hint: 'Add a heading that contains "Activation" with a fenced bash block below it.' },
  'config.invalid': { blame: 'user', summary: 'A configuration file is invalid.', hint: 'Fix the problems listed above.' },
  'host.conflict': { blame: 'user', summary: 'The design asks for another host type than this one.', hint: 'Change compute.location in design.yaml, or launch from such a host; `autolab next` says how to continue.' },
  'host.unresolved': { blame: 'site', summary: 'Could not detect the host type.', hint: 'Run the probes by hand; when they work: `autolab launch`.' },
  'host.probe_hung': { blame: 'site', summary: 'A host probe did not answer in time.', hint: 'Run the probe by hand; when it answers: `autolab launch`.' },
  'host.not_on_path': { blame: 'user', summary: "Slurm's commands are not usable from this shell, on a host that looks like a Slurm site.", hint: 'Load them (`module load slurm`?), or name the command in `setup` of .autolab/launch.yaml; launch again.' },
  'host.setup_failed': { blame: 'user', summary: 'The setup commands of this host failed.', hint: 'Run them by hand, fix `setup` in .autolab/launch.yaml or the profile, launch again.' },
  'host.other_cluster': { blame: 'user', summary: 'A variable of your shell names another Slurm cluster than the one that answers.', hint: 'Unset the variable, or name the cluster in the design: `compute.cluster`.' },
  'host.memory_not_enforceable': { blame: 'site', summary: 'The memory limit of a local run cannot be enforced on this host.', hint: 'Turn lingering on (`loginctl enable-linger`), start autolab in a scope of its own (`systemd-run --user --scope --property=Delegate=yes autolab launch`), or set local: {enforce_memory: false} in .autolab/launch.yaml.' },
  'remote.unreachable': { blame: 'site', summary: "The profile's launch host is unreachable.", hint: 'Run `autolab remote check`; when it passes: `autolab launch`.' },
  'remote.lost': { blame: 'site', summary: 'The launch host does not answer; the run continues there.', hint: 'Nothing was repeated. When `autolab remote check` passes: `autolab resume`.' },
  'remote.denied': { blame: 'user', summary: 'The launch host denies access.', hint: 'Make `ssh HOST true` work without a question (key, agent, ControlMaster); launch again.' },
  'remote.host_key': { blame: 'user', summary: "The launch host's key is unknown, or not the known one.", hint: 'Compare it with what the site publishes, accept it with `ssh HOST`, launch again.' },
  'remote.path': { blame: 'site', summary: 'The folder for runs on the launch host is not usable.', hint: 'Create it, or fix remote_repo_root in .autolab/remote_profiles.yaml; launch again.' },
  'remote.tools': { blame: 'site', summary: 'The launch host lacks programs that a run needs.', hint: 'Install them, or load them in `setup` of the profile; launch again.' },
  'remote.git_mode': { blame: 'user', summary: 'Mode `git` does not support this repository.', hint: 'Set mode: rsync in .autolab/remote_profiles.yaml; it sends files as they are.' },
  'todo.open': { blame: 'user', summary: 'Tasks mapped to `launch` are open.', hint: 'Do them and mark each with `autolab todo done ID`, or launch with --allow-open-todo.' },
  'prompt.invalid': { blame: 'user', summary: 'The prompt template is invalid.', hint: 'Fix the names listed above.' },
  'script.invalid': { blame: 'user', summary: 'The launch script breaks the rules.', hint: 'Fix the problems listed above, or delete the script: autolab makes a new one.' },
  'script.too_long': { blame: 'user', summary: 'The launch script exceeds its line limit.', hint: 'Move code from the script into a file.' },

  // One run, one driver
  'lease.held': { blame: 'user', summary: 'Another autolab process is at work in this project.', hint: 'Wait, or follow it: `autolab status`, `autolab logs -f`.' },
  'lease.other_host': { blame: 'user', summary: 'An autolab process on another host is at work in this project.', hint: 'Continue there; if that process is dead: `autolab unlock --run ID`.' },
  'lease.fresh': { blame: 'user', summary: "The process that holds the project gave a sign of life a moment ago.", hint: 'Stop that process, or repeat this a minute after its end.' },
  'lease.lost': { blame: 'user', summary: 'Another autolab process took over this run.', hint: 'Follow it: `autolab status`.' },
  'run.copied': { blame: 'user', summary: 'This project is a copy; its active run belongs to the original.', hint: 'Continue in the original. To launch here, abandon the record in this copy, not the run: `autolab cancel --force --by WHO --note WHY`' },
  'project.moved': { blame: 'user', summary: 'The project was moved or removed while autolab worked in it.', hint: 'What was started continues. In the new place: `autolab resume`' },
  'run.other_active': { blame: 'user', summary: 'Another run is active.', hint: 'Finish it with `autolab resume`, or stop it with `autolab cancel`.' },

  // How a local run can end
  'local.failed': { blame: 'user', summary: 'The entrypoint failed.', hint: 'Read `autolab logs`, fix it, launch again.' },
  'local.signal': { blame: 'user', summary: 'A signal ended the entrypoint.', hint: 'Read `autolab logs`, find the sender, launch again.' },
  'local.timeout': { blame: 'user', summary: 'The run reached its time limit and was stopped.', hint: 'Raise compute.time in design.yaml, or make the run shorter; launch again.' },
  'local.out_of_memory': { blame: 'user', summary: 'The kernel killed the run: out of memory.', hint: 'Raise compute.memory in design.yaml, or make the run smaller; launch again.' },
  'local.lost': { blame: 'site', summary: 'The run was lost: the process that supervised it is gone, and left no record of its end.', hint: 'Read `autolab logs`; launch again.' },
  'local.terminated': { blame: 'site', summary: "A signal stopped the run's supervisor, which ended the run.", hint: 'Find out who did (a shutdown?); launch again.' },
  'local.start_failed': { blame: 'site', summary: 'The entrypoint could not be started.', hint: 'Fix what the message names; launch again.' },
  'local.inputs_changed': { blame: 'user', summary: 'The data changed between the launch and the start of the run.', hint: 'Restore the data, or approve them as they are: `autolab approve --by WHO`; then: `autolab launch`.' },
  'local.code_changed': { blame: 'user', summary: 'The code changed between the check and the start of the run.', hint: 'Let git ignore what grows meanwhile, list it under code: {ignore: […]} in .autolab/launch.yaml, or set code: {run_from: snapshot}; launch again.' },
  'local.not_started': { blame: 'user', summary: 'The activation ended before the entrypoint started.', hint: 'Fix the activation in docs/environment.md; launch again.' },
  // How a Slurm run can end
  'slurm.refused': { blame: 'user', summary: 'The site refused the job; nothing ran.', hint: "Change in design.yaml what Slurm's words name; `autolab next` says how to continue." },
  'slurm.not_run': { blame: 'site', summary: 'sbatch did not start; nothing was submitted.', hint: 'Run `sbatch --version` on the launch host; launch again.' },
  'slurm.submit_lost': { blame: 'site', summary: "sbatch's answer was lost and no job was found; a late copy will not run.", hint: 'Launch again for a new run.' },
  'slurm.unreachable': { blame: 'site', summary: 'The Slurm controller does not answer.', hint: 'Nothing was repeated. When `squeue` answers: `autolab resume`.' },
  'slurm.other_cluster': { blame: 'user', summary: "Another Slurm cluster answers than the run's.", hint: 'Nothing was repeated. Set SLURM_CONF, load the module or log in as for the launch, then: `autolab resume`.' },
  'slurm.undetermined': { blame: 'site', summary: 'The job has left the queue, and its end is unknown.', hint: 'When `sacct` answers: `autolab resume`. Or abandon the run: `autolab cancel --force --by WHO --note WHY`.' },
  'slurm.failed': { blame: 'user', summary: 'The job failed.', hint: 'Read `autolab logs`, fix it, launch again.' },
  'slurm.start_failed': { blame: 'site', summary: 'Slurm could not start the job on its node.', hint: 'Report the node to your site (`sinfo -R`); name it in compute.exclude, or launch again.' },
  'slurm.signal': { blame: 'user', summary: 'A signal ended the job or one of its tasks.', hint: 'Read `autolab logs`, fix the cause, launch again.' },
  'slurm.timeout': { blame: 'user', summary: 'The job reached its time limit and was ended.', hint: 'Raise compute.time in design.yaml, or make the run shorter; launch again.' },
  'slurm.out_of_memory': { blame: 'user', summary: 'The job or one of its processes was killed: out of memory.', hint: 'Raise compute.memory in design.yaml, or make the run smaller; launch again.' },
  'slurm.cancelled': { blame: 'user', summary: 'The job, or its step that is the run, was cancelled, not by autolab.', hint: 'Find out who cancelled it (`scancel`, an administrator, a preemption); launch again.' },
  'slurm.node_fail': { blame: 'site', summary: 'A node of the job failed.', hint: 'Launch again; if it is always the same node, name it in compute.exclude.' },
  'slurm.preempted': { blame: 'site', summary: 'The job was preempted.', hint: 'Launch again, if possible in a partition or QOS without preemption.' },
  'slurm.boot_fail': { blame: 'site', summary: "The job's nodes did not boot.", hint: 'Launch again; tell the site if it happens often.' },
  'slurm.deadline': { blame: 'user', summary: 'The job was ended at its deadline.', hint: 'Remove the deadline or request less time; launch again.' },
  'slurm.revoked': { blame: 'site', summary: 'The federation of clusters revoked the job.', hint: 'Find the job on the cluster that took it; launch again.' },
  'slurm.unknown_state': { blame: 'site', summary: 'The job ended in an unknown state.', hint: 'See the answer of `sacct` in logs/; launch again.' },
  'slurm.inputs_changed': { blame: 'user', summary: 'The data changed between the launch and the start of the job, or the node does not see them.', hint: 'Restore the data, or approve them as they are: `autolab approve --by WHO`; then: `autolab launch`.' },
  'slurm.code_changed': { blame: 'user', summary: 'The code changed between the approval and the start of the job.', hint: 'Restore it, approve it again (`autolab approve --by WHO`), let git ignore what grows meanwhile, or set code: {run_from: snapshot}; launch again.' },
  'slurm.not_started': { blame: 'user', summary: 'The job ended before the entrypoint started.', hint: 'Fix the activation in docs/environment.md; launch again.' },
  'slurm.starts_differ': { blame: 'user', summary: 'The entrypoint started another number of times than the design says.', hint: 'Check how the launch script starts it, and compute.nodes and compute.ntasks; launch again.' },
  'slurm.not_owner': { blame: 'site', summary: 'The job left at its start: another copy of it owns the run, or no copy may run.', hint: 'See receipt/claim for the owner; launch again.' },

  'slurm.end_unknown': { blame: 'site', summary: 'The controller lost a start of the job in a crash; how it ended is unknown.', hint: 'Read logs and outputs in the run folder; launch again.' },
  'slurm.vanished': { blame: 'site', summary: 'The controller lost the job before it started.', hint: 'Nothing ran; launch again.' },

  // The state of a run
  'run.undetermined': { blame: 'site', summary: "The run's state is unknown.", hint: 'Nothing was repeated. Ask again: `autolab resume`.' },
  'run.still_going': { blame: 'none', summary: 'The run is still running.', hint: 'Follow it: `autolab logs -f`. Wait again: `autolab resume`.' },
  'run.not_recorded': { blame: 'site', summary: 'A file of the open run could not be read or written.', hint: 'Check permissions and free space of what is named above; then: `autolab resume`, or `autolab cancel`.' },
  'run.abandoned': { blame: 'user', summary: 'The run was abandoned.', hint: 'Launch again for a new run.' },
  'run.moved': { blame: 'user', summary: 'The project was moved before the run started.', hint: 'Launch again: `autolab launch`' },
  'run.not_abandonable': { blame: 'user', summary: 'The run cannot be abandoned: it is alive, or its state can be determined.', hint: 'Stop it: `autolab cancel`.' },

  // After the run
  'sync.failed': { blame: 'site', summary: 'The outputs did not arrive here.', hint: 'See the diagnosis in the manifest; retry the transfer: `autolab launch`.' },
  'sync.send_failed': { blame: 'site', summary: 'The code did not arrive on the launch host.', hint: 'See the diagnosis in the manifest (sync.to_remote); retry the transfer: `autolab launch`.' },
  'sync.unstable': { blame: 'user', summary: 'Files of the run still change on the remote host.', hint: 'Stop what writes to them, then: `autolab launch`.' },
  'sync.not_ok': { blame: 'user', summary: "The run's outputs are not here and verified.", hint: 'Launch again after `autolab review retry --by WHO --note TEXT`, or stop here: `autolab review stop --by WHO --note TEXT`.' },
  'tasks.changed': { blame: 'site', summary: 'The list of the run\'s tasks is not the one that was approved.', hint: 'Launch again: `autolab launch`.' },
  'tasks.failed': { blame: 'user', summary: 'Not all tasks completed.', hint: 'See which: `autolab tasks --failed`. Fix the cause, then run only these: `autolab launch --failed-only`.' },
  'tasks.unfinished': { blame: 'site', summary: 'Not all tasks completed, and the tasks are not at fault.', hint: 'See which: `autolab tasks --failed`. Run only these: `autolab launch --failed-only`.' },
  'tasks.not_started': { blame: 'user', summary: 'The task was not started.', hint: 'Run it: `autolab launch --failed-only`.' },
  'tasks.end_unknown': { blame: 'site', summary: 'The task began, and nothing says how it ended.', hint: 'Read its log: `autolab logs --task N`. Run it again: `autolab launch --failed-only`.' },
  'tasks.none': { blame: 'user', summary: 'The design has one task, so there are no others to take over.', hint: 'Launch it: `autolab launch`.' },
  'tasks.no_earlier_run': { blame: 'user', summary: 'No run of this iteration with tasks has ended, so there is none to take over from.', hint: 'Run all tasks: `autolab launch`.' },
  'tasks.nothing_to_reuse': { blame: 'user', summary: 'No task of the last run can be taken over.', hint: 'Run all tasks: `autolab launch`.' },
  'tasks.all_completed': { blame: 'user', summary: 'All tasks of the last run completed.', hint: 'Run all of them again: `autolab launch`.' },
  'tasks.unreadable': { blame: 'user', summary: "The record of the run's tasks is missing, or was changed.", hint: 'See what else differs: `autolab verify`.' },
  'tasks.artifact_missing': { blame: 'user', summary: 'The task left no required artifact.', hint: 'Read its log: `autolab logs --task N`. Fix the cause, then: `autolab launch --failed-only`.' },
  'artifacts.missing': { blame: 'user', summary: 'A required artifact is missing.', hint: 'A run does not read the design again. End it: `autolab cancel`; fix entrypoint or design, launch again. Once the attempts are used up, a reviewer can accept it as it is: `autolab review pass --by WHO --note TEXT`. What is put there by hand is recorded as added after the end.' },
  'verify.failed': { blame: 'user', summary: 'The run failed its verification.', hint: 'See `autolab verify`; fix it, then `autolab resume`; or end the run: `autolab cancel`.' },
  'manifest.differs': { blame: 'user', summary: 'The manifest is not the projection of its journal.', hint: 'Find out what changed it; `autolab manifest RUN` prints what it should be.' },

  // Pages
  'report.differs': { blame: 'user', summary: 'The page is not the one that its record gives.', hint: 'If the record is as it was, the page was edited. Make it again: `autolab report RUN`' },
  'report.missing': { blame: 'user', summary: 'There is no page.', hint: 'Make it: `autolab report RUN`' },
  'report.other_layout': { blame: 'none', summary: 'The page has another layout than this autolab makes, so it was not compared.', hint: 'Make it again: `autolab report RUN`' },
  'report.in_the_way': { blame: 'user', summary: 'What is in the place of the page was not made by autolab; it was left alone.', hint: 'Write the page elsewhere: `autolab report RUN --output FILE`' },

  // The code that ran
  'code.not_recorded': { blame: 'user', summary: 'The run has no usable record of its code.', hint: 'Only the code of a run in a git repository, with its code.sha256, can be rebuilt.' },
  'code.exists': { blame: 'user', summary: 'The folder for the code is not empty.', hint: 'Nothing was overwritten. Name another one: `autolab code RUN --checkout DIR`.' },
  'code.incomplete': { blame: 'user', summary: 'Some of the code that ran cannot be rebuilt here.', hint: 'Do what the reasons say (`--json`: `missing`), then rebuild into another folder.' },

  // Results
  'run.not_completed': { blame: 'user', summary: 'The run did not complete, so it has no results.', hint: 'List the runs: `autolab runs --all`.' },
  'metrics.missing': { blame: 'user', summary: 'The run left no metrics file, or a metric of the design is not in it.', hint: 'Correct `metrics` in design.yaml, then `autolab extract`; or repeat the run.' },
  'metrics.invalid': { blame: 'user', summary: 'The metrics of the run are not usable.', hint: 'Correct what writes them, and repeat the run; or correct `metrics` in design.yaml, then `autolab extract`.' },
  'metrics.changed': { blame: 'user', summary: 'The metrics file is not the one that the run left.', hint: 'Restore the file, then `autolab extract`; or repeat the run.' },
  'repeat.used_up': { blame: 'user', summary: 'The experiment was repeated as often as max_total_iterations allows; a reviewer must decide.', hint: 'Decide: `autolab review retry|stop --by WHO --note TEXT`.' },
  'backlog.none_open': { blame: 'user', summary: 'No other experiment of the backlog is open.', hint: 'Add one: `autolab new ID`. Or end the work: `autolab decide stop --by WHO --note TEXT`.' },
  'results.invalid': { blame: 'user', summary: 'A file with results is damaged.', hint: 'Fix the problems listed above.' },

  // Ledger and tools
  'ledger.no_job_id': { blame: 'user', summary: 'The manifest of this Slurm run has no job id.', hint: 'Only submitted jobs can be listed.' },
  'ledger.invalid': { blame: 'user', summary: 'The ledger or the manifest is invalid.', hint: 'Fix what the message names.' },
  'ledger.mismatch': { blame: 'user', summary: 'Ledger and manifest differ, or the manifest names two jobs.', hint: 'Append the run: `autolab slurm-job-list append`.' },
  'todo.unknown': { blame: 'user', summary: 'There is no such task.', hint: 'List the tasks: `autolab todo list`.' },
  'doctor.failed': { blame: 'site', summary: 'Prerequisites of a launch are missing.', hint: 'Do what the lines marked with a cross say.' },
  'init.exists': { blame: 'user', summary: 'Existing files are in the way of the new project.', hint: 'Nothing was overwritten. Choose another folder, or remove what is named above.' },
} as const satisfies Record<string, CatalogEntry>;

export type Code = keyof typeof CATALOG;

export function isCode(text: string): text is Code {
  return Object.hasOwn(CATALOG, text);
}
