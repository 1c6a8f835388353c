import { after } from '../platform/time.ts';
import { mayBeTerminal, writeAtOnce } from '../platform/write-at-once.ts';

/**
 * What the program prints goes through here: text to stdout and stderr, from whatever command. A full disk, a reader
 * that is gone, or one that does not read, never changes what a command does and how it ends.
 */
export type Output = 'stdout' | 'stderr';

/** Progress that is not read is kept only for so long. */
const MOST_WAITING_BYTES = 1024 * 1024;
/** A reader of stderr that takes nothing for this long does not keep a finished command. */
const PATIENCE_MS = 5_000;

const DESCRIPTORS = { stdout: 1, stderr: 2 } as const;

const gone = new Map<Output, AbortController>();
const streams = new Map<Output, NodeJS.WriteStream>();

/** The stream, made when it is needed: that takes longer than many commands. */
function streamOf(name: Output): NodeJS.WriteStream {
  const known = streams.get(name);
  if (known !== undefined) return known;
  const stream = process[name];
  streams.set(name, stream);
  stream.on('error', (error: NodeJS.ErrnoException) => {
    lose(name, error);
  });
  return stream;
}

/** To be called before something else writes to them. */
export function guardOutputs(): void {
  streamOf('stdout');
  streamOf('stderr');
}

export function isTerminal(name: Output): boolean {
  return mayBeTerminal(DESCRIPTORS[name]) && streamOf(name).isTTY;
}

/** Fires when nothing that is printed there arrives any more. */
export function goneSignal(name: Output): AbortSignal {
  const controller = gone.get(name) ?? new AbortController();
  gone.set(name, controller);
  return controller.signal;
}

export function print(name: Output, text: string | Uint8Array): void {
  if (gone.get(name)?.signal.aborted === true) return;
  const left = streams.has(name) ? text : writeAtOnce(DESCRIPTORS[name], text);
  if (left.length === 0) return;
  const stream = streamOf(name);
  if (name === 'stderr' && stream.writableLength > MOST_WAITING_BYTES) return;
  try {
    stream.write(left);
  } catch (error) {
    // Some versions of Node throw what others emit.
    lose(name, error as NodeJS.ErrnoException);
  }
}

/** Returns when the output takes more, is gone, or the signal fires. */
export function roomFor(name: Output, signal: AbortSignal): Promise<void> | undefined {
  const stream = streams.get(name);
  // Not AbortSignal.any: Node 20 may forget a signal that nothing else holds.
  const ends = [signal, goneSignal(name)];
  if (stream?.writableNeedDrain !== true || ends.some(({ aborted }) => aborted)) return undefined;
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done);
      for (const end of ends) end.removeEventListener('abort', done);
      resolve();
    };
    stream.on('drain', done);
    for (const end of ends) end.addEventListener('abort', done);
  });
}

/** A pipe without a reader keeps the process only if it still holds results. */
export function leaveUnread(leave: () => void): void {
  const waiting = (name: Output): number => streams.get(name)?.writableLength ?? 0;
  if (waiting('stderr') === 0) return;
  after(PATIENCE_MS, () => {
    if (waiting('stdout') === 0) leave();
  }).unref();
}

function lose(name: Output, { code, message }: NodeJS.ErrnoException): void {
  if (goneSignal(name).aborted) return;
  gone.get(name)?.abort();
  // A reader that has seen enough, as `head` has, is no trouble.
  if (name === 'stderr' || code === 'EPIPE') return;
  print('stderr', `autolab: cannot write to standard output: ${plainReason(message)}\n`);
}

/** `ENOSPC: no space left on device, write` → `no space left on device`. */
function plainReason(message: string): string {
  return message.replace(/^[A-Z0-9]+: /, '').replace(/, write$/, '');
}
