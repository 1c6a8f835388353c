import { after } from '../platform/time.ts';

/**
 * What the program prints goes through here: text to stdout and stderr, from whatever command. A full disk, a reader
 * that is gone, or one that does not read, never changes what a command does and how it ends.
 */
export type Output = 'stdout' | 'stderr';

/** Progress that is not read is kept only for so long. */
const MOST_WAITING_BYTES = 1024 * 1024;
/** A reader of stderr that takes nothing for this long does not keep a finished command. */
const PATIENCE_MS = 5_000;

const gone = new Map<Output, AbortController>();

/** To be called before anything is printed. */
export function guardOutputs(): void {
  for (const name of ['stdout', 'stderr'] as const) {
    gone.set(name, new AbortController());
    process[name].on('error', (error: NodeJS.ErrnoException) => {
      lose(name, error);
    });
  }
}

/** Fires when nothing that is printed there arrives any more. */
export function goneSignal(name: Output): AbortSignal {
  return gone.get(name)?.signal ?? new AbortController().signal;
}

export function print(name: Output, text: string | Uint8Array): void {
  if (goneSignal(name).aborted || (name === 'stderr' && process.stderr.writableLength > MOST_WAITING_BYTES)) return;
  try {
    process[name].write(text);
  } catch (error) {
    // Some versions of Node throw what others emit.
    lose(name, error as NodeJS.ErrnoException);
  }
}

/** Returns when the output takes more, is gone, or the signal fires. */
export function roomFor(name: Output, signal: AbortSignal): Promise<void> | undefined {
  const stream = process[name];
  // Not AbortSignal.any: Node 20 may forget a signal that nothing else holds.
  const ends = [signal, goneSignal(name)];
  if (!stream.writableNeedDrain || ends.some(({ aborted }) => aborted)) return undefined;
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
  if (process.stderr.writableLength === 0) return;
  after(PATIENCE_MS, () => {
    if (process.stdout.writableLength === 0) leave();
  }).unref();
}

function lose(name: Output, { code, message }: NodeJS.ErrnoException): void {
  const controller = gone.get(name);
  if (controller === undefined || controller.signal.aborted) return;
  controller.abort();
  // A reader that has seen enough, as `head` has, is no trouble.
  if (name === 'stderr' || code === 'EPIPE') return;
  print('stderr', `autolab: cannot write to standard output: ${plainReason(message)}\n`);
}

/** `ENOSPC: no space left on device, write` → `no space left on device`. */
function plainReason(message: string): string {
  return message.replace(/^[A-Z0-9]+: /, '').replace(/, write$/, '');
}
