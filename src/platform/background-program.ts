import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { messageOf } from './files.ts';

/** A program in a session of its own, that goes on if this process ends, and that does not keep this process. */
export interface BackgroundProgram {
  readonly pid: number | null;
  /** Never rejects. `stdout` and `stderr` are what was kept. */
  readonly ended: Promise<{ readonly exitCode: number | null; readonly stdout: string; readonly stderr: string }>;
}

const MOST_KEPT = 8 * 1024 * 1024;

/** Its streams are pipes to us, never our own: what it prints cannot get among what we print. */
export function startInBackground(
  [command = '', ...words]: readonly string[],
  options: { readonly cwd: string },
): BackgroundProgram {
  try {
    const child = spawn(command, words, { cwd: options.cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    child.unref();
    const stdout = keep(child.stdout);
    const stderr = keep(child.stderr);
    const ended = new Promise<Awaited<BackgroundProgram['ended']>>((resolve) => {
      child.on('error', (error) => {
        resolve({ exitCode: null, stdout: '', stderr: messageOf(error) });
      });
      child.on('close', (exitCode) => {
        resolve({ exitCode, stdout: stdout(), stderr: stderr() });
      });
    });
    return { pid: child.pid ?? null, ended };
  } catch (error) {
    return { pid: null, ended: Promise.resolve({ exitCode: null, stdout: '', stderr: messageOf(error) }) };
  }
}

/** Returns what gives the text so far. A socket under the stream would keep this process. */
function keep(stream: Readable): () => string {
  if (stream instanceof Socket) stream.unref();
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    if (bytes < MOST_KEPT) chunks.push(chunk);
    bytes += chunk.length;
  });
  return () => Buffer.concat(chunks).toString('utf8');
}
