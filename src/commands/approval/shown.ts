import { gitUser, lastAuthor } from '../../code/author.ts';
import type { Look } from '../../plan/look.ts';
import { plannedTasks } from '../../plan/planned-tasks.ts';
import { approvedDigest } from '../../project/approved.ts';
import { joinAuthors } from '../../project/identity.ts';
import { designFileOf } from '../../project/read.ts';
import { withhold } from '../../records/withheld.ts';
import type { ApprovalShown } from './approval-shown.ts';
import type { Checked } from './checks.ts';

export async function showApproval(root: string, look: Look, { checks, opened }: Checked): Promise<ApprovalShown> {
  const { state, experiment } = look.guarded;
  const { approvable: approved, code, remote, wanted } = look;
  return {
    iteration_id: state.iteration_id,
    experiment_id: experiment.id,
    design: designFileOf(state.iteration_id),
    // With tasks, as the design has it: the script's own words for a task say nothing.
    command: (opened?.tasks === undefined ? opened?.entrypoint.template : withhold(opened).opened.command) ?? '',
    resources: opened?.resource_request ?? null,
    host: `${remote?.login_host ?? 'this host'} (${wanted?.kind ?? 'unknown'})`,
    commit: approved.commit,
    uncommitted: code.changed ?? [],
    author: await authorOf(root, look),
    data_inputs: look.inputs.recorded?.inputs ?? [],
    tasks: opened === null ? null : plannedTasks(root, withhold(opened).opened, look.tasks.list),
    approved,
    approved_digest: approvedDigest(approved),
    checks,
  };
}

/** Who wrote what is approved: the last commit's author; and git's user, if something is not committed. */
async function authorOf(root: string, { code }: Look): Promise<string | null> {
  const { lookup, changed } = code;
  const folder = lookup.kind === 'git' ? lookup.base : root;
  const committed = lookup.kind === 'git' ? await lastAuthor(folder) : null;
  const isDirty = committed === null || (changed ?? []).length > 0;
  return joinAuthors([committed ?? '', isDirty ? ((await gitUser(folder)) ?? '') : '']);
}
