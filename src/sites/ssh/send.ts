import { join } from 'node:path';
import { OLDER_CODE_SCOPE } from '../../code/scope.ts';
import { crashPoint } from '../../platform/crash-points.ts';
import { readTextOrNull, realPathOr } from '../../platform/files.ts';
import { sha256 } from '../../platform/ids.ts';
import { monotonicMs } from '../../platform/time.ts';
import { type ChecksumEntry, parseChecksums } from '../../records/checksums.ts';
import { digestFiles } from '../../records/digest-files.ts';
import type { TransferRecord } from '../../records/run-data.ts';
import { resultOf } from '../../records/run-view.ts';
import { wasStopped } from '../../run/cancel-request.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import type { StepEnd, StepFailed, StepPaused } from '../../run/step.ts';
import { JOB_SCRIPT_FILE } from '../../schedulers/receipt-files.ts';
import type { TextsBeside } from '../carrier.ts';
import type { FarSite } from '../site.ts';
import { type CodeToSend, codeToSend } from './code-to-send.ts';
import { diagnose } from './diagnose.ts';
import { placeAndCompare, textsOfRun } from './place-run.ts';
import { treeOf, treesFolder } from './places.ts';
import { sendCommit } from './send-commit.ts';
import { taskFiles } from './task-files.ts';
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
  const script: ChecksumEntry = {
    path: `${ctx.paths.relative}/receipt/${JOB_SCRIPT_FILE}`,
    sha256: opened.entrypoint.script_sha256,
  };
  const inputList = readTextOrNull(ctx.paths.inputSums);
  const inputs = inputList === null ? [] : [{ path: `${ctx.paths.relative}/inputs.sha256`, sha256: sha256(inputList) }];
  const ofTasks = taskFiles(ctx);
  const beside = [...texts.map(([name, text]) => ({ path: `receipt/${name}`, sha256: sha256(text) })), ...ofTasks].map(
    ({ path, sha256: digest }) => ({ path: `${ctx.paths.relative}/${path}`, sha256: digest }),
  );
  const own = [...textsOfRun(ctx, far, sums, texts), ...ofTasks.map(({ path }) => ({ path, text: null }))];
  const placed = await placeAndCompare(ctx, far, own, [...sums, script, ...inputs, ...beside]);
  if (placed !== null) {
    const changed = wasStopped(ctx) ? null : await changedHere(ctx, sums);
    if (changed !== null)
      return {
        kind: 'failed',
        code: 'slurm.code_changed',
        retryable: false,
        message: `${changed} changed here while the code was sent; nothing was submitted.`,
      };
    return failed(ctx, far, placed);
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

/** A log that is written into the project, an editor: what was recorded a moment ago is not what is here. */
async function changedHere(ctx: RunContext, sums: readonly ChecksumEntry[]): Promise<string | null> {
  const paths = sums.map(({ path }) => path);
  const { digests } = await digestFiles(realPathOr(ctx.root), paths);
  return sums.find(({ path, sha256 }) => digests.get(path)?.sha256 !== sha256)?.path ?? null;
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
