import { join } from 'node:path';
import { git } from '../code/git.ts';
import { realPathOr } from '../platform/files.ts';
import { LAUNCH_CONFIG_FILE, parseLaunchConfig } from '../project/launch-config.ts';
import type { ReviewSettings } from '../project/review-settings.ts';

/** What the commit says of who may approve: to change that takes a commit, which names somebody. */

/** `review` of `.autolab/launch.yaml` in the commit; null without a commit that has the file. */
export async function committedReviewSettings(root: string): Promise<ReviewSettings | null> {
  const shown = await git(realPathOr(root), ['cat-file', 'blob', `HEAD:./${LAUNCH_CONFIG_FILE}`]);
  return shown.exitCode === 0 ? (parseLaunchConfig(shown.stdout, LAUNCH_CONFIG_FILE).draft?.review ?? null) : null;
}

/** Whether the file is as in the commit; git's filters count as nothing. Returns false without a commit that has it. */
export async function isAsCommitted(folder: string, name: string): Promise<boolean> {
  const committed = await git(folder, ['rev-parse', '--verify', '--quiet', `HEAD:./${name}`]);
  if (committed.exitCode !== 0) return false;
  const ids = await Promise.all(
    [['--no-filters'], []].map((filters) => git(folder, ['hash-object', ...filters, '--', join(folder, name)])),
  );
  return ids.some(({ exitCode, stdout }) => exitCode === 0 && stdout === committed.stdout);
}
