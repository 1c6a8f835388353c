import { invisibleInName } from '../documents/characters.ts';
import { shown } from '../documents/excerpt.ts';
import { textAt } from '../documents/located.ts';
import type { Notes } from '../documents/notes.ts';
import { likelyWord } from '../platform/misspelling.ts';
import { checkGlob } from './design-artifacts.ts';
import { isGlob, MOST_PATTERNS, withoutBraces } from './input-pattern.ts';

/** `inputs`: data that the run reads and that git does not have. */

const CHECKS = ['digest', 'size'] as const;

export interface InputSpec {
  /** A file, a folder with all in it, or a pattern: absolute, or relative to the project. Without a last slash. */
  readonly path: string;
  /** `size`: only names and sizes are compared. */
  readonly check: (typeof CHECKS)[number];
  /** Something must be there. */
  readonly required: boolean;
}

const LONGEST_PATH = 4096;

/** Why a path cannot be an input's, phrased to follow the field's name; null if it can. */
function checkInputPath(path: string): string | null {
  if (path === '') return 'must not be empty';
  const invisible = invisibleInName(path);
  if (invisible !== null) return `contains the invisible character ${invisible}; remove it`;
  if (path.includes('{{')) return 'has no placeholders; write a path relative to the project, or an absolute one';
  if (path.startsWith('~')) return 'is not expanded by a shell; write the whole path instead of `~`';
  if (/\$[A-Za-z_{]/.test(path)) return 'is not expanded by a shell; write the whole path instead of a variable';
  if (path.startsWith('-')) return 'must not begin with `-`';
  if (path.includes('\\')) return 'must use `/` between folders, and no backslash';
  if (path.length > LONGEST_PATH) return `must not be longer than ${LONGEST_PATH} characters`;
  return checkSegments(path) ?? checkWildcards(path);
}

function checkSegments(path: string): string | null {
  const plain = plainPath(path);
  const parts = plain.split('/').slice(plain.startsWith('/') ? 1 : 0);
  if (plain === '' || plain === '.') return 'must name the folder of the data, not all there is';
  if (parts.includes('..')) return 'must not contain `..`; write an absolute path for data outside of the project';
  if (parts.includes('.') || parts.includes('')) {
    const rest = parts.filter((part) => part !== '.' && part !== '').join('/');
    return `must be written plainly: ${shown(plain.startsWith('/') ? `/${rest}` : rest)}`;
  }
  if (parts[0] === '.autolab' && !plain.startsWith('/')) return "must not lead into autolab's own folder";
  return null;
}

function checkWildcards(path: string): string | null {
  if (!isGlob(path)) return path.includes('}') ? 'closes a brace that was not opened' : null;
  const unclosed = checkGlob(path);
  if (unclosed !== null) return unclosed;
  const sets = path.match(/\[[^\]]*\]?/g) ?? [];
  if (sets.some((set) => !/^\[[!^]?-?(?:\w-\w|[\w.])+-?\]$/.test(set)))
    return 'has brackets around other characters than letters, digits, `_`, `.` and `-`';
  const braces = path.match(/\{[^}]*\}/g) ?? [];
  if (braces.some((words) => words.includes('/'))) return 'must not have a `/` within braces; write two inputs';
  const count = braces.reduce((product, words) => product * words.split(',').length, 1);
  if (count > MOST_PATTERNS) return `stands for more than ${MOST_PATTERNS} patterns; name their folder`;
  return (
    withoutBraces(path)
      .map(checkSegments)
      .find((reason) => reason !== null) ?? null
  );
}

/** Without a last slash. */
function plainPath(path: string): string {
  return path.replace(/\/+$/, '');
}

function readCheck(notes: Notes, pointer: string, value: unknown): InputSpec['check'] {
  if (value === undefined || value === null || value === 'digest') return 'digest';
  if (value === 'size') return 'size';
  const likely = typeof value === 'string' ? likelyWord(value, CHECKS) : null;
  notes.error(
    pointer,
    typeof value === 'string' ? 'value.invalid' : 'value.type',
    `must be \`digest\` or \`size\`; it says ${shown(textAt(notes.document, pointer))}${likely === null ? '' : `; did you mean ${shown(likely)}?`}`,
  );
  return 'digest';
}

function readInput(notes: Notes, pointer: string, value: unknown): InputSpec | null {
  const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value);
  const fields = isMapping ? (value as Readonly<Record<string, unknown>>) : { path: value };
  const at = isMapping ? `${pointer}/path` : pointer;
  const check = readCheck(notes, `${pointer}/check`, fields['check']);
  const required = fields['required'] ?? true;
  if (typeof required !== 'boolean') notes.error(`${pointer}/required`, 'value.type', 'must be `true` or `false`');
  const { path } = fields;
  if (typeof path !== 'string') {
    const missing = path === undefined || path === null;
    notes.error(
      at,
      missing ? 'value.missing' : 'value.type',
      `${missing ? 'is missing' : 'must be text'}; write a path such as \`data/train.csv\`, or \`{path: "/data/set/*.h5", check: size}\``,
    );
    return null;
  }
  const reason = checkInputPath(path);
  if (reason !== null) notes.error(at, 'value.invalid', path === '' ? reason : `${reason}; it says ${shown(path)}`);
  return reason === null ? { path: plainPath(path), check, required: required !== false } : null;
}

/** Left out means that no data are recorded. */
export function readInputs(notes: Notes, pointer: string, value: unknown): readonly InputSpec[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    notes.error(pointer, 'value.type', 'must be a list of paths of data, such as `[data/train.csv, "/data/set/*.h5"]`');
    return [];
  }
  const seen = new Set<string>();
  return value.flatMap((item: unknown, index) => {
    const inner = `${pointer}/${index}`;
    const spec = readInput(notes, inner, item);
    if (spec === null) return [];
    if (seen.has(spec.path))
      notes.error(inner, 'value.conflict', `names ${shown(spec.path)} a second time; leave one of them`);
    seen.add(spec.path);
    return [spec];
  });
}
