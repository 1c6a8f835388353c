import { findRun } from '../../commands/find-run.ts';
import { resultOfFailure } from '../../commands/result.ts';
import { projectJournal } from '../../engine/project-journal.ts';
import { failureOf } from '../../errors/failure.ts';
import { verifyRun } from '../../verify/run.ts';
import type { CommandHandler } from '../command.ts';
import { projectRoot } from '../project-root.ts';
import { table } from '../render/table.ts';
import { visible } from '../render/visible.ts';

/** Appends nothing: it can be run years later, on a copy. */
export const verify: CommandHandler = async (ctx, words) => {
  const found = projectRoot(ctx);
  if ('result' in found) return found;
  const run = findRun(found.root, words[0] ?? null);
  if (!run.ok) return { result: resultOfFailure('verify', run.failure) };
  const { iterationId, runId } = run.value;
  const results = await verifyRun(found.root, iterationId, runId, {
    projectManifest: projectJournal,
    digest: true,
  });
  const failed = results.filter((result) => result.status === 'fail');
  const failure =
    failed.length === 0
      ? failureOf('ok', { message: `The run ${runId} passes its verification.`, hint: '' })
      : failureOf('verify.failed', {
          message: `The run ${runId} does not pass: ${failed.map((result) => result.name).join(', ')}.`,
        });
  const rows = table(
    ['verifier', 'result', 'what'],
    results.map((result) => [result.name, result.status, visible(result.message)]),
  );
  const details = results.flatMap((result) =>
    result.status === 'pass' ? [] : result.details.map((detail) => `  ${result.name}: ${visible(detail)}\n`),
  );
  return {
    result: resultOfFailure('verify', failure, {
      run_id: runId,
      iteration_id: iterationId,
      details: { verifiers: results },
    }),
    text: `${rows}${details.join('')}${failed.length === 0 ? 'ok' : 'needs_retry'}: ${failure.message}\n`,
  };
};
