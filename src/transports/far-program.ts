import type { EnvironmentChange } from '../platform/environment.ts';
import { quotePosix } from '../platform/quoting.ts';
import { beginMark, endMark } from './fence.ts';

/** The text that a shell on another host is given to run. Pure. */

export interface FarCommand {
  readonly argv: readonly string[];
  readonly mark: string;
  /** Shell commands to run first: their output is not part of the answer. */
  readonly setup: string | null;
  readonly environment: EnvironmentChange | null;
  readonly cwd: string | null;
  /** Whether it gets bytes on standard input. */
  readonly stdin: boolean;
  /** The remote host ends the command after this time: by then the caller has stopped waiting. */
  readonly seconds: number;
}

/**
 * One line for any login shell (bash, csh, fish …): it starts a POSIX shell and passes it the program in an alphabet
 * without characters that are special to a shell.
 */
export function farCommandLine(command: FarCommand): string {
  const program = Buffer.from(farProgram(command), 'utf8').toString('base64');
  return `exec /bin/sh -c 'eval "$(printf %s ${program} | base64 -d)"; exit ${NO_PROGRAM}'`;
}

/** The shell's exit status if it got no program: a program that runs ends the shell itself. */
export const NO_PROGRAM = 97;

/** `autolab_find`: whether there is such a program; `autolab_why` says why not, in the kernel's words. */
export const FIND_PROGRAM = `autolab_find() {
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
`;

/**
 * `in_base64`: what it reads, as one line without its end. awk takes the line breaks out: the far programs need it anyway,
 * and they do without `tr`, which a setup may leave out of PATH.
 */
export const IN_BASE64 = `in_base64() { base64 | awk '{ printf "%s", $0 }'; }`;

/**
 * In the sequence in which the command needs it. The setup comes first, in a string of its own: a quote that it leaves
 * open ends only the setup, and neither its output nor its reading of standard input reaches the command. If `exec`
 * cannot find the command, the error is reported in the kernel's words, because 127 may be the command's own status;
 * shell builtins are not programs.
 */
function farProgram({ argv, mark, setup, environment, cwd, stdin, seconds }: FarCommand): string {
  return `${setup === null ? '' : `eval ${inQuotes(setup)} </dev/null >&2\nset +eux\nunset IFS\n`}
autolab_mark() { printf '\\n%s\\n' "$1"; printf '\\n%s\\n' "$1" >&2; }
${FIND_PROGRAM}${environment === null ? '' : environmentProgram(environment)}
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

/** Always quoted: the shell would interpret a word such as `if` or `A=b`. */
export function inQuotes(word: string): string {
  // The same error as node's for a command on this host: an argument cannot contain NUL.
  if (word.includes('\0')) throw new TypeError('an argument for another host contains NUL');
  return word === '' || quotePosix(word) === word ? `'${word}'` : quotePosix(word);
}

/** awk lists the names: it is not confused by values with line breaks. */
export function environmentProgram({ drop, keep, set }: EnvironmentChange): string {
  const cases = [
    '*[!A-Za-z0-9_]*) ;;',
    ...keep.map((name) => `${inQuotes(name)}) ;;`),
    ...drop.map((prefix) => `${inQuotes(prefix)}*) unset "$autolab_name" ;;`),
  ];
  const names = `$(awk 'BEGIN { for (name in ENVIRON) print name }')`;
  const removal = `for autolab_name in ${names}; do case $autolab_name in ${cases.join(' ')} esac; done`;
  const exports = Object.entries(set).map(([name, value]) => {
    if (!/^[A-Za-z_]\w*$/.test(name)) throw new Error(`not a variable name: ${JSON.stringify(name)}`);
    return `export ${name}=${inQuotes(value)}`;
  });
  return [...(drop.length === 0 ? [] : [removal]), ...exports].join('\n');
}
