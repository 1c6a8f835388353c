import type { EnvironmentChange } from '../platform/environment.ts';
import { quotePosix } from '../platform/quoting.ts';
import { beginMark, endMark } from './fence.ts';

/** What a shell on another host is given to run. Pure. */

export interface FarCommand {
  readonly argv: readonly string[];
  readonly mark: string;
  /** Shell commands to run before: what they print is no part of the answer. */
  readonly setup: string | null;
  readonly environment: EnvironmentChange | null;
  readonly cwd: string | null;
  /** Whether bytes are sent to it. */
  readonly stdin: boolean;
  /** After it, the command is ended over there: nobody waits for it any more. */
  readonly seconds: number;
}

/**
 * One line for whatever shell the account has over there (bash, csh, fish …): it starts a POSIX shell, and gives it the
 * program in an alphabet that no shell takes for its own.
 */
export function farCommandLine(command: FarCommand): string {
  const program = Buffer.from(farProgram(command), 'utf8').toString('base64');
  return `exec /bin/sh -c 'eval "$(printf %s ${program} | base64 -d)"; exit ${NO_PROGRAM}'`;
}

/** The shell ends with this where it got no program: a program that is run ends the shell itself. */
export const NO_PROGRAM = 97;

/**
 * In the order of what the command must find. The setup comes first, in a string of its own: a quote that it leaves open ends
 * it alone, and neither its output nor its appetite for input reaches the command. What `exec` cannot find is told as the
 * kernel tells it, because 127 may be a status of the command's own; builtins of the shell are no programs.
 */
function farProgram({ argv, mark, setup, environment, cwd, stdin, seconds }: FarCommand): string {
  return `${setup === null ? '' : `eval ${inQuotes(setup)} </dev/null >&2\nset +eux\nunset IFS\n`}
autolab_mark() { printf '\\n%s\\n' "$1"; printf '\\n%s\\n' "$1" >&2; }
autolab_find() {
  case $1 in */*)
    [ -e "$1" ] || return 1
    [ -f "$1" ] && [ -x "$1" ] && return 0
    autolab_why=EACCES
    return 1 ;;
  esac
  autolab_rest=$PATH:
  while [ -n "$autolab_rest" ]; do
    autolab_folder=\${autolab_rest%%:*}
    autolab_rest=\${autolab_rest#*:}
    [ -f "\${autolab_folder:-.}/$1" ] && [ -x "\${autolab_folder:-.}/$1" ] && return 0
  done
  return 1
}
${environment === null ? '' : environmentProgram(environment)}
autolab_mark ${beginMark(mark)}
autolab_why=ENOENT
set -- ${argv.map(inQuotes).join(' ')}
if ${cwd === null ? '' : `cd -- ${inQuotes(cwd)} 2>/dev/null && `}autolab_find "$1"; then
  if autolab_find timeout; then
    timeout -k 5 ${seconds} "$@"${stdin ? '' : ' </dev/null'}
  else
    (exec "$@")${stdin ? '' : ' </dev/null'}
  fi
  autolab_mark "${endMark(mark)} $?"
else
  autolab_mark "${endMark(mark)} $autolab_why"
fi
exit 0
`;
}

/** Never bare: a word such as `if` or `A=b` would be the shell's. */
function inQuotes(word: string): string {
  // As node says it of a command on this host: no program can be given one.
  if (word.includes('\0')) throw new TypeError('a word for another host contains a NUL');
  return word === '' || quotePosix(word) === word ? `'${word}'` : quotePosix(word);
}

/** Names come from awk, which knows them apart from values with line breaks in them. */
function environmentProgram({ drop, keep, set }: EnvironmentChange): string {
  const cases = [
    '*[!A-Za-z0-9_]*) ;;',
    ...keep.map((name) => `${inQuotes(name)}) ;;`),
    ...drop.map((prefix) => `${inQuotes(prefix)}*) unset "$autolab_name" ;;`),
  ];
  const names = `$(awk 'BEGIN { for (name in ENVIRON) print name }')`;
  const removal = `for autolab_name in ${names}; do case $autolab_name in ${cases.join(' ')} esac; done`;
  const exports = Object.entries(set).map(([name, value]) => {
    if (!/^[A-Za-z_]\w*$/.test(name)) throw new Error(`not a name for a variable: ${JSON.stringify(name)}`);
    return `export ${name}=${inQuotes(value)}`;
  });
  return [...(drop.length === 0 ? [] : [removal]), ...exports].join('\n');
}
