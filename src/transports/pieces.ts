import { basename, dirname, join } from 'node:path';
import { crashPoint } from '../platform/crash-points.ts';
import { messageOf } from '../platform/files.ts';
import { appendPiece, emptyFile, factsOf, finishFile, readPiece } from '../platform/pieces.ts';
import { PARTIAL_FOLDER } from './rsync-command.ts';
import type { SshTransport } from './ssh.ts';
import type { TransportResult } from './transport.ts';

/**
 * Sends a large file without rsync, piece by piece over the connection, into the folder in which rsync keeps partial
 * files, and moves it into place at the end. An interrupted transfer resumes. Callers check by digest that the file is
 * still the same.
 */
export interface PiecesOrder {
  readonly here: string;
  readonly there: string;
  readonly path: string;
  readonly signal?: AbortSignal;
  /** Number of bytes that have arrived. */
  readonly onBytes: (bytes: number) => void;
}

/** Why it did not arrive; the other host's answer if there is one. */
export interface PiecesFailure {
  readonly words: string;
  readonly answer: Pick<TransportResult, 'lost'> | null;
}

const PIECE_BYTES = 16 * 1024 * 1024;
/** The time that one piece takes at 40 kB/s. */
const PIECE_MS = 400_000;

/** The place of a partial file: beside its final place, so that it can be renamed. */
function partialOf(path: string): string {
  return join(dirname(path), PARTIAL_FOLDER, basename(path));
}

function failed(answer: Omit<TransportResult, 'stdout'>): PiecesFailure {
  const words = answer.stderr.trim().split('\n')[0] ?? '';
  const status = answer.timedOut ? 'no answer in time' : `exit status ${String(answer.exitCode)} on the remote host`;
  return { words: words === '' ? status : words, answer };
}

/** A pipe has only the status of its last command: an error of `tail` shows in its message. */
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
/** A piece is written at its own offset or not at all: an earlier try may have arrived after all. */
const APPEND = '[ "$({ [ ! -e "$1" ] || wc -c <"$1"; } | awk "{ print \\$1 }")" = "$2" ] || exit 75; cat >>"$1"';
const FINISH = 'chmod "$3" "$1" && touch -d "@$4" "$1" && mv -f -- "$1" "$2" && { rmdir "${1%/*}" 2>/dev/null; :; }';

export async function pushPieces(ssh: SshTransport, order: PiecesOrder): Promise<PiecesFailure | null> {
  const from = join(order.here, order.path);
  const to = join(order.there, order.path);
  const partial = partialOf(to);
  const options = { timeoutMs: PIECE_MS, ...(order.signal === undefined ? {} : { signal: order.signal }) };
  const facts = factsOf(from);
  if (facts === null) return { words: `${order.path} is missing`, answer: null };
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
