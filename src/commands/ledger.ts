import { fail, failureOf, type Result } from '../errors/failure.ts';
import { EXECUTORS } from '../executors/table.ts';
import { readDocument } from '../platform/document.ts';
import { readLedgerManifest } from '../records/foreign-manifest.ts';
import {
  checkManifestForLedger,
  compareLedger,
  type LedgerManifest,
  type LedgerRow,
  rowsOfRun,
} from '../records/ledger.ts';
import { appendToLedger } from '../records/ledger-file.ts';
import { type CommandResult, resultOfFailure, succeed } from './result.ts';

/** `autolab slurm-job-list`: the ledger by hand. Does nothing for local runs, and says so (R24). */

const MANIFEST_LIMIT = 64 * 1024 * 1024;
const LEDGER_LIMIT = 400 * 1024 * 1024;

/** Adds the manifest's run to the ledger, once. Both are paths. */
export async function appendRun(manifestPath: string, ledgerPath: string): Promise<CommandResult> {
  const command = 'slurm-job-list append';
  const manifest = readManifest(manifestPath);
  if (!manifest.ok) return resultOfFailure(command, manifest.failure);
  const { run_id: runId, iteration_id: iterationId } = manifest.value;
  const ids = { run_id: runId, iteration_id: iterationId };
  const row = checkManifestForLedger(manifest.value);
  if (!row.ok) return resultOfFailure(command, row.failure, ids);
  if (row.value === null)
    return succeed(
      command,
      { message: `${runId} is a local run: nothing to list.`, hint: '' },
      { ...ids, details: { appended: false } },
    );
  const appended = await appendToLedger(ledgerPath, row.value);
  if (!appended.ok) return resultOfFailure(command, appended.failure, ids);
  const other = appended.value ? null : otherJob(ledgerPath, row.value);
  if (other !== null)
    return resultOfFailure(
      command,
      failureOf('ledger.mismatch', {
        message: `${ledgerPath} lists ${runId} with job ${other}; the manifest says job ${row.value.job_id}.`,
        hint: 'A run is listed once: correct the one that is wrong.',
      }),
      ids,
    );
  const message = appended.value ? `${runId} was added to ${ledgerPath}.` : `${runId} is already in ${ledgerPath}.`;
  return succeed(
    command,
    { message, hint: '' },
    {
      ...ids,
      job_id: row.value.job_id,
      details: { appended: appended.value },
    },
  );
}

/** The job that the ledger has for the run, if it is another one. */
function otherJob(ledgerPath: string, { run_id, job_id }: LedgerRow): string | null {
  const ledger = readDocument(ledgerPath, LEDGER_LIMIT);
  const rows = ledger.kind === 'text' ? rowsOfRun(ledger.text, run_id) : [];
  return rows.find((row) => row.job_id !== job_id)?.job_id ?? null;
}

/** Whether the ledger says what the manifest says. */
export function verifyLedgerLine(manifestPath: string, ledgerPath: string): Promise<CommandResult> {
  return Promise.resolve(verifyNow(manifestPath, ledgerPath));
}

function verifyNow(manifestPath: string, ledgerPath: string): CommandResult {
  const command = 'slurm-job-list verify';
  const manifest = readManifest(manifestPath);
  if (!manifest.ok) return resultOfFailure(command, manifest.failure);
  const { run_id: runId, iteration_id: iterationId } = manifest.value;
  const ledger = readDocument(ledgerPath, LEDGER_LIMIT);
  if (ledger.kind !== 'text' && ledger.kind !== 'missing') {
    return resultOfFailure(
      command,
      failureOf('ledger.invalid', { message: `${ledgerPath} is not a readable text file.` }),
    );
  }
  const checked = compareLedger(ledger.kind === 'text' ? ledger.text : '', manifest.value);
  if (!checked.ok) return resultOfFailure(command, checked.failure, { run_id: runId, iteration_id: iterationId });
  const message =
    checked.value.length === 0
      ? `${runId} is a local run: nothing is listed.`
      : `${runId} is in ${ledgerPath}, as its manifest says.`;
  return succeed(command, { message, hint: '' }, { run_id: runId, iteration_id: iterationId });
}

/** Only what the ledger needs, so an older or newer manifest can be listed, too. */
function readManifest(path: string): Result<LedgerManifest> {
  const read = readDocument(path, MANIFEST_LIMIT);
  if (read.kind !== 'text')
    return fail('ledger.invalid', { message: `${path} cannot be read: ${read.kind.replaceAll('_', ' ')}.` });
  let value: unknown;
  try {
    value = JSON.parse(read.text);
  } catch {
    return fail('ledger.invalid', { message: `${path} is not JSON.` });
  }
  return readLedgerManifest(value, path, (word) => EXECUTORS.has(word));
}
