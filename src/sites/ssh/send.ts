import { join } from 'node:path';
import { OLDER_CODE_SCOPE } from '../../code/scope.ts';
import { LIST_CODE_FILE } from '../../launch-scripts/code-listing.ts';
import { crashPoint } from '../../platform/crash-points.ts';
import {
  listNames,
  makeFolder,
  readTextOrNull,
  realPathOr,
  removeFolder,
  sizeOf,
  writeFileAtomic,
} from '../../platform/files.ts';
import { sha256 } from '../../platform/ids.ts';
import { monotonicMs } from '../../platform/time.ts';
import { type ChecksumEntry, formatChecksums, parseChecksums } from '../../records/checksums.ts';
import { digestFiles } from '../../records/digest-files.ts';
import type { TransferRecord } from '../../records/run-data.ts';
import { resultOf } from '../../records/run-view.ts';
import { workingTexts } from '../../records/withheld.ts';
import { wasStopped } from '../../run/cancel-request.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import type { StepEnd, StepFailed, StepPaused } from '../../run/step.ts';
import { CODE_LISTING_FILE, JOB_SCRIPT_FILE } from '../../schedulers/receipt-files.ts';
import type { TextsBeside } from '../carrier.ts';
import type { FarSite } from '../site.ts';
import { type CodeToSend, codeToSend } from './code-to-send.ts';
import { diagnose } from './diagnose.ts';
import { treeOf, treesFolder } from './places.ts';
import { sendCommit } from './send-commit.ts';
import { lostOf, move, stoppedTransfer, type Trouble, troubleOf, withRetries } from './travel.ts';

/** `sync_to_remote`: sends the code into the run's own tree, and what the job needs; compares every digest there. */
export async function sendRun(ctx: RunContext, far: FarSite, texts: TextsBeside): Promise<StepEnd> {
  const began = monotonicMs();
  const { order } = far;
  const { opened } = viewOf(ctx);
  const commit = resultOf(viewOf(ctx), 'record-code');
  const source = commit?.source ?? 'none';
  let sums = sumsOf(ctx);
  let sent: { readonly method: string; readonly files: number; readonly bytes: number } | Trouble;
  if (order.mode === 'git') sent = await sendCommit(ctx, far, { sha: commit?.sha ?? '', runId: opened.run_id });
  else {
    const scope = opened.code ?? OLDER_CODE_SCOPE;
    const code = await codeToSend(ctx.root, { source, scope }, order.exclude);
    if ('words' in code) return failed(ctx, far, { words: code.words, lost: null });
    sums = await sumsToSend(sums, code);
    sent = await sendTree(ctx, far, code);
  }
  if ('lost' in sent) return failed(ctx, far, sent);
  const placed = await placeRun(ctx, far, sums, texts);
  if (placed !== null) return failed(ctx, far, placed);
  const script: ChecksumEntry = {
    path: `${ctx.paths.relative}/receipt/${JOB_SCRIPT_FILE}`,
    sha256: opened.entrypoint.script_sha256,
  };
  const inputList = readTextOrNull(ctx.paths.inputSums);
  const inputs = inputList === null ? [] : [{ path: `${ctx.paths.relative}/inputs.sha256`, sha256: sha256(inputList) }];
  const beside = texts.map(([name, text]) => ({
    path: `${ctx.paths.relative}/receipt/${name}`,
    sha256: sha256(text),
  }));
  const compared = await compareThere(ctx, far, [...sums, script, ...inputs, ...beside]);
  if (compared !== null) {
    const changed = await changedHere(ctx, sums);
    if (changed !== null)
      return {
        kind: 'failed',
        code: 'slurm.code_changed',
        retryable: false,
        message: `${changed} changed here while the code was sent; nothing was submitted.`,
      };
    return failed(ctx, far, compared);
  }
  const seconds = Math.round(monotonicMs() - began) / 1000;
  const transfer: TransferRecord = { ...sent, seconds, verified: true, diagnosis: [] };
  return {
    kind: 'done',
    message: `${sent.files} files by ${sent.method} to ${far.ssh.name}:${order.root}; ${sums.length + 1 + beside.length} digests compared there`,
    transfer,
  };
}

function sumsOf(ctx: RunContext): readonly ChecksumEntry[] {
  const text = readTextOrNull(ctx.paths.codeSums);
  const entries = text === null ? [] : (parseChecksums(text, 'code.sha256').value ?? []);
  return entries.filter(({ kind }) => kind !== 'symlink');
}

/** Without git the code is not listed yet: what is sent is what was approved. */
async function sumsToSend(
  sums: readonly ChecksumEntry[],
  { base, files, leftOut }: CodeToSend,
): Promise<readonly ChecksumEntry[]> {
  if (sums.length > 0) return sums.filter(({ path }) => !leftOut.has(path));
  const { digests } = await digestFiles(
    base,
    files.map(({ path }) => path),
  );
  return [...digests].flatMap(([path, digest]) => (digest.kind === 'file' ? [{ path, sha256: digest.sha256 }] : []));
}

async function sendTree(
  ctx: RunContext,
  far: FarSite,
  { base, files }: CodeToSend,
): Promise<{ readonly method: string; readonly files: number; readonly bytes: number } | Trouble> {
  const trees = treesFolder(far.order.base);
  const tree = treeOf(far.order.base, viewOf(ctx).opened.run_id);
  // What the last run has is copied on the remote host instead of sent; never linked: a run may write into its files.
  const program = 'mkdir -p -- "$1" && ls -1t -- "$2"';
  const made = await withRetries(
    ctx,
    () => far.ssh.run(['sh', '-c', program, 'sh', far.order.root, trees], { timeoutMs: 60_000 }),
    lostOf,
  );
  if (made.exitCode !== 0) return troubleOf(made);
  crashPoint('send.tree_made');
  const earlier = made.stdout.split('\n').find((name) => name !== '' && join(trees, name) !== tree);
  const moved = await move(ctx, far, 'sync_to_remote', {
    direction: 'push',
    here: base,
    there: tree,
    files,
    copyFrom: earlier === undefined ? null : join(trees, earlier),
  });
  if (moved.failure !== null) return moved.failure;
  crashPoint('send.code_there');
  return { method: moved.method, files: files.length, bytes: files.reduce((sum, file) => sum + file.bytes, 0) };
}

/** The script, and the lists that the job compares the code with. */
async function placeRun(
  ctx: RunContext,
  far: FarSite,
  sums: readonly ChecksumEntry[],
  texts: TextsBeside,
): Promise<Trouble | null> {
  const here = join(ctx.root, '.autolab', 'tmp', `place-${viewOf(ctx).opened.run_id}`);
  const names = ['code.sha256', `receipt/${JOB_SCRIPT_FILE}`];
  makeFolder(join(here, 'receipt'));
  try {
    writeFileAtomic(join(here, 'code.sha256'), formatChecksums(sums));
    const { opened } = viewOf(ctx);
    // If it is not the script that was ordered, its digest on the remote host says so.
    const script = workingTexts(ctx.paths, opened)?.script ?? opened.documents.script;
    writeFileAtomic(join(here, 'receipt', JOB_SCRIPT_FILE), script, 0o777);
    for (const [name, text] of texts) {
      writeFileAtomic(join(here, 'receipt', name), text);
      names.push(`receipt/${name}`);
    }
    const inputList = readTextOrNull(ctx.paths.inputSums);
    if (inputList !== null) {
      writeFileAtomic(join(here, 'inputs.sha256'), inputList);
      names.push('inputs.sha256');
    }
    // A tree that rsync made has no git to list it; what is in it was sent for this run alone.
    for (const name of far.order.mode === 'git' ? [CODE_LISTING_FILE, LIST_CODE_FILE] : []) {
      const text = readTextOrNull(join(ctx.paths.receipt, name));
      if (text === null) continue;
      writeFileAtomic(join(here, 'receipt', name), text);
      names.push(`receipt/${name}`);
    }
    const made = await far.ssh.run(['mkdir', '-p', '--', far.paths.receipt, far.paths.logs], { timeoutMs: 60_000 });
    if (made.exitCode !== 0) return troubleOf(made);
    crashPoint('send.folders_made');
    const files = names.map((path) => ({ path, bytes: sizeOf(join(here, path)) }));
    const moved = await move(ctx, far, 'sync_to_remote', { direction: 'push', here, there: far.paths.folder, files });
    crashPoint('send.placed');
    return moved.failure;
  } finally {
    removeFolder(here);
    if (listNames(join(ctx.root, '.autolab', 'tmp')).length === 0) removeFolder(join(ctx.root, '.autolab', 'tmp'));
  }
}

/** A log that is written into the project, an editor: what was recorded a moment ago is not what is here. */
async function changedHere(ctx: RunContext, sums: readonly ChecksumEntry[]): Promise<string | null> {
  const paths = sums.map(({ path }) => path);
  const { digests } = await digestFiles(realPathOr(ctx.root), paths);
  return sums.find(({ path, sha256 }) => digests.get(path)?.sha256 !== sha256)?.path ?? null;
}

async function compareThere(ctx: RunContext, far: FarSite, entries: readonly ChecksumEntry[]): Promise<Trouble | null> {
  const compared = await withRetries(
    ctx,
    () =>
      far.ssh.run(['sha256sum', '--check', '--strict', '--quiet', '-'], {
        timeoutMs: 3_600_000,
        cwd: far.order.root,
        stdin: formatChecksums(entries),
        environment: { drop: [], keep: [], set: { LC_ALL: 'C' } },
      }),
    lostOf,
  );
  if (compared.exitCode === 0) return null;
  if (compared.lost !== null) return troubleOf(compared);
  const different = compared.stdout.trim().split('\n').slice(0, 5).join('; ');
  return { words: `what arrived is not what was sent: ${different || compared.stderr.trim()}`, lost: null };
}

async function failed(ctx: RunContext, far: FarSite, { words }: Trouble): Promise<StepFailed | StepPaused> {
  if (wasStopped(ctx)) return stoppedTransfer(ctx);
  const diagnosis = await diagnose(ctx.root, far, words);
  const transfer: TransferRecord = {
    method: far.order.mode,
    files: null,
    bytes: null,
    seconds: null,
    verified: false,
    diagnosis: [...diagnosis],
  };
  return {
    kind: 'failed',
    code: 'sync.send_failed',
    retryable: true,
    message: `The code could not be sent to ${far.ssh.name}: ${words}.`,
    transfer,
  };
}
