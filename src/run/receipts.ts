import { join } from 'node:path';
import { readDocument } from '../platform/document.ts';
import type { RunPaths } from '../records/paths.ts';

const RECEIPT_LIMIT = 1024 * 1024;

/** What stands in a file of `receipt/`; null where there is none. Whatever was put there: neither hangs nor throws. */
export function readReceipt(paths: RunPaths, name: string): string | null {
  const read = readDocument(join(paths.receipt, name), RECEIPT_LIMIT);
  if (read.kind === 'text') return read.text;
  return read.kind === 'missing' ? null : '';
}
