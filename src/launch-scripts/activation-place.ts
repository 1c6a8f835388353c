import { ACTIVATION_BEGIN, ACTIVATION_END } from './activation.ts';

/**
 * The place in docs/environment.md from which a line of a launch script comes, for a sentence. `fence`: the line of the
 * block's opening fence there. A line outside the block is named as the script's own. Returns null if there is no such
 * line. Pure.
 */
export function placeInScript(
  script: { readonly name: string; readonly text: string },
  fence: number | null,
  line: number,
): string | null {
  const lines = script.text.split('\n');
  const text = lines[line - 1];
  if (text === undefined) return null;
  const begin = lines.indexOf(ACTIVATION_BEGIN) + 1;
  const end = lines.indexOf(ACTIVATION_END) + 1;
  const inBlock = begin > 0 && fence !== null && line > begin && line < end;
  const place = inBlock ? `docs/environment.md, line ${fence + line - begin}` : `${script.name}, line ${line}`;
  return `${place}: ${shown(text.trim())}`;
}

function shown(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 117)}...` : text);
}
