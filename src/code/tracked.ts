/** What git's index and a commit say about files, as git prints it. Pure. */

export interface IndexEntry {
  readonly mode: string;
  readonly blob: string;
  /** What keeps git from looking at the file. */
  readonly hidden: 'assume-unchanged' | 'skip-worktree' | null;
}

export interface Listed {
  readonly tracked: ReadonlyMap<string, IndexEntry>;
  /** Not tracked and not ignored. A nested repository is `name/`. */
  readonly untracked: readonly string[];
  /** Names that are not UTF-8, as well as they can be shown. They are in none of the others. */
  readonly odd: readonly string[];
}

/** Mode of a submodule. */
export const GITLINK = '160000';
export const LINK = '120000';
export const EXECUTABLE = '100755';
export const PLAIN = '100644';

const TRACKED = /^(\S) (\d{6}) ([0-9a-f]{40,64}) \d\t/;

/** `git ls-files -z -t -v --stage --cached --others --exclude-standard`. */
export function parseListed(answer: Buffer): Listed {
  const tracked = new Map<string, IndexEntry>();
  const untracked: string[] = [];
  const odd: string[] = [];
  const text = answer.toString('utf8');
  for (const line of text.split('\0')) {
    const match = TRACKED.exec(line);
    if (line.includes('\uFFFD')) odd.push(line.slice(match?.[0].length ?? 2));
    else if (match !== null) {
      const [head, tag = '', mode = '', blob = ''] = match;
      tracked.set(line.slice(head.length), { mode, blob, hidden: hiddenBy(tag) });
    } else if (line.startsWith('? ')) untracked.push(line.slice(2));
  }
  return { tracked, untracked, odd };
}

function hiddenBy(tag: string): IndexEntry['hidden'] {
  if (tag.toUpperCase() === 'S') return 'skip-worktree';
  return tag === tag.toLowerCase() && tag !== '?' ? 'assume-unchanged' : null;
}

/** `git ls-tree -r -z HEAD`, without submodules (which `submodules` has). */
export interface CommittedTree {
  readonly files: ReadonlyMap<string, { readonly mode: string; readonly blob: string }>;
  /** Path → the commit that the tree names. */
  readonly submodules: ReadonlyMap<string, string>;
}

export function parseTree(answer: Buffer): CommittedTree {
  const files = new Map<string, { mode: string; blob: string }>();
  const submodules = new Map<string, string>();
  for (const line of answer.toString('utf8').split('\0')) {
    const match = /^(\d{6}) \w+ ([0-9a-f]{40,64})\t/.exec(line);
    if (match === null || line.includes('\uFFFD')) continue;
    const [head, mode = '', blob = ''] = match;
    const path = line.slice(head.length);
    if (mode === GITLINK) submodules.set(path, blob);
    else files.set(path, { mode, blob });
  }
  return { files, submodules };
}

/** `git config -z --get-regexp`: name → value. */
export function parseConfig(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const entry of text.split('\0')) {
    const end = entry.indexOf('\n');
    if (entry !== '') values.set(end < 0 ? entry : entry.slice(0, end), end < 0 ? 'true' : entry.slice(end + 1));
  }
  return values;
}

export interface HeadStatus {
  readonly sha: string | null;
  readonly branch: string | null;
}

/** The head lines of `git status --porcelain=v2 --branch -z`. */
export function parseHead(text: string): HeadStatus {
  const value = (name: string, none: string): string | null => {
    const line = text.split('\0').find((entry) => entry.startsWith(`# branch.${name} `));
    const found = line?.slice(`# branch.${name} `.length);
    return found === undefined || found === none ? null : found;
  };
  return { sha: value('oid', '(initial)'), branch: value('head', '(detached)') };
}
