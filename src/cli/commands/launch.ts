import { failureOf } from '../../errors/failure.ts';
import type { LaunchEvent } from '../../events/events.ts';
import { callResult, type LaunchPlan, type LaunchResult, type WaitOptions } from '../../index.ts';
import { stopPrograms } from '../../platform/process.ts';
import { sentences } from '../../platform/sentence.ts';
import { type CommandContext, type CommandHandler, type CommandOutput, type Options, UsageError } from '../command.ts';
import { onInterrupt } from '../interrupts.ts';
import { flag, oneOf, text, wholeNumber } from '../options.ts';
import { print } from '../print.ts';
import { projectOf } from '../project.ts';
import { printOutput } from '../render/output.ts';

export const launch: CommandHandler = (ctx, _words, options) => {
  const wait = waitOptions(options);
  const own = {
    dryRun: flag(options, 'dryRun'),
    profile: text(options, 'profile'),
    runId: text(options, 'runId'),
    allowOpenTodo: flag(options, 'allowOpenTodo'),
    approved: text(options, 'approved'),
    after: text(options, 'after'),
  };
  if (own.after !== null && own.approved === null) throw new UsageError('--after goes with --approved');
  const project = projectOf(ctx);
  return drive(ctx, 'launch', (steering) => project.launch({ ...wait, ...own, ...steering }));
};

export const resume: CommandHandler = (ctx, _words, options) => {
  const wait = waitOptions(options);
  const project = projectOf(ctx);
  return drive(ctx, 'resume', (steering) => project.resume({ ...wait, ...steering }));
};

function waitOptions(options: Options): WaitOptions {
  const seconds = wholeNumber(options, 'waitTimeout');
  return {
    detach: flag(options, 'detach'),
    waitTimeoutMs: seconds === null ? null : seconds * 1000,
    onInterrupt: oneOf(options, 'onInterrupt', ['cancel', 'detach']),
  };
}

async function drive(
  ctx: CommandContext,
  verb: string,
  act: (steering: WaitOptions) => Promise<LaunchResult>,
): Promise<CommandOutput> {
  const interrupts = onInterrupt((began) => {
    printLeft(ctx, verb, began);
  });
  const onEvent = (event: LaunchEvent): void => {
    if (event.type === 'run') interrupts.runBegan();
    ctx.show(event);
  };
  try {
    const { signal, detachSignal } = interrupts;
    const result = await act({ onEvent, signal, detachSignal });
    return result.plan ? { result, text: planText(result, result.plan) } : { result };
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

/** What a dry run shows the user: the plan, then the script as it would be run. */
function planText(result: LaunchResult, plan: LaunchPlan): string {
  const asked = Object.entries(plan.resource_request).filter(
    ([, value]) => value !== null && value !== 0 && value !== false,
  );
  return [
    `${result.code === 'ok' ? 'ok' : result.outcome}: ${result.message}`,
    `  mode: ${plan.mode}`,
    `  command: ${plan.command}`,
    `  resources: ${asked.map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`).join(' ')}`,
    ...(plan.test_only === undefined ? [] : [`  site: ${plan.test_only.words}`]),
    `  script: ${plan.script_path} (${plan.script_source.replace('_', '-')})`,
    '',
    plan.script,
  ].join('\n');
}
