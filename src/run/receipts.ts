import { join } from 'node:path';
import { readDocument } from '../platform/document.ts';
import type { RunPaths } from '../records/paths.ts';

const RECEIPT_LIMIT = 1024 * 1024;

/** The content of a file of `receipt/`; null if there is none. Neither hangs nor throws, whatever is in its place. */
export function readReceipt(paths: RunPaths, name: string): string | null {
  const read = readDocument(join(paths.receipt, name), RECEIPT_LIMIT);
  if (read.kind === 'text') return read.text;
  return read.kind === 'missing' ? null : '';
}
