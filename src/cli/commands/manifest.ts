import { findRun } from '../../commands/find-run.ts';
import { resultOfFailure } from '../../commands/result.ts';
import { failureOf } from '../../errors/failure.ts';
import { readTextOrNull } from '../../platform/files.ts';
import { projectManifestText } from '../../records/projection.ts';
import { peekRun } from '../../run/session.ts';
import type { CommandHandler } from '../command.ts';
import { flag } from '../options.ts';
import { projectRoot } from '../project-root.ts';

export const manifest: CommandHandler = (ctx, words, options) => {
  const found = projectRoot(ctx);
  if ('result' in found) return found;
  const run = findRun(found.root, words[0] ?? null);
  if (!run.ok) return { result: resultOfFailure('manifest', run.failure) };
  const peek = peekRun(found.root, run.value);
  const ids = { run_id: run.value.runId, iteration_id: run.value.iterationId };
  if (peek.kind === 'corrupt') return { result: resultOfFailure('manifest', peek.failure, ids) };
  if (peek.kind === 'unopened')
    return {
      result: resultOfFailure(
        'manifest',
        failureOf('run.not_found', { message: `The run ${ids.run_id} has no journal yet.` }),
        ids,
      ),
    };
  const text = projectManifestText(peek.view);
  if (!flag(options, 'check')) {
    return {
      result: resultOfFailure('manifest', failureOf('ok', { hint: '' }), {
        ...ids,
        details: { manifest: JSON.parse(text) as unknown },
      }),
      text,
    };
  }
  const there = readTextOrNull(peek.paths.manifest);
  if (there === text) {
    return {
      result: resultOfFailure(
        'manifest',
        failureOf('ok', {
          message: `The manifest of ${ids.run_id} is the projection of its journal, byte for byte.`,
          hint: '',
        }),
        ids,
      ),
    };
  }
  const what = there === null ? 'it is missing' : `it differs from line ${firstDifference(there, text)} on`;
  return {
    result: resultOfFailure(
      'manifest',
      failureOf('manifest.differs', {
        message: `The manifest of ${ids.run_id} is not the projection of its journal: ${what}.`,
      }),
      ids,
    ),
  };
};

function firstDifference(a: string, b: string): number {
  const left = a.split('\n');
  const right = b.split('\n');
  const index = left.findIndex((line, number) => line !== right[number]);
  return (index < 0 ? left.length : index) + 1;
}
