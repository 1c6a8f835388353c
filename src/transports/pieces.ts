import { basename, dirname, join } from 'node:path';
import { crashPoint } from '../platform/crash-points.ts';
import { messageOf } from '../platform/files.ts';
import { appendPiece, emptyFile, factsOf, finishFile, readPiece } from '../platform/pieces.ts';
import { PARTIAL_FOLDER } from './rsync-command.ts';
import type { SshTransport } from './ssh.ts';
import type { TransportResult } from './transport.ts';

/**
 * A large file without rsync: piece after piece over the connection, into the folder where rsync keeps what is not whole
 * yet, and put in its place at the end. What broke goes on from there. Whether it is the same file still, callers find by its
 * digest.
 */
export interface PiecesOrder {
  readonly here: string;
  readonly there: string;
  readonly path: string;
  readonly signal?: AbortSignal;
  /** Bytes that are there so far. */
  readonly onBytes: (bytes: number) => void;
}

/** Why it did not arrive; the answer of the other host, where it gave one. */
export interface PiecesFailure {
  readonly words: string;
  readonly answer: Pick<TransportResult, 'lost'> | null;
}

const PIECE_BYTES = 16 * 1024 * 1024;
/** A piece over a line of 40 kB/s. */
const PIECE_MS = 400_000;

/** Where a file lies until it is whole: beside its place, so that it can be renamed to it. */
function partialOf(path: string): string {
  return join(dirname(path), PARTIAL_FOLDER, basename(path));
}

function failed(answer: Omit<TransportResult, 'stdout'>): PiecesFailure {
  const words = answer.stderr.trim().split('\n')[0] ?? '';
  const status = answer.timedOut ? 'no answer in time' : `exit status ${String(answer.exitCode)} over there`;
  return { words: words === '' ? status : words, answer };
}

/** Of a pipe only the last command's status is told: what `tail` cannot read is known by its words. */
const READ = 'tail -c "+$2" -- "$1" | head -c "$3"';
const FACTS = 'stat -L -c "%s %a %Y" -- "$1"';

export async function pullPieces(ssh: SshTransport, order: PiecesOrder): Promise<PiecesFailure | null> {
  const from = join(order.there, order.path);
  const to = join(order.here, order.path);
  const partial = partialOf(to);
  const options = { timeoutMs: PIECE_MS, ...(order.signal === undefined ? {} : { signal: order.signal }) };
  const asked = await ssh.run(['sh', '-c', FACTS, 'sh', from], options);
  const facts = /^(\d+) ([0-7]+) (\d+)$/.exec(asked.stdout.trim());
  if (asked.exitCode !== 0 || facts === null) return failed(asked);
  const bytes = Number(facts[1]);
  try {
    let have = factsOf(partial)?.bytes ?? 0;
    if (have > bytes) emptyFile(partial);
    have = factsOf(partial)?.bytes ?? 0;
    while (have < bytes) {
      const most = Math.min(PIECE_BYTES, bytes - have);
      const argv = ['sh', '-c', READ, 'sh', from, String(have + 1), String(most)];
      const answer = await ssh.runRaw(argv, { ...options, maxBytes: most });
      if (answer.exitCode !== 0 || answer.stdout.length === 0) return failed(answer);
      appendPiece(partial, answer.stdout);
      crashPoint('piece.pulled');
      have += answer.stdout.length;
      order.onBytes(have);
    }
    finishFile(partial, to, { mode: Number.parseInt(facts[2] ?? '', 8), modified: Number(facts[3]) });
    crashPoint('pieces.pulled');
    return null;
  } catch (error) {
    return { words: messageOf(error), answer: null };
  }
}

const HAVE = 'mkdir -p -- "${1%/*}" && { [ ! -e "$1" ] || wc -c <"$1"; }';
/** A piece is put where it belongs or nowhere: what an earlier try sent may have arrived after all. */
const APPEND = '[ "$({ [ ! -e "$1" ] || wc -c <"$1"; } | tr -d " ")" = "$2" ] || exit 75; cat >>"$1"';
const FINISH = 'chmod "$3" "$1" && touch -d "@$4" "$1" && mv -f -- "$1" "$2" && { rmdir "${1%/*}" 2>/dev/null; :; }';

export async function pushPieces(ssh: SshTransport, order: PiecesOrder): Promise<PiecesFailure | null> {
  const from = join(order.here, order.path);
  const to = join(order.there, order.path);
  const partial = partialOf(to);
  const options = { timeoutMs: PIECE_MS, ...(order.signal === undefined ? {} : { signal: order.signal }) };
  const facts = factsOf(from);
  if (facts === null) return { words: `${order.path} is not there`, answer: null };
  const asked = await ssh.run(['sh', '-c', HAVE, 'sh', partial], options);
  if (asked.exitCode !== 0) return failed(asked);
  let have = asked.stdout.trim();
  if (Number(have) > facts.bytes) {
    const emptied = await ssh.run(['sh', '-c', 'rm -f -- "$1"', 'sh', partial], options);
    if (emptied.exitCode !== 0) return failed(emptied);
    have = '';
  }
  try {
    while (Number(have) < facts.bytes) {
      const piece = readPiece(from, Number(have), PIECE_BYTES);
      if (piece.length === 0) return { words: `${order.path} became shorter`, answer: null };
      const sent = await ssh.run(['sh', '-c', APPEND, 'sh', partial, have], { ...options, stdin: piece });
      if (sent.exitCode !== 0) return failed(sent);
      crashPoint('piece.pushed');
      have = String(Number(have) + piece.length);
      order.onBytes(Number(have));
    }
  } catch (error) {
    return { words: messageOf(error), answer: null };
  }
  const finish = ['sh', '-c', FINISH, 'sh', partial, to, facts.mode.toString(8), String(facts.modified)];
  const finished = await ssh.run(finish, options);
  crashPoint('pieces.pushed');
  return finished.exitCode === 0 ? null : failed(finished);
}
