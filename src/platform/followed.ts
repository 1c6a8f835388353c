import { statSync } from 'node:fs';
import { errorCodeOf, messageOf } from './files.ts';

/** What is at a path once symbolic links are followed. */
export type Followed =
  | { readonly kind: 'file'; readonly bytes: number; readonly device: bigint }
  /** `id`: device and inode. */
  | { readonly kind: 'folder'; readonly id: string }
  | { readonly kind: 'other'; readonly what: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** A link that leads nowhere is missing; one that leads to itself is unreadable. */
export function followed(path: string): Followed {
  try {
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (stats === undefined) return { kind: 'missing' };
    const { size, dev, ino } = stats;
    if (stats.isFile()) return { kind: 'file', bytes: Number(size), device: dev };
    if (stats.isDirectory()) return { kind: 'folder', id: `${dev}:${ino}` };
    const what = stats.isFIFO() ? 'a named pipe' : stats.isSocket() ? 'a socket' : 'a device';
    return { kind: 'other', what };
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'missing' };
    return { kind: 'unreadable', reason: code === 'ELOOP' ? 'its symbolic links lead in a circle' : messageOf(error) };
  }
}
