import { basename, dirname, join } from 'node:path';
import { fail, ok, type Result } from '../errors/failure.ts';
import { AppendFile } from '../platform/append-file.ts';
import { crashPoint } from '../platform/crash-points.ts';
import { readDocument } from '../platform/document.ts';
import { writeFileAtomic } from '../platform/files.ts';
import { withFileLock } from './file-lock.ts';
import { appendRow, type LedgerRow } from './ledger.ts';

/** The ledger on disk. */

/** A million jobs are about 100 MB. */
const MOST_BYTES = 400 * 1024 * 1024;

/**
 * Adds the run's line unless it is there; safe with several writers, and with one that died half-way. true: it was
 * added. Fails: ledger.invalid (not a text file, or another writer does not let go of its lock).
 */
export async function appendToLedger(path: string, row: LedgerRow, several = false): Promise<Result<boolean>> {
  const lock = join(dirname(path), `.${basename(path)}.lock`);
  const outcome = await withFileLock(lock, () => appendNow(path, row, several));
  if (outcome.ok) return outcome.value;
  return fail('ledger.invalid', { message: `${path} cannot be written: ${outcome.message}.`, hint: outcome.hint });
}

function appendNow(path: string, row: LedgerRow, several: boolean): Result<boolean> {
  const read = readDocument(path, MOST_BYTES);
  if (read.kind !== 'text' && read.kind !== 'missing') {
    return fail('ledger.invalid', {
      message: `${path} is not a text file that can be added to (${read.kind.replaceAll('_', ' ')}).`,
    });
  }
  const before = read.kind === 'text' ? `${read.bom ? '\uFEFF' : ''}${read.text}` : '';
  const { text, appended } = appendRow(before, row, several);
  if (text === before) return ok(appended);
  // Bytes that stand are never written again, unless a torn end has to be taken out.
  if (before !== '' && text.startsWith(before)) appendText(path, text.slice(before.length));
  else writeFileAtomic(path, text);
  return ok(appended);
}

function appendText(path: string, text: string): void {
  const file = AppendFile.open(path);
  crashPoint('ledger.append');
  try {
    file.append(text);
  } finally {
    file.close();
  }
}
