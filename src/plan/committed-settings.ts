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

/** Whether a file of the project has this text in the commit, but for the ends of lines. Returns false without one. */
export async function isAsCommitted(root: string, within: string, text: string): Promise<boolean> {
  // Asked at the root: a repository that somebody made in a folder on the way has no say, and neither have filters.
  const committed = await git(realPathOr(root), ['cat-file', 'blob', `HEAD:./${within}`]);
  return committed.exitCode === 0 && plain(committed.stdout) === plain(text);
}

function plain(text: string): string {
  return text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
}
