import { quotePosix } from '../platform/quoting.ts';

/** In `receipt/`: prints which files are code, for the launcher and again in the job. */
export const LIST_CODE_FILE = 'list-code.sh';

/** What the script is made from. */
export interface ListedCode {
  /** Of the project within the listed tree: '' or `sub/folder/`. */
  readonly prefix: string;
  /** The repositories within the tree: '' or with a last slash. */
  readonly places: readonly string[];
  /** Whole names that are not code, as an extended regular expression; '' for none. */
  readonly notCode: string;
}

/**
 * `list-code.sh ROOT` prints the names, sorted and each ended by NUL. `list-code.sh ROOT LIST` compares them with such a
 * list: status 0 if they are the same, 1 with the names that differ, 2 if git does not answer. A node needs bash 4.2, git
 * and GNU's coreutils for it. Pure.
 */
export function listCodeScript({ prefix, places, notCode }: ListedCode): string {
  const up = prefix.replaceAll(/[^/]+\//g, '/..');
  return `export LC_ALL=C
set -o pipefail
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_COMMON_DIR GIT_OBJECT_DIRECTORY GIT_PREFIX GIT_NAMESPACE GIT_LITERAL_PATHSPECS GIT_CEILING_DIRECTORIES
top="$1"${up} not_code=${quotePosix(`^(${notCode})$`)}
list() {
  git -C "$top/$1" -c core.fsmonitor=false -c core.ignoreCase=false ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' name; do
    case $name in */) continue ;; esac
    [[ $1$name =~ $not_code ]] || printf '%s\\0' "$1$name"
  done
}
names() { { ${places.map((place) => `list ${quotePosix(place)}`).join(' && ')}; } | sort -zu; }
if [ "$#" -eq 1 ]; then names; exit; fi
here="$(names | sha256sum)" || exit 2
[ "$here" != "$(sha256sum < "$2")" ] || exit 0
comm -3 <(tr '\\0' '\\n' < "$2") <(names | tr '\\0' '\\n') | sed 's/^\\t/added: /; t; s/^/removed: /'
exit 1
`;
}
