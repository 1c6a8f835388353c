import { shortened } from '../../platform/listing.ts';
import { linesOf } from './answer.ts';

/**
 * sbatch's stderr, by the forms in which it prints. Pure. The last line is a sentence of Slurm's own table of errors
 * (`slurm_strerror`). The lines before it may come from the controller, or contain text of a site's plugin: such text
 * proves that there was an answer, and says nothing about what it was.
 */
export interface SbatchWords {
  /** Why the submission, or its test, failed; null if sbatch did not say. */
  readonly verdict: string | null;
  /** The other lines with sbatch's prefix, without it. */
  readonly lines: readonly SbatchLine[];
  /** All lines, as shown to the user; without lines that only decorate. */
  readonly words: string;
}

export interface SbatchLine {
  /** An error, as opposed to information. */
  readonly error: boolean;
  readonly text: string;
}

/** sbatch's own messages are a few lines; longer text is not its own, and slow to search. */
const LONGEST_LINE = 4096;
const MOST_LINES = 100;
/** A site explains itself in a few lines. */
const MOST_CHARACTERS = 1000;

/** A wrapper may call the real one by another name, such as `sbatch.real`. */
const LINE = /^[\w.+-]*sbatch[\w.+-]*: ((?:error|fatal): )?(.*)$/;
/** The second form is that of --test-only: sbatch prints it without its name. */
const VERDICT = /^(?:[\w.+-]*sbatch[\w.+-]*: error: Batch job submission failed|allocation failure): (.*)$/;

/** Adds nothing to other lines: the controller's code for a plugin's refusal. */
const NO_REASON = /^(?:Unspecified error|Unknown error -?\d+|Unknown negative error number)$/;

export function readSbatchWords(stderr: string): SbatchWords {
  let verdict: { readonly sentence: string; readonly line: string } | null = null;
  const lines: SbatchLine[] = [];
  for (const line of linesOf(stderr).filter(isOwn).slice(-MOST_LINES)) {
    const sentence = VERDICT.exec(line)?.[1]?.trim();
    const [, level, text = line] = LINE.exec(line) ?? [];
    if (sentence === undefined) lines.push({ error: level !== undefined, text: text.trim() });
    else verdict = { sentence, line: text };
  }
  const telling = lines.some(({ error }) => error && verdict !== null) ? lines.filter(({ error }) => error) : lines;
  // The plugin that runs the site's script adds "lua: ".
  const texts = telling.map(({ text }) => text.replace(/^lua: /, '')).filter((text) => /[\p{L}\p{N}]/u.test(text));
  const says = verdict !== null && (texts.length === 0 || !NO_REASON.test(verdict.sentence));
  const words = [...new Set([...texts, ...(says ? [verdict?.line ?? ''] : [])])].join('; ');
  return { verdict: verdict?.sentence ?? null, lines, words: shortened(words, MOST_CHARACTERS) };
}

function isOwn(line: string): boolean {
  return line.length <= LONGEST_LINE && (LINE.test(line) || VERDICT.test(line));
}
