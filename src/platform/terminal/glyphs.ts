/** What a terminal's characters can draw. Pure. */

export interface Glyphs {
  readonly full: string;
  readonly empty: string;
  /** From low to high. */
  readonly levels: readonly string[];
  readonly rule: string;
}

const UNICODE: Glyphs = { full: '█', empty: '░', levels: Array.from('▁▂▃▄▅▆▇█'), rule: '─' };
const ASCII: Glyphs = { full: '#', empty: '.', levels: Array.from('_.,-=+*#'), rule: '-' };

/** The first of these that is set decides (POSIX, 8.2); without any, the locale is that of C. */
const LOCALE = ['LC_ALL', 'LC_CTYPE', 'LANG'] as const;

export function glyphsFor(env: Readonly<Record<string, string | undefined>>): Glyphs {
  const locale = LOCALE.map((name) => env[name] ?? '').find((value) => value !== '') ?? '';
  return /utf-?8/i.test(locale) ? UNICODE : ASCII;
}
