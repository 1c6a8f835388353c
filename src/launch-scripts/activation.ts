import { sha256 } from '../platform/ids.ts';
import { CODE_CHANGED_STATUS } from '../schedulers/script-statuses.ts';
import { markedScript } from './mark.ts';

export const ACTIVATION_BEGIN = '# runtime environment (docs/environment.md): begin';
export const ACTIVATION_END = '# runtime environment: end';

/** An activation in a file: beside the script, and for the run in its `receipt/`. */
export const ACTIVATION_FILE = 'activation.sh';
/** In `receipt/`: the line of that file at which the script ended. */
export const ACTIVATION_LINE_FILE = 'activation_line';
/** The lines of that file before the activation. */
export const LINES_BEFORE_ACTIVATION = 2;
const SOURCE = '. "$autolab_activation"';

/** The last line of that file: a last command such as `[ -d x ] && y` ends no script, and so must not end `.` with 1. */
export const END_OF_FILE = ': # the activation ends here';

/** More lines than these are put into a file of their own: a script has a line limit. */
const MOST_LINES_IN_SCRIPT = 20;
/** Outside of a comment, and perhaps in a function: the file is right for these, too. */
const RETURN = /^(?!\s*#).*\breturn\b/m;

/** Whether an activation goes into a file of its own: it is long, or it may return, which only a file that is read can. */
export function needsFile(activation: string): boolean {
  return activation.trimEnd().split('\n').length > MOST_LINES_IN_SCRIPT || RETURN.test(activation);
}

/**
 * The activation of docs/environment.md, byte for byte, in a script. `-u` is lifted around it, because activations of
 * conda and of environment modules read unset variables; the rest of the script runs in the project root, whatever
 * folder the activation changed to. Pure.
 */
export function activationBlock(activation: string): string {
  return around(endedByLf(activation));
}

/** The same activation as a file, which tells whether a user edited it as a script does. Pure. */
export function activationFile(activation: string): string {
  return markedScript(ACTIVATION_FILE, `${endedByLf(activation)}${END_OF_FILE}\n`);
}

/**
 * The block that reads that file in the place of the activation. Its digest is compared first: what was approved is what
 * runs. The ERR trap keeps the line of the file, also for a function or another file that it calls; the stack of the EXIT
 * trap does not have it. A syntax error ends the script without an ERR trap, so its line is kept before. Pure.
 */
export function sourcingBlock(activation: string): string {
  return around(`# Its ${endedByLf(activation).split('\n').length - 1} lines are in ${ACTIVATION_FILE} beside this script.
autolab_activation="$AUTOLAB_RUN_DIR/receipt/${ACTIVATION_FILE}"
if [ "$(sha256sum < "$autolab_activation")" != '${sha256(activationFile(activation))}  -' ]; then
  echo 'autolab: receipt/${ACTIVATION_FILE} cannot be read, or is not what was approved; nothing was started' >&2
  echo 'receipt/${ACTIVATION_FILE}: FAILED' >| "$AUTOLAB_RUN_DIR/receipt/code_changed"
  exit ${CODE_CHANGED_STATUS}
fi
autolab_trap="$(trap -p ERR)"
autolab_at() { [ "\${#BASH_LINENO[@]}" -lt 3 ] || echo "\${BASH_LINENO[\${#BASH_LINENO[@]} - 3]}" >| "$autolab_receipt/${ACTIVATION_LINE_FILE}"; }
BASH_ENV= LC_ALL=C "$BASH" -n < "$autolab_activation" 2>&1 |
  sed -n '1s/^[^:]*: line \\([0-9]*\\): .*/\\1/p' >| "$autolab_receipt/${ACTIVATION_LINE_FILE}" || :
trap '[[ $- != *e* ]] || autolab_at' ERR
${SOURCE}
eval "$autolab_trap"
`);
}

/** The line of a script that reads the file, 1-based; 0 if none does. */
export function sourcingLine(lines: readonly string[]): number {
  return lines.indexOf(SOURCE) + 1;
}

function around(text: string): string {
  return `set +u
${ACTIVATION_BEGIN}
${text}${ACTIVATION_END}
set -u
cd -- "$AUTOLAB_REPO_ROOT"
`;
}

function endedByLf(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
