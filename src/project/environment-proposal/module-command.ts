import { run } from '../../platform/process.ts';
import type { FoundModules } from './found.ts';

/** What the `module` command of a login shell says. */

const TIMEOUT_MS = 10_000;
const MARK = 'autolab-modules\0';

// A login shell may print; what counts stands after the mark. Names are given as arguments, never as text of the program.
const PROGRAM = `
[ "$(type -t module)" ] || exit 0
printf 'autolab-modules\\0%s\\0%s\\0%s\\0' "\${MODULESHOME-}" "\${LMOD_PKG-}" "\${LOADEDMODULES-}"
for name; do module -t avail "$name" 2>&1 </dev/null; done
`;

export interface ModuleAnswer extends FoundModules {
  /** Loaded by the login shell itself. */
  readonly loaded: readonly string[];
}

/** Null if a login shell has no such command, or does not answer within 10 s. `names`: of modules to look for. */
export async function askModules(
  names: readonly string[],
  isFile: (path: string) => boolean,
): Promise<ModuleAnswer | null> {
  const argv = ['bash', '-lc', PROGRAM, 'bash', ...names];
  const { stdout, exitCode } = await run(argv, { timeoutMs: TIMEOUT_MS, stdin: '', env: withoutLoaded() });
  return exitCode === null ? null : readModules(stdout, names, isFile);
}

/** So that what is loaded is what the login shell itself loads. */
function withoutLoaded(): NodeJS.ProcessEnv {
  const ofModules = /^(?:LOADEDMODULES|_LMFILES_|__LMOD_|_ModuleTable)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ofModules.test(name)));
}

/** Pure but for `isFile`. */
export function readModules(
  stdout: string,
  names: readonly string[],
  isFile: (path: string) => boolean,
): ModuleAnswer | null {
  const at = stdout.lastIndexOf(MARK);
  if (at < 0) return null;
  const [home = '', lmod = '', loaded = '', offers = ''] = stdout.slice(at + MARK.length).split('\0');
  const scripts = [...folders(home), ...folders(lmod)].map((folder) => `${folder}/init/bash`);
  const script = [...scripts, '/etc/profile.d/modules.sh', '/etc/profile.d/lmod.sh'].find(isFile) ?? null;
  return { script, loaded: moduleNames(loaded), available: offered(offers, names) };
}

function folders(path: string): readonly string[] {
  return /^\/[\w./+-]+$/.test(path) ? [path] : [];
}

/** The modules in a list such as `LOADEDMODULES` that can stand in a script. Pure. */
export function moduleNames(list: string): readonly string[] {
  return list.split(':').filter((name) => NAME.test(name));
}

const NAME = /^[A-Za-z0-9][\w.+-]*(?:\/[\w.+-]+)*$/;

/** `module -t avail`: a name a line, `python/3.11(default)`; folders end in a colon. The default comes last. */
function offered(text: string, names: readonly string[]): readonly string[] {
  const lines = text.split('\n').map((line) => line.trim());
  const usual = lines.filter((line) => /\((?:D|default|.*:default)\)$/.test(line));
  const sorted = [...lines.filter((line) => !usual.includes(line)), ...usual];
  const plain = sorted.map((line) => line.replace(/\([^)]*\)$/, ''));
  const wanted = (name: string): boolean => names.includes(name.split('/')[0] ?? '');
  return [...new Set(plain.filter((name) => NAME.test(name) && wanted(name)))];
}
