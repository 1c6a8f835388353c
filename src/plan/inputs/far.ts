import { gitWatcher } from '../../code/git-watcher.ts';
import { looksSecret } from '../../code/secret-names.ts';
import { LARGE_BYTES } from '../../platform/openssl-sums.ts';
import type { InputSpec } from '../../project/design-inputs.ts';
import { inputPatterns } from '../../project/input-pattern.ts';
import { parseChecksums } from '../../records/checksums.ts';
import type { InputFile } from '../../records/input-list.ts';
import { LARGE_SUMS } from '../../transports/far-digests.ts';
import type { SshTransport } from '../../transports/ssh.ts';
import type { Lost } from '../../transports/transport.ts';
import type { ReadInput } from './digest.ts';
import type { InputTrouble } from './find.ts';

/** The data inputs that lie on the launch host: found and digested there, in one round trip. */

/** As long as the comparison of sent code may take. */
const SECONDS = 24 * 3600;
const MOST_BYTES = 512 * 1024 * 1024;

export type FarInputs =
  | { readonly kind: 'read'; readonly inputs: readonly ReadInput[] }
  | { readonly kind: 'failed'; readonly lost: Lost | null; readonly words: string };

// Every answer ends with NUL. P: the next pattern. E: type, size and name of an entry. D: a line of sha256sum, which
// writes a line break in a name as `\n`.
const PROGRAM = `export LC_ALL=C
if ! sha256sum --version 2>/dev/null | grep coreutils >/dev/null || ! find --version 2>/dev/null | grep GNU >/dev/null; then
  echo 'GNU find or GNU sha256sum is missing' >&2; exit 1
fi
# What find says against an entry on the last level counts only if the entry matches. A folder there is not listed.
complain() {
  local line name slashes top=\${1%/}
  while IFS= read -r line; do
    name=
    case $line in
      'find: File system loop detected; '*) name=\${line#*"; '"} name=\${name%%"' is part of "*} ;;
      "find: '"*"': "*) name=\${line#*"'"} name=\${name%"': "*} ;;
    esac
    slashes=\${name//[!\\/]/} top=\${top//[!\\/]/}
    if [ -n "$2" ] && [ -n "$name" ] && [ $((\${#slashes} - \${#top})) -ge "$2" ]; then
      case $line in *': File system loop detected; '*) continue ;; esac
      [[ $name == *\\\\* || $name =~ $3 ]] || continue
    fi
    printf '%s\\n' "$line" >&2
  done
}
sums() { while IFS= read -r line; do printf 'D%s\\0' "$line"; done; }
while [ $# -gt 4 ]; do
  base=$1 least=$2 most=$3 pattern=$4 check=$5; shift 5
  printf 'P\\0'
  [ -e "$base" ] || continue
  levels=()
  [ -z "$least" ] || levels+=(-mindepth "$least")
  [ -z "$most" ] || levels+=(-maxdepth "$most")
  names=() large=()
  while IFS= read -r -d '' entry; do
    name=\${entry#* }; name=\${name#* }
    [ -z "$pattern" ] || [[ $name =~ $pattern ]] || continue
    printf 'E%s\\0' "$entry"
    if [ "$check" != digest ] || [ "\${entry%% *}" != f ]; then continue; fi
    size=\${entry#* } size=\${size%% *}
    if [ "$size" -ge ${LARGE_BYTES} ] && [[ $name != *[$'\\\\\\n\\r']* ]]; then large+=("$name"); else names+=("$name"); fi
  done < <({ find -L "$base" "\${levels[@]+"\${levels[@]}"}" ! -type d -printf '%y %s %p\\0' 2>&1 >&3 | complain "$base" "$most" "$pattern"; } 3>&1)
  [ "\${#names[@]}" -eq 0 ] || printf '%s\\0' "\${names[@]}" | xargs -0 sha256sum -- | sums
  [ "\${#large[@]}" -eq 0 ] || printf '%s\\0' "\${large[@]}" | xargs -0 ${LARGE_SUMS} | sums
done`;

/** `specs`: with absolute paths. */
export async function readInputsThere(ssh: SshTransport, specs: readonly InputSpec[]): Promise<FarInputs> {
  const asked = specs.flatMap((spec, index) => inputPatterns(spec.path).map((pattern) => ({ spec, index, pattern })));
  const words = asked.flatMap(({ spec: { check }, pattern: { base, levels, source } }) => [
    base,
    String(levels?.least ?? ''),
    String(levels?.most ?? ''),
    source === null ? '' : `^(${source})$`,
    check,
  ]);
  const { signal, onProgress } = gitWatcher();
  onProgress?.(0, specs.length, `the data inputs on ${ssh.name}`);
  const result = await ssh.runRaw(['bash', '-c', PROGRAM, 'bash', ...words], {
    timeoutMs: SECONDS * 1000,
    maxBytes: MOST_BYTES,
    ...(signal === undefined ? {} : { signal }),
  });
  signal?.throwIfAborted();
  if (result.lost !== null) return { kind: 'failed', lost: result.lost, words: result.lost.words };
  const complaints = result.stderr.split('\n').filter((line) => /^(?:find|sha256sum|xargs|bash): /.test(line));
  if (result.exitCode !== 0) {
    const why = result.timedOut ? 'it did not answer in time' : (complaints[0] ?? result.stderr.trim());
    return { kind: 'failed', lost: null, words: why };
  }
  const answers = parseAnswer(result.stdout);
  const inputs = specs.map((spec, index): ReadInput => {
    const mine = answers.filter((_, at) => asked[at]?.index === index);
    return inputOf(spec, mine, complaints);
  });
  return { kind: 'read', inputs };
}

/** What was found for one pattern. */
interface Answer {
  readonly entries: {
    readonly type: string;
    readonly bytes: number;
    readonly path: string;
    readonly isText: boolean;
  }[];
  /** Lines of sha256sum. */
  readonly sums: string[];
}

function parseAnswer(stdout: Buffer): readonly Answer[] {
  const answers: Answer[] = [];
  for (let from = 0; from < stdout.length;) {
    const end = stdout.indexOf(0, from);
    const bytes = stdout.subarray(from, end === -1 ? undefined : end);
    from = end === -1 ? stdout.length : end + 1;
    const text = bytes.toString('utf8');
    const last = answers.at(-1);
    if (text === 'P') answers.push({ entries: [], sums: [] });
    else if (text.startsWith('D')) last?.sums.push(text.slice(1));
    else {
      const [, type = '', size = '0', path = ''] = /^E(\S+) (\d+) (.*)$/s.exec(text) ?? [];
      last?.entries.push({ type, bytes: Number(size), path, isText: Buffer.from(text, 'utf8').equals(bytes) });
    }
  }
  return answers;
}

function inputOf(spec: InputSpec, answers: readonly Answer[], complaints: readonly string[]): ReadInput {
  const entries = new Map(answers.flatMap((answer) => answer.entries).map((entry) => [entry.path, entry]));
  const sums = answers.map(({ sums: lines }) => lines.map((line) => `${line}\n`).join('')).join('');
  // A file that two patterns name is digested twice, so that its line is there twice.
  const once = [...new Set(sums.split('\n'))].join('\n');
  const digests = new Map((parseChecksums(once, spec.path).value ?? []).map(({ path, sha256 }) => [path, sha256]));
  const troubles: InputTrouble[] = complaints.map((line) => ({
    path: spec.path,
    what: `cannot be read there: ${line}`,
  }));
  const files: InputFile[] = [];
  for (const { type, bytes, path, isText } of entries.values()) {
    const wantsDigest = spec.check === 'digest' && !looksSecret(path);
    const sha256 = wantsDigest ? (digests.get(path) ?? null) : null;
    const why = whyNoData({ type, path, isText }) ?? (wantsDigest && sha256 === null ? 'was not digested' : null);
    if (why === null) files.push({ path, bytes, sha256 });
    else troubles.push({ path, what: why });
  }
  return { spec, files, troubles };
}

/** `type`: of GNU find, with links followed. */
function whyNoData({ type, path, isText }: { type: string; path: string; isText: boolean }): string | null {
  if (!isText) return 'has a name that is not UTF-8; rename it';
  if (/[\n\r]/.test(path)) return 'has a line break in its name; rename it';
  if (type === 'f') return null;
  return ['l', 'N', 'L'].includes(type) ? 'is a symbolic link that leads nowhere' : 'is no file';
}
