/** Fewer untracked files are worth no question. */
const MANY = 1000;

/**
 * Asks whether git should ignore the folder that holds most of many untracked files, such as an environment or a dataset;
 * null if there are fewer, or if they are spread out. All names are relative to the same folder. Pure.
 */
export function ignoreHint(untracked: readonly string[], tracked: Iterable<string>): string | null {
  if (untracked.length < MANY) return null;
  const folder = mainFolder(untracked, foldersOf(tracked));
  if (folder === null) return null;
  const prefix = `${folder}/`;
  const within = untracked.filter((name) => name.startsWith(prefix)).length;
  const share = within === untracked.length ? 'all' : count(within);
  return `${count(untracked.length)} files of the code are not tracked; ${share} of them are in ${folder}: should git ignore it?`;
}

function count(files: number): string {
  return files.toLocaleString('en');
}

/** The topmost folder without tracked files that holds more than half of the names, or else the deepest that does. */
function mainFolder(names: readonly string[], withTracked: ReadonlySet<string>): string | null {
  let folder: string | null = null;
  for (;;) {
    const next = largestChild(names, folder);
    if (next === null) return folder;
    folder = next;
    if (!withTracked.has(folder)) return folder;
  }
}

/** The folder right below `parent` that holds more than half of all names. */
function largestChild(names: readonly string[], parent: string | null): string | null {
  const start = parent === null ? 0 : parent.length + 1;
  const counts = new Map<string, number>();
  for (const name of names) {
    if (parent !== null && !name.startsWith(`${parent}/`)) continue;
    const end = name.indexOf('/', start);
    if (end === -1) continue;
    const child = name.slice(0, end);
    counts.set(child, (counts.get(child) ?? 0) + 1);
  }
  for (const [child, files] of counts) if (files > names.length / 2) return child;
  return null;
}

function foldersOf(names: Iterable<string>): ReadonlySet<string> {
  const folders = new Set<string>();
  for (const name of names)
    for (let at = name.lastIndexOf('/'); at > 0; at = name.lastIndexOf('/', at - 1)) {
      const folder = name.slice(0, at);
      if (folders.has(folder)) break;
      folders.add(folder);
    }
  return folders;
}
