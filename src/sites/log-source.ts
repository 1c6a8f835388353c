import { GrowingFile } from '../platform/growing-file.ts';
import type { LogPiece } from './run-folder.ts';

/** The bytes of one log, wherever the run writes it. */
export interface LogSource {
  /** In bytes; 0 if there is none. */
  readonly size: () => Promise<number>;
  /** At most that many bytes from the offset on; empty at the end. */
  readonly read: (offset: number, most: number) => Promise<Buffer>;
  /** Why the last answer lacks what there is, or null. */
  readonly trouble: () => string | null;
  /** When it was last written, in milliseconds since 1970; null if that is not known here. */
  readonly modifiedMs: () => number | null;
  /** What became of it since it was read up to `offset`; after `cut` and `replaced` it is read from its beginning. */
  readonly reopen: (offset: number) => 'same' | 'cut' | 'replaced';
  readonly close: () => void;
}

/** Opens the log that has this path here. */
export type OpenLog = (path: string) => LogSource;

/** One that is written here, as long as it may be opened. */
export function logHere(path: string, mayOpen: () => boolean = () => true): LogSource {
  const file = new GrowingFile(path, mayOpen);
  return {
    size: () => Promise.resolve(file.size()),
    read: (offset, most) => Promise.resolve(file.read(offset, most)),
    trouble: () => null,
    modifiedMs: () => file.modifiedMs(),
    reopen: (offset) => file.reopen(offset),
    close: () => {
      file.close();
    },
  };
}

/** Reads a log of the run, by its path here: also what is too long to be kept here. */
export type ReadLog = (path: string, offset: number, most: number) => Promise<LogPiece>;

/** One that is asked for: the file here is only a mirror, which what is brought back replaces and continues. */
export function logAsked(path: string, ask: ReadLog): LogSource {
  let lost: string | null = null;
  const piece = async (offset: number, most: number): Promise<LogPiece> => {
    const answer = await ask(path, offset, most);
    ({ lost } = answer);
    return answer;
  };
  return {
    size: async () => (await piece(0, 0)).size,
    read: async (offset, most) => (await piece(offset, most)).bytes,
    trouble: () => lost,
    modifiedMs: () => null,
    reopen: () => 'same',
    close: () => undefined,
  };
}
