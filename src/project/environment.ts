import { shown } from '../documents/excerpt.ts';
import { parsed, problemOfFile } from '../documents/located.ts';
import { type FencedBlock, readMarkdown } from '../documents/markdown.ts';
import type { Code } from '../errors/catalog.ts';
import type { Parsed, Problem } from '../errors/problem.ts';
import { sha256 } from '../platform/ids.ts';

/** `docs/environment.md`: how to activate the runtime environment. */

export const ENVIRONMENT_FILE = 'docs/environment.md';

export interface Activation {
  /** The block as written; the line ends are LF, because a CR would become part of every command. */
  readonly text: string;
  /** SHA-256 of `text`. */
  readonly sha256: string;
  /** The line of the opening fence, 1-based. */
  readonly line: number;
}

export interface Environment {
  /** For every mode without a block of its own. */
  readonly any: Activation | null;
  readonly local: Activation | null;
  readonly slurm: Activation | null;
}

type Slot = keyof Environment;

export const HOW_TO_WRITE =
  'write a heading `## Activation` and under it a block ```bash … ``` with the commands; if nothing needs ' +
  'to be activated, use a block with the comment `# nothing to activate`';

const SHELLS = ['bash', 'sh'];

/** The mode of a heading: the one it names, or all if it names both or neither. */
function slotOf(heading: string): Slot {
  const local = /\blocal\b/i.test(heading);
  const slurm = /\bslurm\b/i.test(heading);
  if (local === slurm) return 'any';
  return local ? 'local' : 'slurm';
}

interface Section {
  readonly level: number;
  readonly slot: Slot;
}

/** Blocks under headings that contain "Activation", each with its mode. */
function activationBlocks(text: string): readonly { readonly block: FencedBlock; readonly slot: Slot }[] {
  const found: { block: FencedBlock; slot: Slot }[] = [];
  let sections: readonly Section[] = [];
  for (const item of readMarkdown(text)) {
    if (item.kind === 'block') {
      const section = sections.at(-1);
      if (section !== undefined) found.push({ block: item, slot: section.slot });
      continue;
    }
    sections = sections.filter((section) => section.level < item.level);
    const around = sections.at(-1);
    if (around === undefined && !/activation/i.test(item.text)) continue;
    const own = slotOf(item.text);
    sections = [...sections, { level: item.level, slot: own === 'any' ? (around?.slot ?? 'any') : own }];
  }
  return found;
}

/** Reads the activation blocks: the first for each mode. If none is usable, the problem shows how to write one. */
export function parseEnvironment(text: string, file: string): Parsed<Environment> {
  const blocks = activationBlocks(text);
  const problem = (code: Code, line: number | null, message: string): Problem => ({
    ...problemOfFile(file, code, message),
    ...(line === null ? {} : { line, column: 1 }),
  });
  const usable = blocks.filter(({ block }) => SHELLS.includes(block.language));
  const problems = usable
    .filter(({ block }) => !block.closed)
    .map(({ block }) =>
      problem(
        'environment.invalid',
        block.line,
        'the block that begins here is never closed; put the same fence on a line of its own after it',
      ),
    );
  const empty = usable.filter(({ block }) => block.closed && block.text.trim() === '');
  for (const { block } of empty) {
    problems.push(
      problem(
        'environment.invalid',
        block.line,
        'this block is empty; write a comment into it, such as `# nothing to activate`',
      ),
    );
  }
  if (usable.length === 0) {
    const other = blocks[0]?.block;
    const name = other === undefined ? '' : other.language === '' ? 'has no language' : `is ${shown(other.language)}`;
    const seen = other === undefined ? '' : `; the block on line ${other.line} ${name}`;
    problems.push(
      problem(
        'environment.invalid',
        other?.line ?? null,
        `there is no bash block under a heading that contains "Activation"${seen}; ${HOW_TO_WRITE}`,
      ),
    );
  }
  const first = (slot: Slot): Activation | null => {
    const block = usable.find((candidate) => candidate.slot === slot)?.block;
    return block === undefined ? null : { text: block.text, sha256: sha256(block.text), line: block.line };
  };
  return parsed(file, { any: first('any'), local: first('local'), slurm: first('slurm') }, problems);
}

/** The block for a mode; null if the document only has blocks for the other mode. */
export function activationFor(environment: Environment, mode: string): Activation | null {
  const named: Partial<Record<string, Activation | null>> = { local: environment.local, slurm: environment.slurm };
  return named[mode] ?? environment.any;
}
