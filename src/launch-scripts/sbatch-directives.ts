import type { Place } from '../documents/positions.ts';
import { abbreviationOf, readOption, takesValue } from '../project/sbatch-option.ts';
import { firstCommand, type Script } from './rules.ts';

/** The options on `#SBATCH` lines, read as sbatch reads them. Source: sbatch(1); getopt_long(3). Pure. */

export interface Directive extends Place {
  /** The long name, without `--`. */
  readonly name: string;
  readonly value: string | null;
}

export interface DirectiveComplaint extends Place {
  readonly message: string;
}

interface Word {
  readonly text: string;
  /** 0-based, in the line. */
  readonly offset: number;
}

interface Reading {
  readonly directives: Directive[];
  readonly complaints: DirectiveComplaint[];
}

/** Every option in the header, and the lines that sbatch would ignore or misread. */
export function readDirectives({ lines }: Pick<Script, 'lines'>): Reading {
  const reading: Reading = { directives: [], complaints: [] };
  const end = firstCommand(lines);
  for (const [index, text] of lines.entries()) {
    const complain = (message: string): void => {
      reading.complaints.push({ line: index + 1, column: 1, message });
    };
    // Slurm's wrappers for PBS and LSF read all lines, not only the header.
    const foreign = /^#(?:PBS|BSUB|SLURM)/.exec(text)?.[0];
    if (foreign !== undefined)
      complain(`sbatch takes options from \`${foreign}\` lines, too; write them as #SBATCH, or remove the line`);
    else if (text.startsWith('#SBATCH') && index > end)
      complain('sbatch does not read this line, because a command precedes it; move it up into the header');
    else if (text.startsWith('#SBATCH')) readLine(text, index + 1, reading);
    else if (/^\s+#SBATCH/.test(text) && index < end)
      complain('sbatch does not read this line, because it does not begin with #SBATCH; remove the spaces before it');
  }
  return reading;
}

function readLine(text: string, line: number, { directives, complaints }: Reading): void {
  const complain = (offset: number, message: string): void => {
    complaints.push({ line, column: offset + 1, message });
  };
  const words = splitWords(text, '#SBATCH'.length);
  if (words === null) {
    complain(0, 'a quote is opened and not closed');
    return;
  }
  for (let index = 0; index < words.length; index += 1) {
    const { text: word, offset } = words[index] ?? { text: '', offset: 0 };
    const option = readOption(word);
    if (option === null) {
      const het = ['hetjob', 'packjob', ':'].includes(word);
      complain(
        offset,
        het
          ? `${JSON.stringify(word)} turns one job into several; remove it`
          : `${JSON.stringify(word)} is not an option, and sbatch would refuse the script`,
      );
      continue;
    }
    // sbatch also accepts an abbreviated name, which a rule would not recognize.
    const whole = abbreviationOf(option.name);
    if (whole !== null) complain(offset, `\`--${option.name}\` is short for \`--${whole}\`; write it in full`);
    let { value } = option;
    if (value === null && (takesValue(option.name) ?? 'yes') === 'yes') {
      index += 1;
      value = words[index]?.text ?? null;
      if (value === null) complain(offset, `\`${word}\` has no value`);
    }
    directives.push({ name: option.name, value, line, column: offset + 1 });
  }
}

/** Words as sbatch splits them: see sbatch-words.ts. Returns null if a quote stays open. */
function splitWords(text: string, from: number): Word[] | null {
  const words: Word[] = [];
  let position = from;
  while (position < text.length) {
    if (isSpace(text[position] ?? '')) position += 1;
    else if (text[position] === '#') break;
    else {
      const word = wordAt(text, position);
      if (word === null) return null;
      words.push({ text: word.text, offset: position });
      position = word.end;
    }
  }
  return words;
}

function isSpace(char: string): boolean {
  return /[ \t\r\v\f]/.test(char);
}

/** A word up to the next space or comment. Returns null if a quote stays open. */
function wordAt(text: string, start: number): { readonly text: string; readonly end: number } | null {
  let word = '';
  let quote = '';
  let position = start;
  for (; position < text.length; position += 1) {
    const char = text[position] ?? '';
    if (quote === '' && (isSpace(char) || char === '#')) break;
    if (char === '\\') {
      position += 1;
      word += text[position] ?? '';
    } else if (quote !== '' && char === quote) quote = '';
    else if (quote === '' && (char === '"' || char === "'")) quote = char;
    else word += char;
  }
  return quote === '' ? { text: word, end: position } : null;
}
