import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { commitAll, makeProject, temporaryFolder } from './project.ts';
import { gitIn, treeOf } from './rebuilt.ts';

/** A repository with a project in it, of every kind that git allows, changed in every way; the same for the same numbers. */

export interface World {
  /** The repository that the launch sees, and the project in it: '' or with a last slash. */
  readonly top: string;
  readonly prefix: string;
  /** What was done, for the message of a failed test. */
  readonly story: readonly string[];
  readonly projectOnly: boolean;
  readonly sparse: boolean;
  /** Makes a fresh clone of the same commits; with the filters set up or not. */
  readonly freshClone: (withFilters: boolean) => string;
}

const NAMES = [
  'plain.txt', 'with space.txt', "quo'te.py", 'dou"ble.py', 'new\nline.txt', 'co:lon.txt', '-dash', '--help', 'ünï.txt',
  'back\\slash.txt', 'tab\there', '*star?', '[brk].txt', '#hash', '!bang', '$HOME', 'trailing ', 'a..b', '.hidden',
  'emoji😀.txt', 'cr\rname.txt', ' lead', '~', '%20', 'x.flt', 'y.flt', 'a.id', 'w.u16', 'b.bin', 'c.crlf', 'd.crlf',
  'n.nodiff', 'key.pem', '.env', 'tool.sh', 'a b', 'data.bin', '"', 'é', 'é',
]; // prettier-ignore
const FOLDERS = ['', 'src/', 'src/deep er/', 'dät/', 'x b/', '-f/', 'nl\nfolder/'];
const ATTRIBUTES = ['* text=auto', '*.crlf text eol=crlf', '*.flt filter=rot', '*.id ident', '*.u16 text working-tree-encoding=UTF-16LE', '*.bin binary', '*.nodiff -diff', '*.py text', '*.txt text eol=lf']; // prettier-ignore
const FILTERS = ['-c', 'filter.rot.clean=tr a-zA-Z n-za-mN-ZA-M', '-c', 'filter.rot.smudge=tr a-zA-Z n-za-mN-ZA-M'];

/** More than a patch takes of one file. */
export const BIG = 1024 * 1024 + 1;

class Maker {
  readonly story: string[] = [];
  readonly random: () => number;
  constructor(random: () => number) {
    this.random = random;
  }

  one<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.random() * items.length)] as Item;
  }

  chance(probability: number): boolean {
    return this.random() < probability;
  }

  note(what: string): void {
    this.story.push(what);
  }

  content(path: string): Buffer {
    const word = Math.floor(this.random() * 1e6).toString(36);
    const lines = [`${word} one`, 'two', `$Id$ ${word}`, 'four  '];
    if (path.endsWith('.u16')) return Buffer.from(`${lines.join('\n')}\n`, 'utf16le');
    const kind = this.one(['lf', 'crlf', 'mixed', 'binary', 'empty', 'no end', 'cr', 'big']);
    switch (kind) {
      case 'crlf':
        return Buffer.from(`${lines.join('\r\n')}\r\n`);
      case 'mixed':
        return Buffer.from(`${word}\r\n${lines.join('\n')}\n`);
      case 'binary':
        return Buffer.from([0, 200, 13, 10, 255, Math.floor(this.random() * 256)]);
      case 'empty':
        return Buffer.alloc(0);
      case 'no end':
        return Buffer.from(lines.join('\n'));
      case 'cr':
        return Buffer.from(`${word}\r${word}\r`);
      case 'big':
        return this.chance(0.2) ? Buffer.alloc(BIG, `${word}\n`) : Buffer.from(word);
      default:
        return Buffer.from(`${lines.join('\n')}\n`);
    }
  }

  /** Writes so many new files below a folder. */
  fill(folder: string, count: number): void {
    for (let left = count; left > 0; left -= 1) {
      const path = this.one(FOLDERS) + this.one(NAMES);
      if (!isFree(folder, path)) continue;
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), this.content(path));
      if (this.chance(0.15)) chmodSync(join(folder, path), 0o755);
    }
    if (this.chance(0.5)) link(folder, 'link', 'src');
    if (this.chance(0.3)) link(folder, 'li\nnk "q"', '../no where\n');
    if (this.chance(0.7) && stat(join(folder, '.gitattributes'))?.isFile() !== false) {
      const chosen = ATTRIBUTES.filter(() => this.chance(0.5));
      writeFileSync(join(folder, '.gitattributes'), chosen.map((line) => `${line}\n`).join(''));
      this.note(`attributes: ${chosen.join('; ')}`);
    }
  }
}

/** Nothing is there, and nothing but folders leads there. */
function isFree(folder: string, path: string): boolean {
  const parts = path.split('/');
  return parts.every((_, index) => {
    const stats = stat(join(folder, ...parts.slice(0, index + 1)));
    return stats === null || (index < parts.length - 1 && stats.isDirectory());
  });
}

function stat(path: string) {
  return lstatSync(path, { throwIfNoEntry: false }) ?? null;
}

function link(folder: string, path: string, target: string): void {
  if (isFree(folder, path)) symlinkSync(target, join(folder, path));
}

export function makeWorld(random: () => number): World {
  const maker = new Maker(random);
  const home = temporaryFolder();
  const [origin, library] = [join(home, 'origin'), join(home, 'library')];
  const prefix = maker.chance(0.5) ? '' : maker.one(['sub/', 'sub folder/pröject/']);
  const projectOnly = prefix !== '' && maker.chance(0.3);
  for (const folder of [origin, library]) mkdirSync(folder);
  maker.fill(library, 8);
  commitAll(library);
  maker.fill(library, 4);
  commitAll(library);
  mkdirSync(join(origin, prefix), { recursive: true });
  makeProject({ root: join(origin, prefix), command: ['true'], artifacts: ['{path: metrics.json, required: false}'] });
  appendFileSync(join(origin, prefix, '.gitignore'), '*.ignored\n');
  if (projectOnly) appendFileSync(join(origin, prefix, '.autolab/launch.yaml'), 'code: {scope: project}\n');
  if (prefix !== '') maker.fill(origin, 6);
  maker.fill(join(origin, prefix), 14);
  gitIn(origin, 'init', '--quiet', '--initial-branch=main');
  gitIn(origin, 'config', 'uploadpack.allowFilter', 'true');
  gitIn(origin, 'config', 'uploadpack.allowAnySHA1InWant', 'true');
  gitIn(origin, 'config', 'core.autocrlf', maker.one(['false', 'false', 'input']));
  const submodule = maker.chance(0.5) ? maker.one(['lib', `${prefix}my lib`]) : null;
  if (submodule !== null) gitIn(origin, ...FILTERS, 'submodule', 'add', '--quiet', library, submodule);
  gitIn(origin, ...FILTERS, 'add', '--all');
  gitIn(origin, 'commit', '--quiet', '--message', 'one');
  const kind = maker.one(['origin', 'clone', 'shallow', 'partial', 'worktree']);
  maker.note(
    `${kind}, project in ${JSON.stringify(prefix)}${projectOnly ? ' only' : ''}, submodule ${String(submodule)}`,
  );
  const settings = ['-c', `core.autocrlf=${maker.one(['false', 'false', 'true', 'input'])}`];
  maker.note(settings.join(' '));
  const top = inItsKind(kind, origin, home, settings);
  if (submodule !== null && kind !== 'origin') updateSubmodules(top);
  const inners = [top];
  if (submodule !== null) inners.push(...changeSubmodule(maker, join(top, submodule)));
  const sparse = !projectOnly && prefix === '' && submodule === null && kind !== 'origin' && maker.chance(0.3);
  if (sparse) gitIn(top, 'sparse-checkout', 'set', 'docs', 'experiments', '.autolab', 'src');
  if (sparse) maker.note('sparse');
  const nested = maker.chance(0.35) ? `${prefix}${maker.one(['nested', 'deep/ne sted'])}` : null;
  if (nested !== null) {
    cloneLibrary(library, join(top, nested));
    inners.push(join(top, nested));
    maker.note(`nested ${nested}`);
  }
  for (const folder of inners) change(maker, folder, folder === top ? join(top, prefix) : folder);
  return {
    top,
    prefix,
    story: maker.story,
    projectOnly,
    sparse,
    freshClone: (withFilters) => {
      const clone = join(temporaryFolder(), 'fresh');
      gitIn(home, 'clone', '--quiet', ...(withFilters ? FILTERS : []), ...settings, origin, clone);
      if (submodule !== null) {
        rmSync(join(clone, submodule), { recursive: true, force: true });
        updateSubmodules(clone);
      }
      if (nested !== null) cloneLibrary(library, join(clone, nested));
      return clone;
    },
  };
}

function inItsKind(kind: string, origin: string, home: string, settings: readonly string[]): string {
  const top = join(home, 'work');
  const clone = (...words: readonly string[]): string => {
    gitIn(home, 'clone', '--quiet', ...FILTERS, ...settings, ...words, top);
    return top;
  };
  switch (kind) {
    case 'clone':
      return clone(origin);
    case 'shallow':
      return clone('--depth=1', `file://${origin}`);
    case 'partial':
      return clone('--filter=blob:none', `file://${origin}`);
    default:
      for (const setting of FILTERS.filter((word) => word !== '-c')) {
        const [name = '', value = ''] = setting.split('=');
        gitIn(origin, 'config', name, value);
      }
      if (kind === 'origin') return origin;
      gitIn(origin, 'worktree', 'add', '--quiet', '--detach', top, 'HEAD');
      return top;
  }
}

function updateSubmodules(top: string): void {
  gitIn(top, ...FILTERS, 'submodule', '--quiet', 'update', '--init', '--recursive');
}

function cloneLibrary(library: string, folder: string): void {
  mkdirSync(dirname(folder), { recursive: true });
  gitIn(library, 'clone', '--quiet', ...FILTERS, library, folder);
}

/** Returns the folder if there is a repository in it still. */
function changeSubmodule(maker: Maker, folder: string): readonly string[] {
  const what = maker.one(['as pinned', 'other commit', 'other commit', 'not checked out', 'a file in its place']);
  maker.note(`submodule: ${what}`);
  if (what === 'other commit') gitIn(folder, ...FILTERS, 'checkout', '--quiet', 'HEAD~1');
  if (what === 'not checked out') {
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    return [];
  }
  if (what === 'a file in its place') {
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'a file\n');
    return [];
  }
  return [folder];
}

const CHANGES: Readonly<Record<string, (maker: Maker, folder: string, path: string) => void>> = {
  edit: (maker, folder, path) => {
    writeFileSync(join(folder, path), maker.content(path));
  },
  append: (_maker, folder, path) => {
    appendFileSync(join(folder, path), 'more\n');
  },
  delete: (_maker, folder, path) => {
    rmSync(join(folder, path));
  },
  'delete, not from the index': (_maker, folder, path) => {
    gitIn(folder, 'rm', '--quiet', '--cached', '--', `:(literal)${path}`);
  },
  chmod: (_maker, folder, path) => {
    chmodSync(join(folder, path), 0o755);
  },
  'assume-unchanged': (maker, folder, path) => {
    gitIn(folder, 'update-index', '--assume-unchanged', '--', path);
    writeFileSync(join(folder, path), maker.content(path));
  },
  'skip-worktree': (maker, folder, path) => {
    gitIn(folder, 'update-index', '--skip-worktree', '--', path);
    writeFileSync(join(folder, path), maker.content(path));
  },
  'to a folder': (maker, folder, path) => {
    rmSync(join(folder, path));
    mkdirSync(join(folder, path));
    writeFileSync(join(folder, path, 'in side'), maker.content('x'));
  },
  'to a link': (maker, folder, path) => {
    rmSync(join(folder, path));
    symlinkSync(maker.one(['src', '/nowhere', '.gitattributes']), join(folder, path));
  },
  'to a pipe': (_maker, folder, path) => {
    // git itself would wait for somebody who writes to it.
    if (path.endsWith('.gitattributes')) return;
    rmSync(join(folder, path));
    execFileSync('mkfifo', ['--', join(folder, path)]);
  },
  stage: (maker, folder, path) => {
    writeFileSync(join(folder, path), maker.content(path));
    gitIn(folder, ...FILTERS, 'add', '--', `:(literal)${path}`);
    if (maker.chance(0.5)) writeFileSync(join(folder, path), maker.content(path));
  },
};

/** Changes some tracked files of a repository, and adds others below `place`. */
function change(maker: Maker, folder: string, place: string): void {
  const tracked = gitIn(folder, 'ls-files', '-z')
    .split('\0')
    .filter((path) => {
      const own = /(^|\/)(\.autolab|docs|experiments|\.gitignore|\.gitmodules)(\/|$)/.test(path);
      return path !== '' && !own && stat(join(folder, path))?.isFile() === true && isPlain(folder, path);
    });
  for (const path of tracked) {
    if (!maker.chance(0.35)) continue;
    const what = maker.one(Object.keys(CHANGES));
    maker.note(`${what}: ${JSON.stringify(path)}`);
    CHANGES[what]?.(maker, folder, path);
  }
  maker.fill(place, 6);
  writeFileSync(join(place, 'a.ignored'), 'ignored\n');
  if (maker.chance(0.3)) writeFileSync(join(place, 'git~1'), 'short\n');
  if (maker.chance(0.3)) {
    writeFileSync(join(place, 'intent'), maker.content('intent'));
    gitIn(place, 'add', '--intent-to-add', 'intent');
    if (maker.chance(0.3)) rmSync(join(place, 'intent'));
  }
  folderChanges(maker, place);
}

function folderChanges(maker: Maker, place: string): void {
  const [folder = ''] = readdirSync(place).filter(
    (name) => ['src', 'dät', 'x b', '-f'].includes(name) && isFolder(join(place, name)),
  );
  if (folder === '' || !maker.chance(0.3)) return;
  const what = maker.one(['file', 'link to a folder', 'link out']);
  maker.note(`folder ${folder} to ${what}`);
  const path = join(place, folder);
  if (what === 'link to a folder') {
    execFileSync('mv', ['--', path, join(place, 'moved')]);
    symlinkSync('moved', path);
  } else {
    rmSync(path, { recursive: true });
    if (what === 'file') writeFileSync(path, maker.content(path));
    else {
      const outside = temporaryFolder();
      execFileSync('cp', ['-r', '.', outside], { cwd: existsSync(join(place, 'docs')) ? join(place, 'docs') : place });
      symlinkSync(outside, path);
    }
  }
}

function isFolder(path: string): boolean {
  return stat(path)?.isDirectory() === true;
}

/** Its folders are folders still. */
function isPlain(folder: string, path: string): boolean {
  const parts = path.split('/');
  return parts.slice(0, -1).every((_, index) => isFolder(join(folder, ...parts.slice(0, index + 1))));
}

/** What is code of a world: not what autolab writes, and not what git ignores. By path from the top. */
export function codeOf(
  { top, prefix, projectOnly }: Pick<World, 'top' | 'prefix' | 'projectOnly'>,
  folder = top,
): ReadonlyMap<string, string> {
  const own =
    /^(\.autolab\/|docs\/slurm_job_list\.md$|experiments\/iter1\/(runs|launch)\/|experiments\/iter1\/review_result\.json$)/;
  return new Map(
    [...treeOf(folder)].filter(([path]) => {
      if (path.endsWith('.ignored')) return false;
      if (!path.startsWith(prefix)) return !projectOnly;
      return !own.test(path.slice(prefix.length));
    }),
  );
}
