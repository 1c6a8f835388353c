import { failureOf } from '../errors/failure.ts';
import type { LaunchEvent } from '../events/events.ts';
import { callResult, type VerbResult, type WaitOptions } from '../index.ts';
import { stopPrograms } from '../platform/process.ts';
import { sentences } from '../platform/sentence.ts';
import type { CommandContext, Options } from './command.ts';
import { onInterrupt } from './interrupts.ts';
import { flag, oneOf, wholeNumber } from './options.ts';
import { print } from './print.ts';
import { printOutput } from './render/output.ts';

/** What the commands that wait for a run have in common. */

/** Of `--detach` and its like. */
export function waitOptions(options: Options): WaitOptions {
  const seconds = wholeNumber(options, 'waitTimeout');
  return {
    detach: flag(options, 'detach'),
    waitTimeoutMs: seconds === null ? null : seconds * 1000,
    onInterrupt: oneOf(options, 'onInterrupt', ['cancel', 'detach']),
  };
}

/** A verb that may follow a run: Ctrl-C is for the run, and its events are shown. */
export async function drive<Result extends VerbResult>(
  ctx: CommandContext,
  verb: string,
  act: (steering: WaitOptions) => Promise<Result>,
): Promise<Result> {
  const interrupts = onInterrupt((began) => {
    printLeft(ctx, verb, began);
  });
  const onEvent = (event: LaunchEvent): void => {
    if (event.type === 'run') interrupts.runBegan();
    ctx.show(event);
  };
  try {
    const { signal, detachSignal } = interrupts;
    return await act({ onEvent, signal, detachSignal });
  } finally {
    interrupts.stop();
    // A question to Slurm that hangs would keep this process although it waits for no answer.
    stopPrograms();
  }
}

/** A second Ctrl-C waits for nothing; one object is printed all the same. */
function printLeft(ctx: CommandContext, verb: string, began: boolean): void {
  const failure = failureOf(
    'interrupted',
    began
      ? {
          message: 'Left at once; the run continues, or is being stopped.',
          hint: 'Continue it: autolab resume. Stop it: autolab cancel',
        }
      : {
          message: 'Interrupted; this call began no run, and wrote nothing.',
          hint: 'Launch again: autolab launch',
        },
  );
  print('stderr', `\n${sentences(failure.message, failure.hint)}\n`);
  if (ctx.json) printOutput({ result: callResult(verb, failure) }, ctx);
}
