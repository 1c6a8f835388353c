import { LARGE_BYTES, SUMS_BY_OPENSSL } from '../platform/openssl-sums.ts';
import { quotePosix } from '../platform/quoting.ts';
import { inputPatterns } from '../project/input-pattern.ts';
import { INPUTS_CHANGED_FILE } from '../schedulers/receipt-files.ts';
import { INPUTS_CHANGED_STATUS } from '../schedulers/script-statuses.ts';

const SAID = `"$AUTOLAB_RUN_DIR/receipt/${INPUTS_CHANGED_FILE}"`;
/** Where several starts of a run check at the same time, each has a file of its own: the variable names it. */
export const SAID_OF_START = `"\${autolab_said-$AUTOLAB_RUN_DIR/receipt/${INPUTS_CHANGED_FILE}}"`;

/** What the check is made from: an input as it was recorded. */
export interface CheckedInput {
  readonly path: string;
  readonly check: 'digest' | 'size';
  /** Of all its files. */
  readonly bytes: number;
  /** Of its lines in `inputs.sha256`. */
  readonly sha256: string;
}

/**
 * `receipt/inputs.sh`, which a run's script starts just before the entrypoint: status 0 if the data are what `inputs.sha256`
 * says, names, sizes and contents. Otherwise it names the files in `receipt/inputs_changed`. What cannot be checked has
 * changed. It needs bash 4.2, awk and GNU's find and coreutils. Pure.
 */
export function inputsCheckScript(inputs: readonly CheckedInput[], said = SAID): string {
  const checks = inputs.map((input, index) => {
    const looks = inputPatterns(input.path).map(({ base, levels, source }) => {
      // find would take a name that begins with `(` or `!` for an expression.
      const from = base.startsWith('/') || base === '.' ? base : `./${base}`;
      const bounds = [levels?.least ?? '', levels?.most ?? ''].map(String);
      return `look ${[from, ...bounds, source === null ? '' : `^(${source})$`].map(quoted).join(' ')}`;
    });
    const isLarge = input.check === 'digest' && input.bytes >= LARGE_BYTES;
    return `check ${index + 1} ${quoted(input.path)} ${input.sha256}${isLarge ? ' large' : ''} < <(${looks.join('; ')})`;
  });
  return `${HEAD.replace(SAID, () => said)}${checks.join('\n')}\n${TAIL}`;
}

function quoted(word: string): string {
  return word === '' ? "''" : quotePosix(word);
}

// The output of `look` is one line an entry: type, size, name. A line break in a name that matches makes a line that nobody
// expects. In `differ`, the first part is the list, of which the section counts that belongs to the input; then the entries.
const HEAD = `# Written by autolab: are the data what they were at the launch?
export LC_ALL=C PATH="\${autolab_path-$PATH}"
unset POSIXLY_CORRECT
cd -- "$AUTOLAB_REPO_ROOT" || exit ${INPUTS_CHANGED_STATUS}
list="$AUTOLAB_RUN_DIR/inputs.sha256" said=${SAID} changed=
own="\${AUTOLAB_RUN_DIR#"$AUTOLAB_REPO_ROOT"/}"
say() {
  [ -n "$changed" ] || echo 'autolab: the data are not what they were at the launch; nothing was started:' >&2
  changed=1
  printf '%s\\n' "$1" >&2
  printf '%s\\n' "$1" >> "$said"
}
: > "$said" || exit ${INPUTS_CHANGED_STATUS}
for tool in find sha256sum; do
  "$tool" --version 2>/dev/null | grep -E 'GNU|coreutils' >/dev/null || say "cannot be checked: no GNU $tool here"
done
look() {
  local -a levels=()
  [ -z "$2" ] || levels+=(-mindepth "$2")
  [ -z "$3" ] || levels+=(-maxdepth "$3")
  [ -e "$1" ] || return 0
  find -L "$1" "\${levels[@]+"\${levels[@]}"}" \\( -path "./$own" -o -path "$AUTOLAB_RUN_DIR" \\) -prune -o ! -type d -printf '%y %s %p\\n' 2>&1 |
    from="\${1%/}" most="$3" pattern="$4" awk '
      function matches(name) { sub(/^\\.\\//, "", name); return ENVIRON["pattern"] == "" || name ~ ENVIRON["pattern"] }
      function put(  name) {
        name = entry; sub(/^[^ ]* [0-9]* /, "", name)
        if (entry != "" && matches(name)) print entry
        entry = ""
      }
      # What is said against an entry on the last level, which find does not list.
      function counts(line,  name, base) {
        if (ENVIRON["most"] == "" || line !~ /^find: (File system loop detected; )?\\047.*\\047(:| is part of) /) return 1
        name = line; sub(/^[^\\047]*\\047/, "", name)
        if (line ~ /^find: F/) sub(/\\047 is part of .*/, "", name); else sub(/\\047: [^\\047]*$/, "", name)
        base = ENVIRON["from"]
        if (gsub(/\\//, "/", name) - gsub(/\\//, "/", base) < ENVIRON["most"] + 0) return 1
        return line !~ /^find: F/ && (index(name, "\\\\") > 0 || matches(name))
      }
      /^[^ ] [0-9]+ / { put(); entry = $0; next }
      entry != "" && !/^find: / { entry = entry "\\n" $0; next }
      { put(); if (counts($0)) print }
      END { put() }'
}
section() { awk -v wanted="$1" '/^# input / { section++; next } section == wanted' "$list"; }
differ() {
  awk '
    part == 1 {
      if (/^# size /) { size = $3; sub(/^# size [0-9]+ /, ""); want[$0] = size }
      else if (!/^#/) {
        escaped = sub(/^\\\\/, ""); name = substr($0, 67)
        if (escaped) gsub(/\\\\\\\\/, "\\\\", name)
        if (name == "./-") name = "-"
        want[name] = ""
      }
      next
    }
    !/^[^ ] [0-9]+ / { print "cannot be read: " $0; next }
    { name = $0; sub(/^[^ ]* [0-9]* /, "", name); sub(/^\\.\\//, "", name)
      if (name in seen) next
      seen[name] = 1
      if (!(name in want)) print "added: " name
      else if ($1 != "f" || (want[name] != "" && want[name] != $2)) print "changed: " name }
    END { for (name in want) if (!(name in seen)) print "removed: " name }' part=1 <(section "$1") part=2 -
}
# Whether openssl, which is faster, says what the list says: its own words on what differs do not count.
same() {
  local wanted
  [ "$2" = large ] || return 1
  wanted="$(section "$1" | grep '^[^#]')"
  [[ $wanted != *\\\\* ]] || return 1
  [ "$(printf '%s\\n' "$wanted" | ${SUMS_BY_OPENSSL})" = "$wanted" ]
}
check() {
  local lines
  if [ "$(section "$1" | sha256sum)" != "$3  -" ]; then say "cannot be checked: the list of $2 in inputs.sha256 is another one"; return; fi
  # One look at names and sizes, then the contents.
  lines="$(differ "$1" | sort; [ "\${PIPESTATUS[0]}" = 0 ] || echo "cannot be checked: $2")"
  if [ -z "$lines" ] && section "$1" | grep -q '^[^#]' && ! same "$1" "\${4-}"; then
    lines="$(section "$1" | sha256sum --strict --quiet --check - 2>/dev/null)" || lines="\${lines:-cannot be checked: $2}"
  fi
  [ -z "$lines" ] || say "$lines"
}
`;

const TAIL = `[ -n "$changed" ] || { rm -f -- "$said"; exit 0; }
exit ${INPUTS_CHANGED_STATUS}
`;
