/**
 * What a launch host reports about itself in one answer: the folder for runs, installed programs, names of variables,
 * its clock. Pure: a program for a POSIX shell, and the parser of its output.
 */
export interface FarFacts {
  readonly host: string;
  /** The folder without symbolic links; null if it is missing or may not be entered. */
  readonly base: string | null;
  readonly exists: boolean;
  readonly writable: boolean;
  /** Free for this user, if `df` reports it. */
  readonly freeBytes: number | null;
  readonly freeInodes: number | null;
  /** The installed ones among the programs that were asked about. */
  readonly tools: readonly string[];
  /** The files and programs that are there among those that were asked about. */
  readonly signs: readonly string[];
  /** Names only. */
  readonly variables: readonly string[];
  /** Unix time, in seconds. */
  readonly time: number | null;
  /** SHA-256 of a file below the folder; null if it is missing. */
  readonly witness: string | null;
}

const TOOLS = ['git', 'rsync', 'tar', 'sha256sum', 'find', 'bash', 'timeout'] as const;

// $1 is the folder, $2 a file below it that proves it is the intended one, $3 the number of patterns that follow; the rest
// are programs. Each line begins with a keyword.
const PROGRAM = `
say() { printf '%s %s\\n' "$1" "$2"; }
say host "$(hostname 2>/dev/null || uname -n)"
say time "$(date +%s)"
if [ -e "$1" ]; then say exists yes; fi
if base=$(CDPATH= cd -- "$1" 2>/dev/null && pwd -P); then
  say base "$base"
  if [ -w "$base" ]; then say writable yes; fi
  df -Pk -- "$base" 2>/dev/null | awk 'NR > 1 { print "free_kib", $4 }'
  df -Pi -- "$base" 2>/dev/null | awk 'NR > 1 { print "free_inodes", $4 }'
  if [ -n "$2" ] && [ -f "$base/$2" ]; then say witness "$(sha256sum < "$base/$2" 2>/dev/null)"; fi
fi
for tool in ${TOOLS.join(' ')}; do
  if command -v "$tool" >/dev/null 2>&1; then say tool "$tool"; fi
done
paths=$3; shift 3
while [ "$paths" -gt 0 ]; do
  for file in $1; do
    if [ -e "$file" ]; then say sign "$file"; fi
  done
  shift; paths=$((paths - 1))
done
for tool do
  if command -v "$tool" >/dev/null 2>&1; then say sign "$tool"; fi
done
awk 'BEGIN { for (name in ENVIRON) print "variable", name }'
`;

/** Files (as patterns of a shell) and programs that show which site a host belongs to. */
export interface SignsToFind {
  readonly paths: readonly string[];
  readonly programs: readonly string[];
}

const NO_SIGNS: SignsToFind = { paths: [], programs: [] };

export function farFactsArgv(
  folder: string,
  witness: string,
  { paths, programs }: SignsToFind = NO_SIGNS,
): readonly string[] {
  return ['sh', '-c', PROGRAM, 'sh', folder, witness, String(paths.length), ...paths, ...programs];
}

export function parseFarFacts(text: string): FarFacts {
  const found = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const at = line.indexOf(' ');
    if (at <= 0) continue;
    const word = line.slice(0, at);
    const values = found.get(word);
    if (values === undefined) found.set(word, [line.slice(at + 1)]);
    else values.push(line.slice(at + 1));
  }
  const one = (word: string): string | null => found.get(word)?.[0] ?? null;
  const number = (word: string): number | null => {
    const value = one(word);
    return value !== null && /^\d+$/.test(value) ? Number(value) : null;
  };
  const kib = number('free_kib');
  const base = one('base');
  return {
    host: one('host') ?? '',
    // Runs are sent below this path: part of a line, or a path with an escape sequence, does not count.
    base: base !== null && base.startsWith('/') && !/\p{Cc}/u.test(base) ? base : null,
    exists: found.has('exists'),
    writable: found.has('writable'),
    freeBytes: kib === null ? null : kib * 1024,
    freeInodes: number('free_inodes'),
    tools: found.get('tool') ?? [],
    signs: found.get('sign') ?? [],
    variables: (found.get('variable') ?? []).sort(),
    time: number('time'),
    witness: one('witness')?.slice(0, 64) ?? null,
  };
}

/** Times in records come from both clocks. */
const SKEW_SECONDS = 300;

/** How the remote clock differs; null if it roughly agrees with the local one. `hereMs`: Unix time, in milliseconds. */
export function clockWords({ time }: Pick<FarFacts, 'time'>, hereMs: number): string | null {
  const skew = time === null ? 0 : Math.round(time - hereMs / 1000);
  if (Math.abs(skew) < SKEW_SECONDS) return null;
  return `its clock is ${Math.abs(skew)} s ${skew > 0 ? 'ahead of' : 'behind'} ours`;
}
