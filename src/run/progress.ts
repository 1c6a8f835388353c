/** How far a run got, by the end of its log. Pure. */

export interface Progress {
  /** In (0, 1]. */
  readonly share: number;
  /** The words of the log that say so. */
  readonly words: string;
}

const COUNT = String.raw`\[?(\d{1,12})\s*(?:\/|of)\s*(\d{1,12})\]?`;

/** What says most about the whole run comes first: a percentage may be that of one epoch. */
const FORMS: readonly RegExp[] = [
  new RegExp(String.raw`\bepochs?\b\s*[:=#]?\s*${COUNT}`, 'gi'),
  new RegExp(String.raw`\b(?:steps?|iter(?:ation)?s?|batch(?:es)?|round|fold)\b\s*[:=#]?\s*${COUNT}`, 'gi'),
  /(?<![\d.])(\d{1,3}(?:\.\d+)?)\s?%/g,
];

/** `epoch 3/10`, `step 100/1000`, `37%`; of each kind the last one in the text. Returns null if none makes sense. */
export function progressOf(logTail: string): Progress | null {
  for (const form of FORMS) {
    const last = [...logTail.matchAll(form)].map(read).findLast((progress) => progress !== null);
    if (last !== undefined) return last;
  }
  return null;
}

function read(match: RegExpExecArray): Progress | null {
  const [words, done, whole = '100'] = match;
  const share = Number(done) / Number(whole);
  return share > 0 && share <= 1 ? { share, words: words.trim() } : null;
}
