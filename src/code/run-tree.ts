import { posix } from 'node:path';

/** Which files a run uses: `code.run_from` and `code.link` of the design or of `.autolab/launch.yaml`. */
export interface RunTree {
  /** The work tree itself, or a copy of the code that does not change. */
  readonly run_from: 'work_tree' | 'snapshot';
  /** Paths that are not code and that a snapshot links to, relative to the project root. */
  readonly link: readonly string[];
}

export const DEFAULT_RUN_TREE: RunTree = { run_from: 'work_tree', link: [] };

/** Why a path cannot be linked, phrased to follow the field's name; null if it can. */
export function checkLink(path: string): string | null {
  if (path.trim() === '') return 'must not be empty';
  if (/\p{Cc}/u.test(path)) return 'contains a control character; remove it';
  if (path.startsWith('/') || path.startsWith('~')) return 'must be relative to the project root';
  if (path.includes('{{')) return 'has no placeholders; write a path relative to the project root';
  const plain = plainLink(path);
  if (path.split('/').includes('..')) return 'must not leave the project with `..`';
  if (plain === '.') return 'must name something in the project, not the project';
  if (plain === '.autolab' || plain.startsWith('.autolab/')) return "must not lead into autolab's own folder";
  return null;
}

/** Without `./`, and without a last slash. */
function plainLink(path: string): string {
  return posix.normalize(path).replace(/\/+$/, '');
}

/** Each once, sorted; those within another one are there with it. */
export function plainLinks(links: readonly string[]): readonly string[] {
  const plain = [...new Set(links.map(plainLink))].sort();
  return plain.filter((path) => !plain.some((other) => path.startsWith(`${other}/`)));
}
