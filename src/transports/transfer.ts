import { crashPoint } from '../platform/crash-points.ts';
import { type RawProcessResult, run, runRaw } from '../platform/process.ts';
import { monotonicMs } from '../platform/time.ts';
import { pullPieces, pushPieces } from './pieces.ts';
import { parseProgress, rsyncArgv, type RsyncProgress } from './rsync-command.ts';
import type { SshTransport } from './ssh.ts';
import type { Lost } from './transport.ts';

/**
 * Moves files between this host and another one, over the open connection. Callers compare digests to find out whether
 * they arrived.
 */
export interface TransferOrder {
  readonly direction: 'push' | 'pull';
  /** Absolute folders; both must exist. */
  readonly here: string;
  readonly there: string;
  readonly files: readonly TransferFile[];
  readonly copyFrom?: string | null;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RsyncProgress) => void;
}

export interface TransferFile {
  /** Relative to both folders. */
  readonly path: string;
  readonly bytes: number;
}

export interface Transferred {
  readonly method: 'rsync' | 'tar';
  readonly seconds: number;
  /** Why some files were not moved; null if all were. */
  readonly failure: { readonly words: string; readonly lost: Lost | null; readonly full: boolean } | null;
}

const A_DAY_MS = 86_400_000;
/** The largest archive: it is held in memory. A larger file is sent in pieces. */
const BATCH_BYTES = 32 * 1024 * 1024;
const BATCH_FILES = 5_000;

/**
 * Uses rsync, which resumes an interrupted transfer; tar if the other host has no rsync, or a shell that prints at
 * start-up.
 */
export async function transfer(ssh: SshTransport, order: TransferOrder): Promise<Transferred> {
  const began = monotonicMs();
  const seconds = (): number => Math.round(monotonicMs() - began) / 1000;
  if (order.files.length === 0) return { method: 'rsync', seconds: 0, failure: null };
  const lost = await ssh.connect();
  if (lost !== null) return { method: 'rsync', seconds: seconds(), failure: { words: lost.words, lost, full: false } };
  const tried = ssh.noise() === '' ? await byRsync(ssh, order) : 'unusable';
  if (tried !== 'unusable') return { method: 'rsync', seconds: seconds(), failure: tried };
  return { method: 'tar', failure: await byTar(ssh, order), seconds: seconds() };
}

async function byRsync(ssh: SshTransport, order: TransferOrder): Promise<Transferred['failure'] | 'unusable'> {
  const { direction, here, there, copyFrom = null } = order;
  const argv = rsyncArgv({ ssh: ssh.sshArgv(), destination: ssh.name, direction, here, there, copyFrom });
  let printed = '';
  const result = await run(argv, {
    timeoutMs: A_DAY_MS,
    stdin: namesOf(order.files),
    ...(order.signal === undefined ? {} : { signal: order.signal }),
    onStdout: (chunk) => {
      printed = `${printed}${chunk.toString('latin1')}`.slice(-2000);
      const progress = parseProgress(printed);
      if (progress !== null) order.onProgress?.(progress);
    },
  });
  if (result.exitCode === 0) return null;
  if (result.spawnError === 'ENOENT') return 'unusable';
  const words = tellingLine(result.stderr, `rsync ended with exit status ${String(result.exitCode)}`);
  // 12: the stream broke; 30, 35: time-out; 255: ssh itself failed.
  const broke = result.exitCode === null || [10, 12, 30, 35, 255].includes(result.exitCode);
  // Before its first file it may lack somebody to talk to; after a break the next attempt needs the shared connection again.
  if ((broke || printed === '') && !isFull(words) && order.signal?.aborted !== true) {
    const probed = await probe(ssh);
    if (probed !== null) return probed;
  }
  const lost: Lost | null = broke && !isFull(words) ? { kind: 'dropped', words, began: true } : null;
  return { words, lost, full: isFull(words) };
}

/** Whether rsync can be talked to over there; null if it can, so that something else is wrong. */
async function probe(ssh: SshTransport): Promise<Transferred['failure'] | 'unusable'> {
  // As rsync starts it: without the setup commands.
  const { lost, exitCode } = await ssh.run(['rsync', '--version'], { timeoutMs: 30_000, bare: true });
  if (lost !== null) return { words: lost.words, lost, full: false };
  return exitCode === 0 && ssh.noise() === '' ? null : 'unusable';
}

async function byTar(ssh: SshTransport, order: TransferOrder): Promise<Transferred['failure']> {
  let done = 0;
  const total = order.files.reduce((sum, file) => sum + file.bytes, 0);
  const report = (bytes: number): void => {
    order.onProgress?.({ bytes, percent: total === 0 ? 100 : Math.floor((bytes / total) * 100), rate: '', time: '' });
  };
  const move = order.direction === 'push' ? pushBatch : pullBatch;
  for (const batch of batchesOf(order.files.filter((file) => file.bytes <= BATCH_BYTES))) {
    const failure = await move(ssh, order, batch);
    crashPoint(`tar.${order.direction}`);
    if (failure !== null) return failure;
    done += batch.reduce((sum, file) => sum + file.bytes, 0);
    report(done);
  }
  for (const { path, bytes } of order.files.filter((file) => file.bytes > BATCH_BYTES)) {
    const before = done;
    const onBytes = (some: number): void => {
      report(before + some);
    };
    const failure = await (order.direction === 'push' ? pushPieces : pullPieces)(ssh, { ...order, path, onBytes });
    if (failure !== null)
      return { words: failure.words, lost: failure.answer?.lost ?? null, full: isFull(failure.words) };
    done += bytes;
  }
  return null;
}

/** Pure. */
function batchesOf(files: readonly TransferFile[]): readonly (readonly TransferFile[])[] {
  const batches: TransferFile[][] = [];
  let bytes = Infinity;
  for (const file of files) {
    if (bytes + file.bytes > BATCH_BYTES || (batches.at(-1)?.length ?? 0) >= BATCH_FILES) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)?.push(file);
    bytes += file.bytes;
  }
  return batches;
}

const PACK = ['--create', '--file=-', '--no-recursion', '--null', '--verbatim-files-from', '--files-from=-'];
// An existing file is replaced, not overwritten: another process may have it open.
const UNPACK = ['--extract', '--file=-', '--preserve-permissions', '--no-same-owner', '--unlink-first'];

/** Files of a folder here, as one archive. */
export function packed(here: string, files: readonly TransferFile[]): Promise<RawProcessResult> {
  return runRaw(['tar', `--directory=${here}`, ...PACK], {
    timeoutMs: A_DAY_MS,
    stdin: namesOf(files),
    maxBytes: roomFor(files),
  });
}

/** Takes an archive from standard input. */
export function unpackArgv(folder: string): readonly string[] {
  return ['tar', `--directory=${folder}`, ...UNPACK];
}

async function pushBatch(
  ssh: SshTransport,
  order: TransferOrder,
  batch: readonly TransferFile[],
): Promise<Transferred['failure']> {
  const archive = await packed(order.here, batch);
  if (archive.exitCode !== 0)
    return { words: tellingLine(archive.stderr, 'tar failed on this host'), lost: null, full: false };
  const sent = await ssh.run(unpackArgv(order.there), {
    timeoutMs: A_DAY_MS,
    stdin: archive.stdout,
    ...(order.signal === undefined ? {} : { signal: order.signal }),
  });
  if (sent.exitCode === 0) return null;
  const words = tellingLine(sent.stderr, 'tar failed on the remote host');
  return { words, lost: sent.lost, full: isFull(words) };
}

async function pullBatch(
  ssh: SshTransport,
  order: TransferOrder,
  batch: readonly TransferFile[],
): Promise<Transferred['failure']> {
  const archive = await ssh.runRaw(['tar', `--directory=${order.there}`, ...PACK], {
    timeoutMs: A_DAY_MS,
    stdin: namesOf(batch),
    maxBytes: roomFor(batch),
    ...(order.signal === undefined ? {} : { signal: order.signal }),
  });
  if (archive.exitCode !== 0)
    return { words: tellingLine(archive.stderr, 'tar failed on the remote host'), lost: archive.lost, full: false };
  const unpacked = await run(unpackArgv(order.here), {
    timeoutMs: A_DAY_MS,
    stdin: archive.stdout,
  });
  if (unpacked.exitCode === 0) return null;
  const words = tellingLine(unpacked.stderr, 'tar failed on this host');
  return { words, lost: null, full: isFull(words) };
}

/** rsync takes a name that begins with `#` or `;` for a comment, tar one with `-` for an option. */
function namesOf(files: readonly TransferFile[]): string {
  return files.map(({ path }) => `./${path}`).join('\0');
}

/** Headers, padding, long names; and some growth, which the comparison of digests will find. */
function roomFor(files: readonly TransferFile[]): number {
  return files.reduce((sum, file) => sum + file.bytes + 8192, 1024 * 1024);
}

function isFull(words: string): boolean {
  return /No space left on device|Disk quota exceeded/i.test(words);
}

/** The most informative line: rsync and tar end with one that only says that there was an error. */
export function tellingLine(stderr: string, otherwise: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const telling = lines.find((line) => /No space left|quota|Permission denied|Read-only|Input\/output/i.test(line));
  return telling ?? lines.find((line) => !/^rsync error|Exiting with failure/.test(line)) ?? lines[0] ?? otherwise;
}
