import { type Failure, failureOf, LeaseLost, Stopped } from '../errors/failure.ts';
import { NotAFile } from '../platform/files.ts';

/** Something of another kind is in the place of a file or a folder. */
const ODD_PLACES = ['EISDIR', 'ENOTDIR', 'ELOOP', 'ENXIO', 'EEXIST', 'ENOTEMPTY', 'ENAMETOOLONG'];
const DISK_REFUSES = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', ...ODD_PLACES];

/** Thrown if there is no project, or no folder to search for one. */
export class ProjectError extends Error {
  override readonly name = 'ProjectError';
  /** A code of the catalogue, a message, and the next thing to do. */
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** The failure of an expected error: a driver that must stop, a disk that refuses. Returns null for a bug. */
export function expectedFailure(error: unknown): Failure | null {
  if (error instanceof ProjectError || error instanceof Stopped) return error.failure;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof LeaseLost) return failureOf(error.code, { message: `This driver stopped: ${message}.` });
  if (error instanceof NotAFile)
    return failureOf('project.read_only', {
      message: `${message}.`,
      hint: 'Move it away, then run the command again.',
    });
  const { code, syscall } = systemErrorOf(error);
  if (syscall === 'uv_cwd') return failureOf('project.not_found', { message: 'The current folder no longer exists.' });
  if ((code === 'ENOENT' && syscall === 'mkdir') || DISK_REFUSES.includes(code))
    return failureOf('project.read_only', { message: `Cannot read or write a file: ${message}.` });
  return null;
}

function systemErrorOf(error: unknown): { readonly code: string; readonly syscall: string } {
  const { code, syscall } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  return { code: code ?? '', syscall: syscall ?? '' };
}
