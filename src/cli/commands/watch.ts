import { failureOf } from '../../errors/failure.ts';
import type { LaunchEvent } from '../../events/events.ts';
import { callResult, type Project } from '../../index.ts';
import { stopPrograms } from '../../platform/process.ts';
import { type CommandContext, type CommandHandler, UsageError } from '../command.ts';
import { wholeNumber } from '../options.ts';
import { guardOutputs } from '../print.ts';
import { projectOf } from '../project.ts';
import { plainLine } from '../render/plain.ts';
import { LiveView } from '../render/watch/live-view.ts';

export const watch: CommandHandler = async (ctx, words, options) => {
  if (!hasTerminal(ctx))
    throw new UsageError('autolab watch needs a terminal', 'Without one: autolab status, autolab logs -f');
  guardOutputs();
  const project = projectOf(ctx);
  const cancels: Promise<void>[] = [];
  const view = new LiveView({
    color: ctx.color,
    cancel: () => {
      cancels.push(cancelFrom(project, view));
    },
  });
  try {
    const result = await project.watch({
      run: words[0] ?? null,
      task: wholeNumber(options, 'task'),
      signal: view.left,
      onEvent: ({ run }) => {
        view.show(run);
      },
    });
    if (result.outcome === 'ok') await leftBy(view.left);
    const { reason } = view.left as { readonly reason: unknown };
    return { result: typeof reason === 'string' ? ended(reason) : result };
  } finally {
    view.end();
    await Promise.all(cancels);
    // A question to Slurm that hangs would keep this process although it waits for no answer.
    stopPrograms();
  }
};

/** Keys come from stdin, pictures go to stdout. */
function hasTerminal({ json }: CommandContext): boolean {
  return !json && process.stdin.isTTY && process.stdout.isTTY && process.env['TERM'] !== 'dumb';
}

function leftBy(left: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (left.aborted) resolve();
    else
      left.addEventListener('abort', () => {
        resolve();
      });
  });
}

function ended(signal: string) {
  const message = `Ended by ${signal}; the run is as it was.`;
  return callResult('watch', failureOf('interrupted', { message, hint: 'Watch it again: autolab watch' }));
}

/** As `autolab cancel` does it. Leaving the view ends the waiting; the request stands. */
async function cancelFrom(project: Project, view: LiveView): Promise<void> {
  view.tell('Cancelling the run …', false);
  const onEvent = (event: LaunchEvent): void => {
    const line = event.type === 'note' ? plainLine(event) : null;
    if (line !== null) view.tell(line, false);
  };
  const result = await project.cancel({ onEvent, signal: view.left });
  const isCancelled = result.outcome === 'cancelled';
  view.tell(isCancelled ? 'The run was cancelled.' : `${result.message} ${result.hint}`, true);
}
