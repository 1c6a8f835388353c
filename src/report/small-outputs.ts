import { join } from 'node:path';
import { lstatOrNull, readPart } from '../platform/files.ts';
import { sha256 } from '../platform/ids.ts';
import type { ChecksumEntry } from '../records/checksums.ts';
import { csvRows } from './csv-rows.ts';

/** Pictures and tables among the outputs of a run that are small enough to be on its page, as they were recorded. */

export interface RunPicture {
  readonly path: string;
  readonly type: string;
  readonly base64: string;
}

export interface RunTable {
  readonly path: string;
  /** The head first. */
  readonly rows: readonly (readonly string[])[];
  /** Lines that are not among the rows. */
  readonly left: number;
}

const LARGEST_PICTURE = 160 * 1024;
const ALL_PICTURES = 360 * 1024;
const MOST_PICTURES = 8;
const LARGEST_TABLE = 64 * 1024;
const MOST_TABLES = 3;

/** By their first bytes: a name proves nothing. */
const TYPES: readonly (readonly [RegExp, string])[] = [
  [/^\u0089PNG\r\n\u001A\n/, 'image/png'],
  [/^\u00FF\u00D8\u00FF/, 'image/jpeg'],
  [/^GIF8[79]a/, 'image/gif'],
  [/^RIFF[^]{4}WEBP/, 'image/webp'],
];

export function picturesIn(folder: string, artifacts: readonly ChecksumEntry[]): readonly RunPicture[] {
  const pictures: RunPicture[] = [];
  let left = ALL_PICTURES;
  for (const entry of artifacts) {
    if (pictures.length === MOST_PICTURES) break;
    if (!/\.(?:png|jpe?g|gif|webp)$/i.test(entry.path)) continue;
    const bytes = bytesOf(folder, entry, Math.min(left, LARGEST_PICTURE));
    const head = bytes?.subarray(0, 16).toString('latin1') ?? '';
    const type = TYPES.find(([start]) => start.test(head))?.[1];
    if (bytes === null || type === undefined) continue;
    left -= bytes.length;
    pictures.push({ path: entry.path, type, base64: bytes.toString('base64') });
  }
  return pictures;
}

export function tablesIn(folder: string, artifacts: readonly ChecksumEntry[]): readonly RunTable[] {
  const tables: RunTable[] = [];
  for (const entry of artifacts) {
    if (tables.length === MOST_TABLES) break;
    if (!/\.[ct]sv$/i.test(entry.path)) continue;
    const text = bytesOf(folder, entry, LARGEST_TABLE)?.toString('utf8');
    if (text === undefined) continue;
    const table = csvRows(text, /\.tsv$/i.test(entry.path) ? '\t' : ',');
    if (table.rows.length > 1) tables.push({ path: entry.path, ...table });
  }
  return tables;
}

/** Null unless it is a file of at most that many bytes, and those that were recorded. */
function bytesOf(folder: string, { path, sha256: digest, kind }: ChecksumEntry, most: number): Buffer | null {
  const place = join(folder, path);
  const stats = kind === 'symlink' ? null : lstatOrNull(place);
  if (stats?.isFile() !== true || stats.size === 0 || stats.size > most) return null;
  try {
    const bytes = readPart(place, 0, stats.size);
    return sha256(bytes) === digest ? bytes : null;
  } catch {
    return null;
  }
}
