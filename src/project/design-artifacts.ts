import { controlInLine, invisibleInName } from '../documents/characters.ts';
import { shown } from '../documents/excerpt.ts';
import type { Notes } from '../documents/notes.ts';
import { checkPlaceholders } from './placeholders.ts';

/** `artifacts`: the files that the run folder must contain afterwards. */

export interface ArtifactSpec {
  /** Relative to the run folder, with `/`; `*`, `**`, `?`, `[…]` and `{a,b}` as in a shell. */
  readonly path: string;
  readonly required: boolean;
  /** Collected into the run folder first; may contain placeholders. */
  readonly from: string | null;
}

const RESERVED_FOLDERS = ['logs', 'receipt'];
const RESERVED_FILES =
  /^(run_manifest\.json|artifacts\.sha256|code\.sha256|inputs\.sha256|code(\.\d+)?\.patch|cancel\.json)$/;
const LONGEST_PATH = 1024;

/** Why a path cannot be an artifact's, phrased to follow the field's name; null if it can. */
export function checkArtifactPath(path: string): string | null {
  if (path === '') return 'must not be empty';
  const invisible = invisibleInName(path);
  if (invisible !== null) return `contains the invisible character ${invisible}; remove it`;
  if (path.includes('{{')) return 'is relative to the run folder already; write it without placeholders';
  if (/<(?:RUN|ITERATION)_ID>/.test(path)) return 'is relative to the run folder already; write what is inside of it';
  if (path.startsWith('/') || path.startsWith('~') || /^[A-Za-z]:[\\/]/.test(path))
    return 'must be relative to the run folder; write `from:` for files that lie elsewhere';
  if (path.startsWith('-')) return 'must not begin with `-`';
  if (path.includes('\\')) return 'must use `/` between folders, and no backslash';
  if (path.length > LONGEST_PATH) return `must not be longer than ${LONGEST_PATH} characters`;
  return checkParts(path) ?? checkGlob(path);
}

function checkParts(path: string): string | null {
  const parts = path.split('/');
  if (parts.includes('..'))
    return 'must not leave the run folder with `..`; write `from:` for files that lie elsewhere';
  if (path.endsWith('/')) return `names a folder; write ${shown(`${path}**`)} for what is in it`;
  if (parts.includes('.') || parts.includes(''))
    return `must be written plainly: ${shown(parts.filter((part) => part !== '.' && part !== '').join('/'))}`;
  const first = parts[0] ?? '';
  if (RESERVED_FOLDERS.includes(first))
    return `lies in \`${first}/\`, which autolab keeps itself; choose another folder`;
  if (first.startsWith('journal') || (parts.length === 1 && RESERVED_FILES.test(first)))
    return 'is a name that autolab uses itself; choose another';
  return null;
}

/** Brackets and braces must be closed, and braces not nested. */
export function checkGlob(path: string): string | null {
  let open = '';
  for (const character of path) {
    if (open === '[') {
      if (character === ']') open = '';
    } else if (open === '{') {
      if (character === '}') open = '';
      else if (character === '{') return 'must not have braces inside braces';
    } else if (character === '[' || character === '{') {
      open = character;
    } else if (character === '}') {
      return 'closes a brace that was not opened';
    }
  }
  return open === '' ? null : `opens \`${open}\` and never closes it`;
}

function readFrom(notes: Notes, pointer: string, value: unknown): string | null {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value !== 'string') {
    notes.error(pointer, 'value.type', 'must be a path in quotes, such as "{{scratch}}/checkpoints"');
    return null;
  }
  const control = controlInLine(value);
  if (control !== null) {
    notes.error(pointer, 'value.control_character', `contains the control character ${control}; remove it`);
    return null;
  }
  if (value.trim() === '' || value.startsWith('-') || value.split('/').includes('..')) {
    notes.error(
      pointer,
      'value.invalid',
      `must be a path without \`..\` that does not begin with \`-\`; it says ${shown(value)}`,
    );
    return null;
  }
  const placeholders = checkPlaceholders(value);
  if (placeholders.ok) return placeholders.text;
  notes.error(pointer, placeholders.code, placeholders.message);
  return null;
}

function readArtifact(notes: Notes, pointer: string, value: unknown): ArtifactSpec | null {
  const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value);
  const fields = isMapping ? (value as Readonly<Record<string, unknown>>) : { path: value };
  const at = isMapping ? `${pointer}/path` : pointer;
  const { path } = fields;
  const required = fields['required'] ?? true;
  const from = readFrom(notes, `${pointer}/from`, fields['from']);
  if (typeof required !== 'boolean') notes.error(`${pointer}/required`, 'value.type', 'must be `true` or `false`');
  if (typeof path !== 'string') {
    const missing = path === undefined || path === null;
    notes.error(
      at,
      missing ? 'value.missing' : 'value.type',
      `${missing ? 'is missing' : 'must be text'}; write a path such as \`metrics.json\`, or \`{path: metrics.json, required: false}\``,
    );
    return null;
  }
  const reason = checkArtifactPath(path);
  if (reason !== null)
    notes.error(
      at,
      path.includes('{{') ? 'placeholder.unknown' : 'value.invalid',
      path === '' ? reason : `${reason}; it says ${shown(path)}`,
    );
  return reason === null ? { path, required: required !== false, from } : null;
}

/** Left out means that only the logs are required. */
export function readArtifacts(notes: Notes, pointer: string, value: unknown): readonly ArtifactSpec[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    notes.error(pointer, 'value.type', 'must be a list of paths, such as `[metrics.json]`');
    return [];
  }
  const seen = new Set<string>();
  return value.flatMap((item: unknown, index) => {
    const inner = `${pointer}/${index}`;
    const spec = readArtifact(notes, inner, item);
    if (spec === null) return [];
    if (seen.has(spec.path))
      notes.error(inner, 'value.conflict', `names ${shown(spec.path)} a second time; leave one of them`);
    seen.add(spec.path);
    return [spec];
  });
}
