import { renderStage } from '../../commands/render.ts';
import { resultOfFailure } from '../../commands/result.ts';
import { failureOf } from '../../errors/failure.ts';
import { type CommandHandler, UsageError } from '../command.ts';
import { flag, text } from '../options.ts';
import { projectRoot } from '../project-root.ts';

export const render: CommandHandler = async (ctx, _words, options) => {
  const stage = text(options, 'stage') ?? 'launch';
  if (stage !== 'launch') throw new UsageError(`--stage takes launch, not ${JSON.stringify(stage)}`);
  const found = projectRoot(ctx);
  if ('result' in found) return found;
  const toStdout = flag(options, 'stdout');
  const rendered = await renderStage(found.root, { runId: text(options, 'runId'), write: !toStdout });
  if (!rendered.ok) return { result: resultOfFailure('render', rendered.failure) };
  const { runId, iterationId, prompt, context, files } = rendered.value;
  const message = toStdout ? `The prompt for run ${runId}.` : `Wrote ${files.join(' and ')} for run ${runId}.`;
  const result = resultOfFailure(
    'render',
    failureOf('ok', { message, hint: `Launch with this run id: autolab launch --run-id ${runId}` }),
    {
      run_id: runId,
      iteration_id: iterationId,
      details: { prompt, context: JSON.parse(context) as unknown, files },
    },
  );
  return toStdout ? { result, text: prompt } : { result };
};
