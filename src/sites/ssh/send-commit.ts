import { join } from 'node:path';
import { git, gitRaw } from '../../code/git.ts';
import { crashPoint } from '../../platform/crash-points.ts';
import { listNames, makeFolder, removeFolder, sizeOf } from '../../platform/files.ts';
import type { RunContext } from '../../run/context.ts';
import type { FarSite } from '../site.ts';
import { incomingFolder, repositoryOf, treeOf } from './places.ts';
import { lostOf, move, type Trouble, troubleOf, withRetries } from './travel.ts';

/**
 * Mode `git`: the commit goes into autolab's own repository on the remote host, as a pack of what that lacks, and
 * is checked out in the run's own tree. No branch of the user is touched, and the account's start-up files may print
 * anything.
 */

// $1 the repository, $2 the commit. Prints `there` if it has it already, else the commits that it has.
const ASK = `umask 077
[ -d "$1" ] || git init -q --bare -- "$1" || exit 1
if git --git-dir="$1" cat-file -e "$2^{tree}" 2>/dev/null && git --git-dir="$1" rev-list -q --objects "$2" >/dev/null 2>&1; then echo there
else git --git-dir="$1" for-each-ref --format='%(objectname)' refs/autolab/; fi`;

// $1 the repository, $2 the commit, $3 the run, $4 its tree, $5 where its packs arrive, $6 the one that did, or empty. Others
// may lie beside it, of a driver that was killed.
const CHECK_OUT = `git=$1 commit=$2 tree=$4
if [ -n "$6" ]; then git --git-dir="$git" index-pack --stdin --fix-thin < "$6" >/dev/null || exit 1; fi
rm -rf -- "$5"
git --git-dir="$git" update-ref "refs/autolab/runs/$3" "$commit" || exit 1
set -- -c core.hooksPath=/dev/null -c core.autocrlf=false -c core.symlinks=true -c advice.detachedHead=false
if [ -e "$tree/.git" ]; then git "$@" -C "$tree" checkout -q --force --detach "$commit"
else git "$@" --git-dir="$git" worktree prune; git "$@" --git-dir="$git" worktree add -q --force --detach -- "$tree" "$commit"; fi`;

export interface SentCommit {
  readonly method: string;
  readonly files: number;
  readonly bytes: number;
}

export async function sendCommit(
  ctx: RunContext,
  far: FarSite,
  commit: { readonly sha: string; readonly runId: string },
): Promise<SentCommit | Trouble> {
  const repository = repositoryOf(far.order.base);
  const shell = (program: string, ...words: readonly string[]): ReturnType<typeof far.ssh.run> =>
    withRetries(ctx, () => far.ssh.run(['sh', '-c', program, 'sh', ...words], { timeoutMs: 600_000 }), lostOf);
  const asked = await shell(ASK, repository, commit.sha);
  if (asked.exitCode !== 0) return troubleOf(asked);
  crashPoint('send.repository_made');
  let pack: { readonly far: string; readonly bytes: number; readonly method: string } | null = null;
  if (asked.stdout.trim() !== 'there') {
    const sent = await sendPack(
      ctx,
      far,
      commit,
      asked.stdout.split('\n').filter((line) => /^[0-9a-f]{40,64}$/.test(line)),
    );
    if ('lost' in sent) return sent;
    pack = sent;
  }
  const tree = treeOf(far.order.base, commit.runId);
  const incoming = join(incomingFolder(far.order.base), commit.runId);
  const done = await shell(CHECK_OUT, repository, commit.sha, commit.runId, tree, incoming, pack?.far ?? '');
  if (done.exitCode !== 0) return troubleOf(done);
  crashPoint('send.checked_out');
  const counted = await gitRaw(ctx.root, ['ls-tree', '-r', '-z', '--name-only', '--full-tree', commit.sha]);
  return {
    method: 'git',
    files: counted.stdout.toString('utf8').split('\0').length - 1,
    bytes: pack?.bytes ?? 0,
  };
}

async function sendPack(
  ctx: RunContext,
  far: FarSite,
  { sha, runId }: { readonly sha: string; readonly runId: string },
  known: readonly string[],
): Promise<{ readonly far: string; readonly bytes: number; readonly method: string } | Trouble> {
  const here = join(ctx.root, '.autolab', 'tmp', `send-${runId}`);
  const there = join(incomingFolder(far.order.base), runId);
  makeFolder(here);
  try {
    const common: string[] = [];
    for (const commit of known)
      if ((await git(ctx.root, ['cat-file', '-e', `${commit}^{commit}`])).exitCode === 0) common.push(commit);
    const wanted = [sha, ...common.map((commit) => `^${commit}`)].map((line) => `${line}\n`).join('');
    const packed = await gitRaw(ctx.root, ['pack-objects', '-q', '--revs', join(here, 'pack')], { stdin: wanted });
    const name = listNames(here).find((file) => file.endsWith('.pack'));
    if (packed.exitCode !== 0 || name === undefined)
      return { words: `git could not pack the commit: ${packed.stderr.trim()}`, lost: null };
    crashPoint('send.packed');
    const made = await far.ssh.run(['mkdir', '-p', '--', there], { timeoutMs: 30_000 });
    if (made.exitCode !== 0) return troubleOf(made);
    const bytes = sizeOf(join(here, name));
    const moved = await move(ctx, far, 'sync_to_remote', {
      direction: 'push',
      here,
      there,
      files: [{ path: name, bytes }],
    });
    if (moved.failure !== null) return moved.failure;
    crashPoint('send.pack_there');
    return { far: join(there, name), bytes, method: moved.method };
  } finally {
    removeFolder(here);
  }
}
