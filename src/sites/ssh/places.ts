import { join } from 'node:path';

/** What autolab keeps on a launch host, all below `<remote_repo_root>/.autolab/`. Pure. */

export function treesFolder(base: string): string {
  return join(base, '.autolab', 'worktrees');
}

/** A tree of the run's own: what is queued never sees the code of a later launch. */
export function treeOf(base: string, runId: string): string {
  return join(treesFolder(base), runId);
}

/** Bare; autolab's own, so that nothing is pushed to a repository in which a user works. */
export function repositoryOf(base: string): string {
  return join(base, '.autolab', 'repository.git');
}

/** Packs of commits on their way into it, a folder for each run. */
export function incomingFolder(base: string): string {
  return join(base, '.autolab', 'incoming');
}
