import { ACTIVATION_BEGIN, ACTIVATION_END, END_OF_FILE, LINES_BEFORE_ACTIVATION, sourcingLine } from './activation.ts';

interface ScriptText {
  readonly name: string;
  readonly text: string;
  /** Of the activation that it reads from a file; left out if it has it itself. */
  readonly activation?: string | undefined;
  /** The line of that file at which the script ended; null or left out if that is not known. */
  readonly activationLine?: number | null;
}

/**
 * The place in docs/environment.md from which a line of a launch script comes, for a sentence. `fence`: the line of the
 * block's opening fence there. A line outside the block is named as the script's own. Returns null if there is no such
 * line. Pure.
 */
export function placeInScript(script: ScriptText, fence: number | null, line: number | null): string | null {
  const lines = script.text.split('\n');
  if (script.activation !== undefined && (line === null || line === sourcingLine(lines)))
    return placeInFile(script, fence, line);
  const text = line === null ? undefined : lines[line - 1];
  if (text === undefined || line === null) return null;
  const begin = lines.indexOf(ACTIVATION_BEGIN) + 1;
  const end = lines.indexOf(ACTIVATION_END) + 1;
  const inBlock = begin > 0 && fence !== null && line > begin && line < end;
  const place = inBlock ? inEnvironment(fence + line - begin) : `${script.name}, line ${line}`;
  return `${place}: ${shown(text)}`;
}

/** In an activation that the script reads from a file; `exit` leaves no line. */
function placeInFile(script: ScriptText, fence: number | null, line: number | null): string | null {
  const at = script.activationLine ?? null;
  const text = at === null ? undefined : script.activation?.split('\n')[at - 1];
  if (fence === null || line === null || at === null) return null;
  // Bash names a line after the last one if something is not closed.
  if (text === undefined || text === '' || text === END_OF_FILE) return null;
  return `${inEnvironment(fence + at - LINES_BEFORE_ACTIVATION)}: ${shown(text)}`;
}

function inEnvironment(line: number): string {
  return `docs/environment.md, line ${line}`;
}

function shown(given: string): string {
  const text = given.trim();
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 117)}...` : text);
}
