/** Time limits as Slurm writes them (sbatch(1), `--time`). Pure. */

const LONGEST_SECONDS = 3650 * 86_400;

const FORMS: readonly (readonly [RegExp, (parts: readonly number[]) => number])[] = [
  [/^(\d{1,9})$/, ([minutes = 0]) => minutes * 60],
  [/^(\d{1,9}):(\d{1,9})$/, ([minutes = 0, seconds = 0]) => minutes * 60 + seconds],
  [/^(\d{1,9}):(\d{1,9}):(\d{1,9})$/, ([hours = 0, minutes = 0, seconds = 0]) => hours * 3600 + minutes * 60 + seconds],
  [/^(\d{1,9})-(\d{1,9})$/, ([days = 0, hours = 0]) => days * 86_400 + hours * 3600],
  [
    /^(\d{1,9})-(\d{1,9}):(\d{1,9})$/,
    ([days = 0, hours = 0, minutes = 0]) => days * 86_400 + hours * 3600 + minutes * 60,
  ],
  [
    /^(\d{1,9})-(\d{1,9}):(\d{1,9}):(\d{1,9})$/,
    ([days = 0, hours = 0, minutes = 0, seconds = 0]) => days * 86_400 + hours * 3600 + minutes * 60 + seconds,
  ],
];

export type DurationReading =
  { readonly ok: true; readonly seconds: number } | { readonly ok: false; readonly message: string };

/**
 * `30` (minutes), `MM:SS`, `HH:MM:SS`, `D-HH`, `D-HH:MM`, `D-HH:MM:SS` → seconds, more than 0 and at most ten years.
 */
export function readDuration(text: string): DurationReading {
  for (const [pattern, seconds] of FORMS) {
    const match = pattern.exec(text);
    if (match === null) continue;
    const total = seconds.call(null, match.slice(1).map(Number));
    if (total === 0) return { ok: false, message: 'must be more than zero' };
    if (total > LONGEST_SECONDS) return { ok: false, message: 'is longer than ten years' };
    return { ok: true, seconds: total };
  }
  if (/^(?:unlimited|infinite)$/i.test(text))
    return { ok: false, message: 'must be finite, so that a run that hangs ends' };
  return { ok: false, message: 'is not a time; write "HH:MM:SS", "D-HH:MM:SS", or a number of minutes' };
}
