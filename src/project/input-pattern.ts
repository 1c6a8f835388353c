import { literalSource } from '../code/ignore-pattern.ts';

/**
 * The path of a data input, for the launcher and for a job on a node without Node.js, which must find the same files. As in a
 * shell: `*`, `?` and `[a-z]` within a path segment, `**` for any number of segments, `{a,b}`. A wildcard does not match a
 * dot at the beginning of a segment. Bytes are compared, as in the locale C. Pure.
 */

/** Where files are looked for, and which of them match. */
export interface InputPattern {
  /** The file or folder to look in: absolute, or relative to the project. */
  readonly base: string;
  /** How many levels below the base the files lie; null for the base itself, or everything in it. */
  readonly levels: { readonly least: number; readonly most: number | null } | null;
  /** A regular expression for whole names, as in `ignore-pattern.ts`; null if all match. */
  readonly source: string | null;
}

/** More words in braces are refused. */
export const MOST_PATTERNS = 100;

const WILDCARD = /[*?[]/;

/** A path in braces is several ones. The path has passed `checkInputPath`. */
export function inputPatterns(path: string): readonly InputPattern[] {
  return [...new Set(withoutBraces(path))].map(patternOf);
}

/** Whether a path has wildcards or braces. */
export function isGlob(path: string): boolean {
  return /[*?[{]/.test(path);
}

/** What a path with braces stands for; braces are closed, and not nested. */
export function withoutBraces(path: string): readonly string[] {
  const [, before = '', within = '', after = ''] = /^([^{]*)\{([^{}]*)\}(.*)$/s.exec(path) ?? [];
  if (before === '' && within === '' && after === '') return [path.replaceAll('{}', '')];
  const rests = withoutBraces(after);
  return within.split(',').flatMap((word) => rests.map((rest) => `${before}${word}${rest}`));
}

function patternOf(path: string): InputPattern {
  const segments = path.split('/');
  const first = segments.findIndex((segment) => WILDCARD.test(segment));
  if (first === -1) return { base: path, levels: null, source: null };
  const base = segments.slice(0, first).join('/');
  const left = segments.slice(first);
  const deep = left.filter((segment) => segment === '**').length;
  // At the end, `**` stands for at least a name.
  const least = Math.max(1, left.length - deep);
  return {
    base: base === '' ? (first === 0 ? '.' : '/') : base,
    levels: { least, most: deep > 0 ? null : left.length },
    source: `${literalSource(
      segments
        .slice(0, first)
        .map((segment) => `${segment}/`)
        .join(''),
    )}${sourceOf(left)}`,
  };
}

/** A name that a wildcard may stand for. */
const NAME = '[^/.][^/]*';

function sourceOf(segments: readonly string[]): string {
  return segments
    .map((segment, at) => {
      const isLast = at === segments.length - 1;
      if (segment === '**') return isLast ? `(${NAME}/)*${NAME}` : `(${NAME}/)*`;
      return `${segmentSource(segment)}${isLast ? '' : '/'}`;
    })
    .join('');
}

function segmentSource(segment: string): string {
  const stars = /^\*+/.exec(segment)?.[0] ?? '';
  if (stars === '') return charSource(segment, true);
  const rest = segment.slice(stars.length);
  if (rest === '') return NAME;
  const afterName = `${NAME}${charSource(rest, false)}`;
  // The stars may stand for nothing; then what follows begins the name, and a dot there would be a hidden file's.
  return rest.startsWith('.') ? afterName : `(${afterName}|${charSource(rest, true)})`;
}

/** Character by character. `begins`: a segment begins here. */
function charSource(text: string, begins: boolean): string {
  let source = '';
  for (let at = 0; at < text.length;) {
    const [token, made] = nextToken(text.slice(at), begins && at === 0);
    source += made;
    at += token.length;
  }
  return source;
}

function nextToken(rest: string, begins: boolean): readonly [token: string, source: string] {
  const stars = /^\*+/.exec(rest)?.[0];
  if (stars !== undefined) return [stars, '[^/]*'];
  if (rest.startsWith('?')) return ['?', begins ? '[^/.]' : '[^/]'];
  const [set, not, of = ''] = /^\[([!^]?)([^\]]*)\]/.exec(rest) ?? [];
  if (set === undefined) return [rest.charAt(0), literalSource(rest.charAt(0))];
  if (not !== '') return [set, `[^/${begins ? `.${of.replaceAll('.', '')}` : of}]`];
  const kept = begins ? of.replaceAll('.', '') : of;
  // A name has no slash, so nothing matches.
  return [set, kept === '' ? '[/]' : `[${kept}]`];
}
