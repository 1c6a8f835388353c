import { gitUser, lastAuthor } from '../../code/author.ts';
import type { Look } from '../../plan/look.ts';
import { type Approved, approvedDigest } from '../../project/approved.ts';
import { joinAuthors } from '../../project/identity.ts';
import { designFileOf } from '../../project/read.ts';
import type { ResourceRequest } from '../../records/manifest-schema.ts';
import type { ApprovalCheck } from './check-outcome.ts';
import type { Checked } from './checks.ts';

/** What is approved, as the reviewer sees it before he decides. */
export interface ApprovalShown {
  readonly iteration_id: string;
  readonly experiment_id: string;
  /** Relative to the project root. */
  readonly design: string;
  /** One line for a shell, with its placeholders. */
  readonly command: string;
  readonly resources: ResourceRequest | null;
  /** `local`, or the launch host; with what executes the run. */
  readonly host: string;
  /** null without a commit. */
  readonly commit: string | null;
  /** Relative to the top of the repository: what is not as in the commit. */
  readonly uncommitted: readonly string[];
  /** As git names them; null if it does not. */
  readonly author: string | null;
  readonly approved: Approved;
  readonly approved_digest: string;
  readonly checks: readonly ApprovalCheck[];
}

export async function showApproval(root: string, look: Look, { checks, opened }: Checked): Promise<ApprovalShown> {
  const { state, experiment } = look.guarded;
  const { approvable: approved, code, remote, wanted } = look;
  return {
    iteration_id: state.iteration_id,
    experiment_id: experiment.id,
    design: designFileOf(state.iteration_id),
    command: opened?.entrypoint.template ?? '',
    resources: opened?.resource_request ?? null,
    host: `${remote?.login_host ?? 'this host'} (${wanted?.kind ?? 'unknown'})`,
    commit: approved.commit,
    uncommitted: code.changed ?? [],
    author: await authorOf(root, look),
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
