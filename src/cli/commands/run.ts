import { failureOf } from '../../errors/failure.ts';
import { callResult } from '../../index.ts';
import { stopPrograms } from '../../platform/process.ts';
import { sentences } from '../../platform/sentence.ts';
import type { CommandContext, CommandHandler } from '../command.ts';
import { onInterrupt } from '../interrupts.ts';
import { oneOf } from '../options.ts';
import { print } from '../print.ts';
import { projectOf } from '../project.ts';
import { printOutput } from '../render/output.ts';
import { STAGE_NAMES } from '../workflow-verbs.ts';

export const run: CommandHandler = async (ctx, _words, options) => {
  const until = oneOf(options, 'until', STAGE_NAMES);
  const project = projectOf(ctx);
  let agentWorks = false;
  const interrupts = onInterrupt(() => {
    printLeft(ctx, agentWorks);
  });
  // git and the agent are ended by the call itself, which then puts the tree back: that takes programs, too.
  interrupts.runBegan();
  try {
    const { signal, detachSignal } = interrupts;
    const onEvent: typeof ctx.show = (event) => {
      if (event.type === 'step') agentWorks = event.status === 'started' && event.message === 'agent';
      ctx.show(event);
    };
    return { result: await project.run({ until, onEvent, signal, detachSignal }) };
  } finally {
    interrupts.stop();
    stopPrograms();
  }
};

function printLeft(ctx: CommandContext, agentWorks: boolean): void {
  const failure = failureOf(
    'interrupted',
    agentWorks
      ? {
          message: 'Left at once; the agent was killed, and its changes are not put back yet.',
          hint: 'Put them back, and continue: autolab run',
        }
      : { message: 'Left at once. A run that was started continues.', hint: 'Continue: autolab run' },
  );
  print('stderr', `\n${sentences(failure.message, failure.hint)}\n`);
  if (ctx.json) printOutput({ result: callResult('run', failure) }, ctx);
}
