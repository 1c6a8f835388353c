import { dirname } from 'node:path';
import { type Failure, failureOf, LeaseLost, Stopped } from '../errors/failure.ts';
import { lstatOrNull, NotAFile } from '../platform/files.ts';
import { quotePosix } from '../platform/quoting.ts';

/** Something of another kind is in the place of a file or a folder. */
const ODD_PLACES = ['EISDIR', 'ENOTDIR', 'ELOOP', 'ENXIO', 'EEXIST', 'ENOTEMPTY', 'ENAMETOOLONG'];
/** Moving away what is there helps. */
const OTHER_KIND = ['EISDIR', 'ENOTDIR', 'EEXIST'];
const DISK_REFUSES = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EIO', ...ODD_PLACES];
const TOO_FEW_FILES = ['EMFILE', 'ENFILE'];

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
    return failureOf('project.read_only', { message: `${message}.`, hint: moveAway(error.path) });
  const { code, syscall, path } = systemErrorOf(error);
  if (syscall === 'uv_cwd') return failureOf('project.not_found', { message: 'The current folder no longer exists.' });
  if (TOO_FEW_FILES.includes(code))
    return failureOf('project.read_only', {
      message: `This shell allows too few open files: ${message}.`,
      hint: 'Raise the limit, then run the command again: ulimit -n 4096',
    });
  if ((code === 'ENOENT' && ['mkdir', 'mkdtemp'].includes(syscall)) || DISK_REFUSES.includes(code))
    return failureOf('project.read_only', {
      message: `Cannot read or write a file: ${message}.`,
      ...(path !== undefined && OTHER_KIND.includes(code) ? { hint: moveAway(firstNoFolder(path)) } : {}),
    });
  return null;
}

function moveAway(path: string): string {
  return `Move it away: mv ${quotePosix(path)} ${quotePosix(`${path}.away`)}; then run the command again.`;
}

/** What stands where a folder belongs: the path itself, or one above it. */
function firstNoFolder(path: string): string {
  const above = dirname(path);
  return above !== path && lstatOrNull(path) === null ? firstNoFolder(above) : path;
}

interface SystemError {
  readonly code: string;
  readonly syscall: string;
  readonly path: string | undefined;
}

function systemErrorOf(error: unknown): SystemError {
  const { code, syscall, path } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  return { code: code ?? '', syscall: syscall ?? '', path };
}
