import { withoutUrlSecrets } from '../platform/redact.ts';

/** Reads what `receipt/environment.sh` wrote, part by part. Null: the part is missing, was cut, or is of another shape. Pure. */

export interface HostFacts {
  readonly kernel: string | null;
  readonly os: string | null;
  readonly cpu: { readonly model: string | null; readonly online: number | null; readonly usable: number | null };
  readonly memory_bytes: number | null;
  /** The container that the job is in, as far as it leaves a sign. */
  readonly container: { readonly kind: 'docker' | 'podman'; readonly image: string | null } | null;
}

export interface FoundInterpreter {
  readonly kind: string;
  readonly path: string;
  readonly version: string;
}

export interface FoundPython {
  readonly path: string;
  readonly version: string;
  readonly packages: Readonly<Record<string, string>>;
}

export interface FoundGpu {
  readonly name: string;
  readonly memory_mib: number | null;
  readonly driver: string;
}

/** More is no longer a list that anybody reads. */
const MOST_PACKAGES = 10_000;
const LONGEST = 500;
const MOST_VARIABLES = 256 * 1024;

/** The lines of a part that is complete. */
function linesOf(text: string | null): readonly string[] | null {
  if (text === null || !/(?:^|\n)\.\n$/.test(text)) return null;
  return text.slice(0, -2).split('\n').slice(0, -1);
}

export function hostFacts(text: string | null): HostFacts | null {
  const lines = linesOf(text);
  if (lines === null) return null;
  const facts = new Map(lines.map((line) => cut(line, '\t')));
  const said = (name: string): string | null => clean(facts.get(name) ?? '') || null;
  const kilobytes = /^(\d{1,15}) kB$/.exec(said('memory') ?? '')?.[1];
  return {
    kernel: said('kernel'),
    os: unquoted(said('os')),
    cpu: {
      model: said('cpu')?.replace(/^:\s*/, '') ?? null,
      online: countOf(said('online')),
      usable: countOf(said('usable')),
    },
    memory_bytes: kilobytes === undefined ? null : Number(kilobytes) * 1024,
    container: facts.has('podman')
      ? { kind: 'podman', image: unquoted(said('image')) }
      : facts.has('docker')
        ? { kind: 'docker', image: null }
        : null,
  };
}

export function variablesIn(text: string | null): Readonly<Record<string, string>> | null {
  const lines = linesOf(text);
  if (lines === null || (text?.length ?? 0) > MOST_VARIABLES) return null;
  const entries = lines.map((line) => cut(line, '=')).filter(([name]) => /^[A-Za-z_]\w*$/.test(name));
  return Object.fromEntries(entries.map(([name, value]) => [name, withoutUrlSecrets(unescaped(value))]));
}

/** `none`: the entrypoint has no interpreter that is known here. */
export function interpreterIn(text: string | null): FoundInterpreter | 'none' | 'python' | null {
  const [kind, path, version] = linesOf(text) ?? [];
  if (kind === 'none' || kind === 'python') return kind;
  if (kind === undefined || path === undefined || version === undefined) return null;
  return { kind, path: clean(path), version: versionIn(clean(version)) };
}

/** Empty if no Python was asked. */
export function pythonIn(text: string | null): FoundPython | 'none' | null {
  const lines = linesOf(text);
  if (lines === null) return null;
  const [path, version, ...rest] = lines;
  if (path === undefined) return 'none';
  if (version === undefined) return null;
  const packages = packagesOf(rest.map((line) => cut(line, '\t')).map(([name, said]) => [normalName(name), said]));
  return packages === null ? null : { path: clean(path), version: clean(version), packages };
}

/** PEP 503: the same package has one name. */
function normalName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}

/** Empty if no such environment is used. The name of a file is `name-version-build.json`. */
export function condaIn(text: string | null): Readonly<Record<string, string>> | 'none' | null {
  const lines = linesOf(text);
  if (lines === null) return null;
  if (lines.length === 0) return 'none';
  const files = lines.slice(1).flatMap((line) => {
    const [, name, version, build] = /^(.+)-([^-]+)-([^-]+)\.json$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, `${String(version)} ${String(build)}`] as const];
  });
  return packagesOf(files);
}

/** Keys are places below `node_modules/`: the same package may be there in several versions. */
export function nodeIn(text: string | null): Readonly<Record<string, string>> | null {
  const lines = linesOf(text);
  if (lines === null) return null;
  const found: (readonly [string, string])[] = [];
  let place: string | null = null;
  for (const line of lines) {
    const [, key = '', value] = /^\s*"([^"]*)": (?:"([^"]*)"|\{)/.exec(line) ?? [];
    if (key.startsWith('node_modules/')) place = key.slice('node_modules/'.length);
    else if (key === 'version' && place !== null && value !== undefined) {
      found.push([place, value]);
      place = null;
    }
  }
  return packagesOf(found);
}

export function gpusIn(text: string | null): readonly FoundGpu[] | null {
  const lines = linesOf(text);
  if (lines === null) return null;
  const rows = lines.map((line) => line.split(',').map((cell) => clean(cell)));
  if (rows.some((row) => row.length < 3)) return null;
  return rows.map((row) => {
    const [memory = '', driver = ''] = row.slice(-2);
    return { name: row.slice(0, -2).join(', '), memory_mib: /^\d{1,9}$/.test(memory) ? Number(memory) : null, driver };
  });
}

/** The first one is what is imported. */
function packagesOf(found: readonly (readonly [string, string])[]): Readonly<Record<string, string>> | null {
  const packages = new Map<string, string>();
  for (const [name, version] of found) if (!packages.has(clean(name))) packages.set(clean(name), clean(version));
  packages.delete('');
  return packages.size > MOST_PACKAGES ? null : Object.fromEntries(packages);
}

function cut(line: string, by: string): readonly [string, string] {
  const at = line.indexOf(by);
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
}

/** One line without control characters, of a bounded length. */
function clean(text: string): string {
  return text
    .replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
    .trim()
    .slice(0, LONGEST);
}

function unquoted(text: string | null): string | null {
  return text?.replace(/^(["'])(.*)\1$/, '$2') ?? null;
}

function unescaped(text: string): string {
  return text.replaceAll(/\\([\\n])/g, (_, char: string) => (char === 'n' ? '\n' : '\\'));
}

/** The kernel's lists: `0-3,8`. */
function countOf(list: string | null): number | null {
  if (list === null || !/^\d{1,6}(?:-\d{1,6})?(?:,\d{1,6}(?:-\d{1,6})?)*$/.test(list)) return null;
  return list.split(',').reduce((sum, range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return sum + Math.max(0, last - first + 1);
  }, 0);
}

/** Of `julia version 1.10.4`, `v20.19.0`: the version itself. */
function versionIn(said: string): string {
  return /\d[^\s]*/.exec(said)?.[0] ?? said;
}
