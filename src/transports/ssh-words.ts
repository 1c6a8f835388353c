import { stripVTControlCharacters } from 'node:util';
import type { Lost } from './transport.ts';

/** The meaning of ssh's messages if there was no answer. Pure. */

/** Why the connection failed. */
export function judgeRefusal(stderr: string, otherwise: string): Lost {
  const lines = linesOf(stderr);
  const find = (pattern: RegExp): string | undefined => lines.find((line) => pattern.test(line));
  if (find(/REMOTE HOST IDENTIFICATION HAS CHANGED/) !== undefined)
    return { kind: 'host_key', words: 'the host key is not the one that is known', began: false };
  const key = find(/No \S+ host key is known|[Hh]ost key .*(revoked|mismatch)|Host key verification failed/);
  if (key !== undefined) return { kind: 'host_key', words: key, began: false };
  const denied = find(/Permission denied|Too many authentication failures|no more authentication methods/i);
  if (denied !== undefined) return { kind: 'denied', words: denied, began: false };
  const telling = find(/^(ssh: |kex_exchange_identification|Connection )/) ?? lines.at(-1);
  return { kind: 'unreachable', words: telling ?? otherwise, began: false };
}

/** Why a command was not started although there was a connection. */
export type NotStarted = 'no_connection' | 'no_session';

/**
 * `mark`: what ssh prints instead of making its own connection. Only if no other error came before is it certain that
 * the remote host got no request: a connection can break after the request.
 */
export function notStarted(stderr: string, mark: string): NotStarted | null {
  const lines = linesOf(stderr);
  const at = lines.indexOf(mark);
  if (at < 0) return null;
  const before = lines.slice(0, at);
  if (before.some((line) => /session request failed: Session open refused by peer/.test(line))) return 'no_session';
  return before.every((line) => /^Control socket connect\(/.test(line)) ? 'no_connection' : null;
}

/** A connection that broke during a command: ssh's message comes last, after the command's output. */
export function wordsOfBreak(stderr: string): string {
  const last = linesOf(stderr).at(-1) ?? '';
  const ofSsh =
    /^(mux_client|client_loop|packet_write|Connection (to|reset|closed)|Timeout, server|Received disconnect)/;
  return ofSsh.test(last) ? last : 'the connection broke';
}

export function lastLine(text: string): string | null {
  return linesOf(text).at(-1) ?? null;
}

/** ssh prints the last line. */
const MOST_CHARACTERS = 128 * 1024;

function linesOf(text: string): readonly string[] {
  return stripVTControlCharacters(text.slice(-MOST_CHARACTERS))
    .split(/[\r\n]+/)
    .map((line) =>
      line
        .replaceAll(/\p{Cc}/gu, '')
        .trim()
        .slice(0, 500),
    )
    .filter((line) => line !== '');
}
