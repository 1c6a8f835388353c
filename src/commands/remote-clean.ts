import { join } from 'node:path';
import { type Failure, failureOf } from '../errors/failure.ts';
import { originalOf } from '../executors/original.ts';
import { type AskedHost, askProfile } from '../plan/launch-host.ts';
import { crashPoint } from '../platform/crash-points.ts';
import { lstatOrNull, readTextOrNull } from '../platform/files.ts';
import { firstFew } from '../platform/listing.ts';
import type { Profile } from '../project/profiles.ts';
import { parseChecksums } from '../records/checksums.ts';
import { runPaths } from '../records/paths.ts';
import type { RunView } from '../records/run-view.ts';
import { findActive, listRuns } from '../run/claim.ts';
import { peekRun } from '../run/session.ts';
import { ofTheLauncher } from '../sites/ssh/brought.ts';
import { incomingFolder, repositoryOf, treeOf, treesFolder } from '../sites/ssh/places.ts';
import type { SshTransport } from '../transports/ssh.ts';

/**
 * `autolab remote clean`: removes runs from the remote host whose outputs are here and compared. For other trees
 * (of an active run, of another project, of a run without a journal here) it says why it stays. The pack of a commit
 * stays there if its driver was killed while sending it; it holds nothing that is not here.
 */
export interface LeftOver {
  readonly what: 'tree' | 'pack';
  readonly run_id: string;
  readonly path: string;
  readonly bytes: number | null;
  /** Why it is kept; null if it may be removed. */
  readonly kept: string | null;
  readonly removed: boolean;
}

// $1 the trees, $2 the packs. Prints for each its kind, its size in KiB and its name, one a line.
const LIST = `list() { cd -- "$2" 2>/dev/null || return 0
for each in *; do [ -d "$each" ] && printf '%s %s %s\\n' "$1" "$(du -sk -- "$each" 2>/dev/null | cut -f 1)" "$each"; done; }
(list tree "$1"); (list pack "$2"); :`;

// $1 the tree, $2 the run's folder, relative to it, then names below that which the launcher keeps for itself. Prints what was
// written there after the submission and was not fetched; what Python compiled is not a loss.
const STRAYS = `cd -- "$1" || exit 1; run=$2; shift 2
mark=$run/receipt/submit.1.begun
[ -e "$mark" ] || { echo "$mark is missing" >&2; exit 1; }
find . \\( -path "./$run" -o -path ./.git -o -path ./.autolab/tmp -o -name __pycache__ \\) -prune -o ! -type d -cnewer "$mark" -print | head -n 20
for name in "$@"; do [ -e "$run/$name" ] && printf '%s\\n' "./$run/$name"; done; :`;

// $1 the repository, then trees. A run may have made folders that its owner cannot enter.
const REMOVE = `git=$1; shift
for tree in "$@"; do
  chmod -R u+rwX -- "$tree" 2>/dev/null
  rm -rf -- "$tree" || exit 1
  [ -d "$git" ] && git --git-dir="$git" update-ref -d "refs/autolab/runs/\${tree##*/}"
done
[ -d "$git" ] && git --git-dir="$git" worktree prune; :`;

/** A command line has its bounds. */
const BATCH = 100;

export async function cleanRemote(
  root: string,
  profile: Profile,
  dryRun: boolean,
): Promise<readonly LeftOver[] | Failure> {
  const asked = await askProfile(profile, root);
  const { ssh } = asked;
  const base = baseOn(asked, root);
  if (typeof base !== 'string') return base;
  const listed = await ssh.run(['sh', '-c', LIST, 'sh', treesFolder(base), incomingFolder(base)], {
    timeoutMs: 600_000,
  });
  if (listed.exitCode !== 0)
    return failureOf('remote.lost', { message: `${ssh.name}: ${listed.lost?.words ?? listed.stderr}` });
  const views = viewsOf(root);
  const found: LeftOver[] = [];
  for (const item of parseListed(listed.stdout, base)) {
    const view = viewOfTree(views.get(item.run_id), treeOf(base, item.run_id));
    const kept = item.what === 'tree' ? await whyKept(root, ssh, view) : notClosed(root, view);
    found.push({ ...item, kept, removed: false });
  }
  return dryRun ? found : removeFree(ssh, base, found);
}

/** The folder there in which autolab keeps what it sends. */
function baseOn({ profile, answer }: AskedHost, root: string): string | Failure {
  if ('code' in answer) return failureOf(answer.code, { message: answer.message });
  return (
    answer.facts.base ??
    failureOf('remote.path', {
      message: `${profile.remote_repo_root ?? root} cannot be entered on the remote host.`,
    })
  );
}

/** Pure. */
function parseListed(text: string, base: string): readonly Omit<LeftOver, 'kept' | 'removed'>[] {
  return text.split('\n').flatMap((line) => {
    const [, what, kib = '', runId = ''] = /^(tree|pack) (\d*) (.+)$/.exec(line) ?? [];
    if (what !== 'tree' && what !== 'pack') return [];
    const path = what === 'tree' ? treeOf(base, runId) : join(incomingFolder(base), runId);
    return [{ what, run_id: runId, path, bytes: kib === '' ? null : Number(kib) * 1024 }];
  });
}

async function removeFree(
  ssh: SshTransport,
  base: string,
  found: readonly LeftOver[],
): Promise<readonly LeftOver[] | Failure> {
  const free = (what: LeftOver['what']): readonly string[] =>
    found.filter((item) => item.what === what && item.kept === null).map(({ path }) => path);
  const failed =
    (await remove(ssh, ['sh', '-c', REMOVE, 'sh', repositoryOf(base)], free('tree'))) ??
    (await remove(ssh, ['rm', '-rf', '--'], free('pack')));
  return failed ?? found.map((item) => ({ ...item, removed: item.kept === null }));
}

async function remove(ssh: SshTransport, argv: readonly string[], paths: readonly string[]): Promise<Failure | null> {
  for (let at = 0; at < paths.length; at += BATCH) {
    const removed = await ssh.run([...argv, ...paths.slice(at, at + BATCH)], { timeoutMs: 3_600_000 });
    crashPoint('clean.removed');
    if (removed.exitCode === 0) continue;
    const words = removed.lost?.words ?? removed.stderr.trim();
    return failureOf('remote.path', { message: `Not everything could be removed: ${words}.` });
  }
  return null;
}

function viewsOf(root: string): ReadonlyMap<string, readonly RunView[]> {
  const active = findActive(root);
  const views = new Map<string, RunView[]>();
  for (const run of listRuns(root)) {
    if (active.kind === 'one' && active.run.runId === run.runId) continue;
    const peek = peekRun(root, run);
    if (peek.kind === 'run') views.set(run.runId, [...(views.get(run.runId) ?? []), peek.view]);
  }
  return views;
}

/** The tree must be the very one that the journal names: run ids are not unique between projects. */
function viewOfTree(views: readonly RunView[] | undefined, path: string): RunView | undefined {
  return views?.find(({ opened }) => opened.remote?.root === path || opened.remote?.root.startsWith(`${path}/`));
}

/** What was fetched must still be here: the remote host may have the last copy. */
function notHere(root: string, { opened }: RunView): string | null {
  const paths = runPaths(root, opened.iteration_id, opened.run_id);
  const listed = parseChecksums(readTextOrNull(paths.artifacts) ?? '', 'artifacts.sha256').value ?? [];
  if (listed.length === 0) return 'the list of its outputs is missing here';
  const gone = listed.find(({ path }) => lstatOrNull(join(paths.folder, path)) === null);
  return gone === undefined ? null : `${gone.path} is missing here`;
}

/** A job may have written beside its run folder, or under a name that is not fetched. */
async function strays(ssh: SshTransport, { opened }: RunView): Promise<string | null> {
  const run = `experiments/${opened.iteration_id}/runs/${opened.run_id}`;
  const argv = ['sh', '-c', STRAYS, 'sh', opened.remote?.root ?? '', run, ...ofTheLauncher(opened.tasks !== undefined)];
  const result = await ssh.run(argv, { timeoutMs: 600_000 });
  if (result.exitCode !== 0) return `it could not be searched: ${result.lost?.words ?? result.stderr.trim()}`;
  const names = result.stdout.split('\n').filter((line) => line !== '');
  if (names.length === 0) return null;
  return `the job wrote files that were not fetched: ${firstFew(names, 3)}; fetch them, or remove them on the remote host`;
}

function notClosed(root: string, view: RunView | undefined): string | null {
  if (view === undefined) return 'it is the tree of no closed run of this project';
  if (view.closed === null) return 'the run is not closed';
  // The outputs may be here only because this project is a copy, and the original may lack them.
  const original = originalOf(root, view);
  return original === null ? null : `the run belongs to ${original}`;
}

async function whyKept(root: string, ssh: SshTransport, view: RunView | undefined): Promise<string | null> {
  const open = notClosed(root, view);
  if (open !== null || !view?.closed) return open;
  if (view.job === null && !view.submissions.unanswered) return null;
  const whole = view.closed.sync_status === 'ok' || view.steps.get('salvage')?.outcome?.transfer?.verified === true;
  if (!whole) return 'not all of its outputs were fetched';
  return notHere(root, view) ?? (await strays(ssh, view));
}
