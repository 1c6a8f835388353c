import { basename, join } from 'node:path';
import type { Problem } from '../errors/problem.ts';
import { errorCodeOf, lstatOrNull, messageOf } from '../platform/files.ts';
import { listEntries } from '../platform/folders.ts';
import { isTemporaryName } from '../platform/temporary-name.ts';
import { sortBytewise } from './byte-order.ts';
import { RECEIPTS_FOLDER, TASK_RESULTS_FILE } from './tasks/task-files.ts';
import { TASK_LIST_FILE } from './tasks/task-list.ts';
import { TASKS_REUSED_FILE } from './tasks/task-reuse.ts';

/** What stands in a folder and all below it. */

export interface ListedEntry {
  /** Relative to the root that was listed, with `/`. */
  readonly path: string;
  /** `other`: a socket, a named pipe, a device. */
  readonly kind: 'file' | 'symlink' | 'other';
  /** Size of the file, or of the link's own text. */
  readonly bytes: number;
}

export interface TreeListing {
  /** Sorted bytewise by path. Folders are not entries. */
  readonly entries: readonly ListedEntry[];
  /** Names that are not UTF-8, folders that cannot be read, files that vanished meanwhile. `file` is relative to the root. */
  readonly problems: readonly Problem[];
}

export interface ListOptions {
  /** Leaves out a file, or a folder with all below it. */
  readonly exclude?: (relPath: string) => boolean;
}

/** Entries that are looked at before other work gets its turn: a lease wants its heartbeat also on a slow file system. */
const SLICE = 256;

/** Lists a tree without recursion and without ever following a symbolic link. Never rejects: see `problems`. */
export async function listTree(root: string, options: ListOptions = {}): Promise<TreeListing> {
  const entries: ListedEntry[] = [];
  const problems: Problem[] = [];
  const folders = [''];
  let seen = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const { name, kind } of entriesOf(root, folder, problems)) {
      seen += 1;
      if (seen % SLICE === 0) await new Promise(setImmediate);
      const text = name.toString('utf8');
      const path = folder === '' ? text : `${folder}/${text}`;
      if (!Buffer.from(text, 'utf8').equals(name)) {
        problems.push(
          problem(path, 'file.bad_name', `the name is not UTF-8 (its bytes: ${name.toString('hex')}); rename it`),
        );
        continue;
      }
      if (options.exclude?.(path) === true) continue;
      if (kind === 'folder') {
        folders.push(path);
        continue;
      }
      const stats = lstatOrNull(join(root, path));
      if (stats === null) problems.push(problem(path, 'file.changed', 'it vanished while the folder was listed'));
      else entries.push({ path, kind, bytes: stats.size });
    }
  }
  return { entries: sortBytewise(entries, (entry) => entry.path), problems: sortBytewise(problems, (one) => one.file) };
}

function entriesOf(root: string, folder: string, problems: Problem[]): ReturnType<typeof listEntries> {
  try {
    return listEntries(join(root, folder));
  } catch (error) {
    const gone = errorCodeOf(error) === 'ENOENT';
    const code = !gone ? 'file.unreadable' : folder === '' ? 'file.missing' : 'file.changed';
    problems.push(problem(folder === '' ? '.' : folder, code, `the folder cannot be listed: ${messageOf(error)}`));
    return [];
  }
}

function problem(file: string, code: string, message: string): Problem {
  return { file, line: null, column: null, pointer: null, code, severity: 'error', message };
}

/** What autolab writes, or may write, after the artifacts were digested. */
const NOT_ARTIFACTS: ReadonlySet<string> = new Set([
  'journal.jsonl',
  'run_manifest.json',
  'artifacts.sha256',
  'cancel.json',
  'logs/driver.log',
  'logs/supervisor.log',
]);

/** The same in a run with many tasks; in any other, files of these names are outputs. */
const NOT_ARTIFACTS_OF_TASKS: ReadonlySet<string> = new Set([TASK_LIST_FILE, TASKS_REUSED_FILE, TASK_RESULTS_FILE]);

/**
 * Whether a file of a run folder belongs into `artifacts.sha256`. Everything does but the launcher's living records
 * and the receipts, among which a claim can still appear after the end (a tombstone of an abandoned run). `hasTasks`: the
 * run has many.
 */
export function isArtifactPath(relPath: string, hasTasks: boolean): boolean {
  if (NOT_ARTIFACTS.has(relPath) || isWithin('receipt', relPath)) return false;
  if (hasTasks && (NOT_ARTIFACTS_OF_TASKS.has(relPath) || isWithin(RECEIPTS_FOLDER, relPath))) return false;
  return !isTemporaryName(basename(relPath));
}

function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
