/**
 * Every way in which autolab can end, by its stable code. `docs/reference/error-codes.md` is generated from this table
 * and from `run/outcome.ts`, which says where each code leads.
 */

/** Who can mend it: the caller, the machine or cluster, or us. */
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
  'ok': { blame: 'none', summary: 'It worked.', hint: 'Nothing to do.' },
  'run.completed': { blame: 'none', summary: 'The run completed and everything was verified.', hint: 'Go on with extract_results.' },
  'run.submitted': { blame: 'none', summary: 'The run was started and goes on by itself; nobody drives it now.', hint: 'Follow it with `autolab logs -f`; finish it with `autolab resume`.' },
  'run.cancelled': { blame: 'user', summary: 'The run was cancelled by a person.', hint: 'Launch again when you want a new run: `autolab launch`.' },
  'run.accepted': { blame: 'user', summary: 'A person accepted the run as it is.', hint: 'Go on with the stage that the state names.' },
  'run.none_active': { blame: 'none', summary: 'There is no active run.', hint: 'Start one with `autolab launch`.' },

  // The words of the call
  'usage': { blame: 'user', summary: 'The words of the call are off.', hint: 'See `autolab --help`.' },
  'internal': { blame: 'bug', summary: 'autolab has a bug.', hint: 'Run it again with --verbose and report what it prints; the journal keeps the run safe.' },
  'interrupted': { blame: 'user', summary: 'Interrupted.', hint: 'Go on with `autolab resume`, or stop the run with `autolab cancel`.' },

  // Guards: nothing was written
  'project.not_found': { blame: 'user', summary: 'There is no autolab project here.', hint: 'Make one with `autolab init`, or name one with -C DIR.' },
  'project.read_only': { blame: 'site', summary: 'The project cannot be written.', hint: 'Check the permissions and free space of the folder that the message names.' },
  'state.missing': { blame: 'user', summary: '.autolab/state.json is missing.', hint: 'Restore it from version control, or make a project with `autolab init`.' },
  'state.invalid': { blame: 'user', summary: '.autolab/state.json cannot be used.', hint: 'Mend what the problems name, or restore the file from version control.' },
  'state.wrong_stage': { blame: 'user', summary: 'The workflow is not at the stage `launch`.', hint: 'Do the stage that the state names first.' },
  'state.human_review': { blame: 'user', summary: 'The attempts are used up; a person must decide.', hint: 'Decide with `autolab review pass|retry|stop --by WHO --note TEXT`. After `retry`, `autolab launch` goes on with a run that is still open, and starts nothing twice.' },
  'state.not_in_review': { blame: 'user', summary: 'The workflow is not at `human_review`.', hint: 'There is nothing to decide; see `autolab status`.' },
  'state.changed': { blame: 'user', summary: 'state.json was changed by somebody else during the run; it was left alone.', hint: 'Make the change that the message prints by hand, if it is still right.' },
  'backlog.missing': { blame: 'user', summary: '.autolab/backlog.yaml is missing.', hint: 'Restore it from version control, or make a project with `autolab init`.' },
  'backlog.invalid': { blame: 'user', summary: '.autolab/backlog.yaml cannot be used.', hint: 'Mend what the problems name.' },
  'backlog.closed': { blame: 'user', summary: 'The experiment is closed.', hint: 'A person re-opens it with `autolab backlog reopen ID --by WHO --note TEXT`.' },
  'backlog.no_match': { blame: 'user', summary: 'No backlog entry matches the iteration.', hint: 'Add the experiment to .autolab/backlog.yaml, or mend the ids in .autolab/state.json.' },
  'backlog.several_matches': { blame: 'user', summary: 'Several backlog entries match the iteration.', hint: 'Leave one entry with these ids in .autolab/backlog.yaml.' },
  'backlog.not_closed': { blame: 'user', summary: 'The experiment is not closed.', hint: 'There is nothing to re-open.' },
  'path.unsafe_id': { blame: 'user', summary: 'An id cannot be used in a path.', hint: 'Use letters, digits, dot, underscore and hyphen, beginning with a letter or digit.' },
  'path.escapes': { blame: 'user', summary: 'A path leads out of the project.', hint: 'Remove the symbolic link that the message names, or move the project to where it points.' },
  'run.exists': { blame: 'user', summary: 'A run with this id exists already.', hint: 'Leave --run-id out, or choose another id.' },
  'run.not_found': { blame: 'user', summary: 'There is no such run.', hint: 'See `autolab runs --all`.' },
  'journal.corrupt': { blame: 'site', summary: 'The journal of the run is damaged.', hint: 'Restore the journal from a backup; or give the run up, which leaves the journal as it is: `autolab cancel --force --by WHO --note WHY`' },
  'journal.newer': { blame: 'user', summary: 'The journal was written by a newer autolab.', hint: 'Use the autolab version that the message names.' },
  'git.dirty': { blame: 'user', summary: 'The work tree has uncommitted changes, and launch.yaml asks for a clean one.', hint: 'Commit them, or set require_clean_tree: false in .autolab/launch.yaml.' },
  'git.required': { blame: 'user', summary: 'launch.yaml asks for a clean git work tree, and this is none.', hint: 'Make it a git repository with a commit, or set require_clean_tree: false in .autolab/launch.yaml.' },

  // Problems in files (the code of a single problem)
  'file.missing': { blame: 'user', summary: 'A file that is needed is missing.', hint: 'Make it; docs/reference/files.md describes it.' },
  'file.not_a_file': { blame: 'user', summary: 'There is something else where a file should be.', hint: 'Move it away and put the file there.' },
  'file.unreadable': { blame: 'site', summary: 'A file cannot be read.', hint: 'Check its permissions.' },
  'file.too_large': { blame: 'user', summary: 'A file is far larger than such a file can be.', hint: 'Put the data elsewhere; this file is for settings.' },
  'file.binary': { blame: 'user', summary: 'A file is not UTF-8 text.', hint: 'Save it as UTF-8 text.' },
  'file.empty': { blame: 'user', summary: 'A file is empty.', hint: 'Fill it in; the documentation shows an example.' },
  'file.syntax': { blame: 'user', summary: 'A file is not well-formed.', hint: 'Mend it at the place that the problem names.' },
  'file.duplicate_key': { blame: 'user', summary: 'A key stands twice.', hint: 'Leave one of them.' },
  'file.alias_bomb': { blame: 'user', summary: 'Aliases of a YAML file expand to far too much.', hint: 'Write the values out.' },
  'file.changed': { blame: 'user', summary: 'A file changed or vanished while it was read.', hint: 'Find out what still writes to it; then call again.' },
  'file.bad_name': { blame: 'user', summary: 'The name of a file is not UTF-8.', hint: 'Rename it; records hold UTF-8 only.' },
  'value.missing': { blame: 'user', summary: 'A value that is needed is missing.', hint: 'Add it.' },
  'value.type': { blame: 'user', summary: 'A value is of the wrong kind.', hint: 'Write it as the problem says.' },
  'value.invalid': { blame: 'user', summary: 'A value is not allowed.', hint: 'Write one that is.' },
  'value.conflict': { blame: 'user', summary: 'Two values contradict each other.', hint: 'Leave one of them.' },
  'value.unknown_key': { blame: 'user', summary: 'A key is not known.', hint: 'Check its spelling.' },
  'value.control_character': { blame: 'user', summary: 'A value contains characters that cannot be used.', hint: 'Remove them.' },
  'value.not_used': { blame: 'user', summary: 'A value is set and not used.', hint: 'Set it where the message says, or remove it.' },
  'placeholder.unknown': { blame: 'user', summary: 'A placeholder is not known.', hint: 'Use one of those that the message lists.' },
  'placeholder.unresolved': { blame: 'user', summary: 'A placeholder has no value.', hint: 'Give it one where the message says.' },

  // Gate: the workflow goes back
  'design.invalid': { blame: 'user', summary: 'design.yaml cannot be used.', hint: 'Mend what the problems name, then have it reviewed again.' },
  'design.id_mismatch': { blame: 'user', summary: 'design.yaml is for another iteration.', hint: 'Make iteration_id in design.yaml and in .autolab/state.json agree.' },
  'review.missing': { blame: 'user', summary: 'The review result is missing or unreadable.', hint: 'Run the implementation review; it writes review_result.json.' },
  'review.not_passed': { blame: 'user', summary: 'The review did not pass.', hint: 'Do what the review asks for, then have it reviewed again.' },
  'review.check_failed': { blame: 'user', summary: 'A required check of the review failed.', hint: 'Mend what the check found, then have it reviewed again.' },
  'review.blocking_findings': { blame: 'user', summary: 'The review has blocking findings.', hint: 'Resolve them, then have it reviewed again.' },
  'environment.invalid': { blame: 'user', summary: 'docs/environment.md has no usable activation block.', hint: 'Add a heading that contains "Activation" with a fenced bash block under it.' },
  'config.invalid': { blame: 'user', summary: 'A configuration file cannot be used.', hint: 'Mend what the problems name.' },
  'host.conflict': { blame: 'user', summary: 'The design asks for another kind of host than this one.', hint: 'Change compute.location in design.yaml, or launch from a host of that kind.' },
  'host.unresolved': { blame: 'site', summary: 'It could not be found out what kind of host this is.', hint: 'See the probes; run them by hand; then launch again.' },
  'host.probe_hung': { blame: 'site', summary: 'A host probe did not answer in time.', hint: 'Run the probe by hand; when it answers, launch again.' },
  'host.not_on_path': { blame: 'user', summary: "Slurm's commands cannot be used from this shell, on a host that looks like a Slurm site.", hint: 'Load them (`module load slurm`?) and launch again, or name the command in `setup` of .autolab/launch.yaml.' },
  'host.setup_failed': { blame: 'user', summary: 'The setup commands of this host failed.', hint: 'Run them by hand, fix `setup` in .autolab/launch.yaml or in the profile, and launch again.' },
  'host.other_cluster': { blame: 'user', summary: 'A variable of the caller asks for another Slurm cluster than the one that answers.', hint: 'Unset the variable, or name the cluster in the design: `compute.cluster`.' },
  'remote.unreachable': { blame: 'site', summary: 'The launch host of the profile cannot be reached.', hint: 'Try `autolab remote check`; when ssh gets through, launch again.' },
  'remote.lost': { blame: 'site', summary: 'The launch host does not answer; the run goes on without us.', hint: 'Nothing was repeated; call again to go on when `autolab remote check` is content.' },
  'remote.denied': { blame: 'user', summary: 'The launch host does not let you in.', hint: 'Make `ssh HOST true` work without a question (key, agent, or log in once with ControlMaster); then launch again.' },
  'remote.host_key': { blame: 'user', summary: 'The key of the launch host is not known, or not the one that is known.', hint: 'Compare the key with what the site publishes, accept it with `ssh HOST`; then launch again.' },
  'remote.path': { blame: 'site', summary: 'The folder for runs on the launch host cannot be used.', hint: 'Make it, or mend remote_repo_root in .autolab/remote_profiles.yaml; then launch again.' },
  'remote.tools': { blame: 'site', summary: 'The launch host lacks programs that a run needs.', hint: 'Have them installed, or name them in `setup` of the profile (for example `module load git`); then launch again.' },
  'remote.git_mode': { blame: 'user', summary: 'The mode `git` cannot carry this repository.', hint: 'Set mode: rsync in .autolab/remote_profiles.yaml; it sends the files as they are.' },
  'todo.open': { blame: 'user', summary: 'Tasks mapped to `launch` are open.', hint: 'Do them and mark them with `autolab todo done ID`, or launch with --allow-open-todo.' },
  'prompt.invalid': { blame: 'user', summary: 'The prompt template cannot be rendered.', hint: 'Mend the placeholders that the problems name.' },
  'script.invalid': { blame: 'user', summary: 'The launch script does not keep the rules.', hint: 'Mend what the problems name, or delete the script to have it made anew.' },
  'script.too_long': { blame: 'user', summary: 'The launch script exceeds its line budget.', hint: 'Move code from the script into a file of the project.' },

  // One run, one driver
  'lease.held': { blame: 'user', summary: 'Another driver holds the active run.', hint: 'Wait for it, or follow it with `autolab status` and `autolab logs -f`.' },
  'lease.other_host': { blame: 'user', summary: 'The active run is held by a driver on another host.', hint: 'Go on there; if that driver is dead: `autolab unlock --run ID`.' },
  'lease.fresh': { blame: 'user', summary: 'The holder of the lease gave a sign of life a moment ago.', hint: 'Stop that driver first, or wait until its heartbeat is old.' },
  'lease.lost': { blame: 'user', summary: 'Another driver took this run over.', hint: 'Follow it with `autolab status`.' },
  'run.copied': { blame: 'user', summary: 'The project is a copy, and its active run belongs to the original.', hint: 'Go on with the run in the original. To launch here, give up its record in this copy, which leaves the run itself alone: `autolab cancel --force --by WHO --note WHY`' },
  'project.moved': { blame: 'user', summary: 'The project was moved or removed while a driver was at work in it.', hint: 'What was started goes on by itself. Go on where the project is now: `autolab resume`' },
  'run.other_active': { blame: 'user', summary: 'Another run is active.', hint: 'Finish it with `autolab resume` or stop it with `autolab cancel`.' },

  // How a local run can end
  'local.failed': { blame: 'user', summary: 'The entrypoint failed.', hint: 'Read its log with `autolab logs`; mend it; launch again.' },
  'local.signal': { blame: 'user', summary: 'The entrypoint was ended by a signal.', hint: 'Read its log with `autolab logs`; find out who sent the signal; launch again.' },
  'local.timeout': { blame: 'user', summary: 'The run reached its time limit and was stopped.', hint: 'Raise compute.time in design.yaml, or make the run shorter; launch again.' },
  'local.out_of_memory': { blame: 'user', summary: 'The kernel killed the run for want of memory.', hint: 'Raise compute.memory in design.yaml, or make the run smaller; launch again.' },
  'local.lost': { blame: 'site', summary: 'The run was lost: its supervisor is gone and left no receipt.', hint: 'See the log for how far it came; launch again for a new run.' },
  'local.terminated': { blame: 'site', summary: 'The supervisor of the run was told to stop, so it ended the run.', hint: 'Find out who did (a shutdown?); launch again.' },
  'local.start_failed': { blame: 'site', summary: 'The entrypoint could not be started.', hint: 'See the message; mend it; launch again.' },
  'local.code_changed': { blame: 'user', summary: 'The code changed between the check and the start of the run.', hint: 'Leave the work tree alone while a launch begins; launch again.' },
  'local.not_started': { blame: 'user', summary: 'The activation ended before the entrypoint was started.', hint: 'Fix the activation in docs/environment.md; launch again.' },
  // How a Slurm run can end
  'slurm.refused': { blame: 'user', summary: 'The site refused the job; nothing was run.', hint: "Change in design.yaml what Slurm's words name, have it reviewed again, and launch." },
  'slurm.not_run': { blame: 'site', summary: 'sbatch could not be started; nothing was submitted.', hint: 'Run `sbatch --version` by hand on the launch host; then launch again for a new run.' },
  'slurm.submit_lost': { blame: 'site', summary: 'The answer of sbatch was lost and no job was found; a copy that turns up later will not run.', hint: 'Launch again for a new run.' },
  'slurm.unreachable': { blame: 'site', summary: 'The Slurm controller does not answer.', hint: 'Nothing was repeated; call again to go on when `squeue` answers.' },
  'slurm.other_cluster': { blame: 'user', summary: 'Another Slurm cluster answers than the one of the run.', hint: 'Nothing was repeated. Set SLURM_CONF (or load the module, or log in) as for the launch, then: autolab resume.' },
  'slurm.undetermined': { blame: 'site', summary: 'The job has left the queue, and nobody can say how it ended.', hint: 'Call again when `sacct` answers; or give the run up with `autolab cancel --force --by WHO --note WHY`.' },
  'slurm.failed': { blame: 'user', summary: 'The job failed.', hint: 'Read its log with `autolab logs`; mend it; launch again.' },
  'slurm.start_failed': { blame: 'site', summary: 'Slurm could not start the job on its node.', hint: 'See `sinfo -R` and report the node to your site; name it in compute.exclude, or launch again.' },
  'slurm.signal': { blame: 'user', summary: 'The job, or a task of it, was ended by a signal.', hint: 'Read its log with `autolab logs`; fix what ended it (a crash, or a signal that was sent to it); launch again.' },
  'slurm.timeout': { blame: 'user', summary: 'The job reached its time limit and was ended.', hint: 'Raise compute.time in design.yaml, or make the run shorter; launch again.' },
  'slurm.out_of_memory': { blame: 'user', summary: 'The job, or a process of it, was killed for want of memory.', hint: 'Raise compute.memory in design.yaml, or make the run smaller; launch again.' },
  'slurm.cancelled': { blame: 'user', summary: 'The job, or the step that is the run, was cancelled, and autolab did not ask for it.', hint: 'Find out who or what cancelled it (`scancel`, an administrator, a preemption); launch again.' },
  'slurm.node_fail': { blame: 'site', summary: 'A node of the job failed.', hint: 'Launch again; where it is always the same node, name it in compute.exclude and tell the site.' },
  'slurm.preempted': { blame: 'site', summary: 'The job was preempted.', hint: 'Launch again, in a partition or QOS that is not preempted where there is one.' },
  'slurm.boot_fail': { blame: 'site', summary: 'The nodes of the job could not be started.', hint: 'Launch again; tell the site where it happens often.' },
  'slurm.deadline': { blame: 'user', summary: 'The job was ended at its deadline.', hint: 'Remove the deadline or ask for less time; launch again.' },
  'slurm.revoked': { blame: 'site', summary: 'The job was revoked by the federation of clusters.', hint: 'Find the job on the cluster that took it; launch again.' },
  'slurm.unknown_state': { blame: 'site', summary: 'The job ended in a state that is not known.', hint: 'See what `sacct` said under logs/; launch again.' },
  'slurm.code_changed': { blame: 'user', summary: 'The code changed between the approval and the start of the job.', hint: 'Put it back or have it reviewed again, and leave the work tree alone while a job is queued; launch again.' },
  'slurm.not_started': { blame: 'user', summary: 'The job ended before the entrypoint was started.', hint: 'Fix the activation in docs/environment.md; launch again.' },
  'slurm.starts_differ': { blame: 'user', summary: 'The entrypoint began another number of times than the design says.', hint: 'Check how the launch script starts the entrypoint, and compute.nodes and compute.ntasks of the design; launch again.' },
  'slurm.not_owner': { blame: 'site', summary: 'The fence kept the job from running: another copy owns the run, or nobody may.', hint: 'See receipt/claim for who does; launch again for a new run.' },

  'slurm.end_unknown': { blame: 'site', summary: 'The controller lost the start of the job in a crash, and Slurm does not say how that start ended.', hint: 'Look at the logs and outputs in the run folder; launch again for a new run.' },
  'slurm.vanished': { blame: 'site', summary: 'The controller lost the job before it began.', hint: 'Nothing was run; launch again for a new run.' },

  // How it stands
  'run.undetermined': { blame: 'site', summary: 'It is not known how the run stands.', hint: 'Nothing was repeated; call again to go on.' },
  'run.still_going': { blame: 'none', summary: 'The run still goes on.', hint: 'Call again to go on waiting; follow it with `autolab logs -f`.' },
  'run.abandoned': { blame: 'user', summary: 'A person gave the run up.', hint: 'Launch again for a new run.' },
  'run.moved': { blame: 'user', summary: 'The project was moved before the run was started.', hint: 'Launch again: `autolab launch`' },
  'run.not_abandonable': { blame: 'user', summary: 'The run cannot be given up: it is known to be alive or how it stands can be found out.', hint: 'Use `autolab cancel`.' },

  // After the run
  'sync.failed': { blame: 'site', summary: 'The artifacts could not be brought back.', hint: 'See the diagnosis in the manifest; call again to retry the transfer.' },
  'sync.send_failed': { blame: 'site', summary: 'The code could not be sent to the launch host.', hint: 'See the diagnosis in the manifest (sync.to_remote); call again to retry the transfer.' },
  'sync.unstable': { blame: 'user', summary: 'Files of the run still change over there.', hint: 'Find out what still writes to them; then call again.' },
  'sync.not_ok': { blame: 'user', summary: 'The artifacts of the run are not here and verified.', hint: 'Launch again after `autolab review retry --by WHO --note TEXT`, or end here with `autolab review stop --by WHO --note TEXT`.' },
  'artifacts.missing': { blame: 'user', summary: 'A required artifact is missing.', hint: 'See what the entrypoint wrote; put the artifact there or mend the design, then `autolab resume`; or give the run up with `autolab cancel`.' },
  'verify.failed': { blame: 'user', summary: 'The run does not pass its verification.', hint: 'See the table of `autolab verify`; mend it, then `autolab resume`; or give the run up with `autolab cancel`.' },
  'manifest.differs': { blame: 'user', summary: 'The manifest is not the projection of its journal.', hint: 'See what changed it; `autolab manifest RUN` prints what the journal says.' },

  // Ledger and tools
  'ledger.no_job_id': { blame: 'user', summary: 'The manifest is of a Slurm run and has no job id.', hint: 'Only a submitted job can be listed; see the manifest.' },
  'ledger.invalid': { blame: 'user', summary: 'The ledger or the manifest cannot be used.', hint: 'Mend what the message names.' },
  'ledger.mismatch': { blame: 'user', summary: 'The ledger does not say what the manifest says.', hint: 'Append the run with `autolab slurm-job-list append`.' },
  'todo.unknown': { blame: 'user', summary: 'There is no such task.', hint: 'See `autolab todo list`.' },
  'doctor.failed': { blame: 'site', summary: 'Something that a launch needs is missing.', hint: 'Do what the lines marked with a cross say.' },
  'init.exists': { blame: 'user', summary: 'There is something in the way of the new project.', hint: 'Nothing was overwritten; choose another folder, or remove what the message names.' },
} as const satisfies Record<string, CatalogEntry>;

export type Code = keyof typeof CATALOG;

export function isCode(text: string): text is Code {
  return Object.hasOwn(CATALOG, text);
}
