/** Below the project root: copies of the code, for runs that do not use the work tree. */
export const SNAPSHOTS = '.autolab/snapshots';

/** Below the project root: the project as a run with a snapshot sees it. `prefix`: of the project in the tree, '' or `sub/folder/`. Pure. */
export function placeInSnapshot(runId: string, prefix: string): string {
  return `${SNAPSHOTS}/runs/${runId}/${prefix}`.replace(/\/$/, '');
}
