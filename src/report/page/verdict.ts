import { CATALOG, isCode } from '../../errors/catalog.ts';
import type { Manifest } from '../../records/manifest-schema.ts';
import type { RunView } from '../../records/run-view.ts';
import { joinedMarkup, type Markup, markup, NO_MARKUP } from '../markup.ts';
import { codeText } from './tables.ts';

/** How a run ended, readable from two metres. Pure. */

export type Tone = 'good' | 'bad' | 'warn' | 'calm';

export interface VerdictWords {
  readonly tone: Tone;
  readonly word: string;
}

const WORDS_OF_CODES: readonly (readonly [RegExp, string])[] = [
  [/\.out_of_memory$/, 'Out of memory'],
  [/\.(?:timeout|deadline)$/, 'Out of time'],
  [/\.code_changed$/, 'Code changed'],
  [/\.inputs_changed$/, 'Inputs changed'],
  [/\.preempted$/, 'Preempted'],
  [/\.node_fail$/, 'Node failed'],
  [/^run\.abandoned$/, 'Abandoned'],
  [/\.lost$|\.vanished$/, 'Lost'],
  [/^tasks\.failed$/, 'Some tasks failed'],
  [/^tasks\.unfinished$/, 'Some tasks did not run'],
  [/^artifacts\.missing$/, 'Outputs missing'],
];

const OPEN_WORDS = {
  pending: { tone: 'calm', word: 'Not started' },
  submitted: { tone: 'calm', word: 'Queued' },
  running: { tone: 'calm', word: 'Running' },
  synced: { tone: 'calm', word: 'Not yet verified' },
  completed: { tone: 'good', word: 'Completed' },
  failed: { tone: 'bad', word: 'Failed' },
  partial: { tone: 'warn', word: 'Outputs missing' },
} as const satisfies Record<Manifest['status'], VerdictWords>;

export function verdictOfManifest({ status, outcome, code }: Manifest): VerdictWords {
  if (outcome === 'cancelled') return { tone: 'warn', word: 'Cancelled' };
  const words = OPEN_WORDS[status];
  if (words.tone === 'good' || words.tone === 'calm') return words;
  const word = WORDS_OF_CODES.find(([pattern]) => pattern.test(code ?? ''))?.[1];
  return word === undefined ? words : { tone: words.tone, word };
}

const MARKS: Readonly<Record<Tone, string>> = {
  good: 'M4 13l5 5L20 6',
  bad: 'M5 5l14 14M19 5L5 19',
  warn: 'M12 3v11M12 20v.1',
  calm: 'M12 6v6l4 3M21 12a9 9 0 1 1-18 0a9 9 0 1 1 18 0',
};

export interface PageVerdict extends VerdictWords {
  /** Above: what this is about. */
  readonly about: Markup;
  readonly message: string;
  /** Below the message: lines. */
  readonly lines: readonly Markup[];
}

/** The head of a page. */
export function pageVerdict({ tone, word, about, message, lines }: PageVerdict): Markup {
  return markup`<div class="verdict ${tone}">
<p class="names">${about}</p>
<h1><svg viewBox="0 0 24 24" aria-hidden="true"><path d="${MARKS[tone]}"/></svg>${word}</h1>
<p class="message">${message}</p>
${lines.map(
  (line) => markup`<p class="next">${line}</p>
`,
)}</div>
`;
}

/** The recorded hint, else the catalogue's. */
export function hintOf({ closed, lastFailure }: RunView, { code }: Manifest): string {
  const recorded = closed?.hint ?? lastFailure?.hint;
  if (recorded !== undefined) return recorded;
  if (code !== null && isCode(code)) return CATALOG[code].hint;
  return CATALOG['run.submitted'].hint;
}

/** What stands between backticks is code. */
export function proseOf(text: string): Markup {
  const parts = text.split('`');
  // A backtick without a partner is text.
  if (parts.length % 2 === 0) return markup`${text}`;
  return joinedMarkup(
    parts.map((part, index) => (index % 2 === 1 ? codeText(part) : part === '' ? NO_MARKUP : markup`${part}`)),
    '',
  );
}
