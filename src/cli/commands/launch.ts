import { launch as launchRun, type LaunchOptions, notBegun } from '../../commands/launch.ts';
import { type CommandResult, resultOfFailure } from '../../commands/result.ts';
import { resume as resumeActive } from '../../commands/resume.ts';
import { failureOf } from '../../errors/failure.ts';
import { stopPrograms } from '../../platform/process.ts';
import { quoteArgv } from '../../platform/quoting.ts';
import { DriverControl } from '../../run/control.ts';
import type { LaunchEnvironment } from '../../run/session.ts';
import type { CommandContext, CommandHandler, CommandOutput, Options } from '../command.ts';
import { onInterrupt } from '../interrupts.ts';
import { flag, oneOf, text, wholeNumber } from '../options.ts';
import { projectRoot } from '../project-root.ts';
import { printOutput } from '../render/output.ts';

export const launch: CommandHandler = async (ctx, _words, options) => {
  const runId = text(options, 'runId');
  return drive(ctx, options, 'launch', (env, common) =>
    launchRun(env, {
      ...common,
      dryRun: flag(options, 'dryRun'),
      profile: text(options, 'profile'),
      runId,
      allowOpenTodo: flag(options, 'allowOpenTodo'),
    }),
  );
};

export const resume: CommandHandler = async (ctx, _words, options) =>
  drive(ctx, options, 'resume', async (env, common) => {
    const result = await resumeActive(env, { ...common, command: 'resume' });
    // Claimed, but not a line written: there is nothing to carry on but the launch itself.
    return result === 'unopened'
      ? launchRun(env, { ...common, dryRun: false, profile: null, runId: null, allowOpenTodo: false })
      : result;
  });

async function drive(
  ctx: CommandContext,
  options: Options,
  verb: string,
  act: (env: LaunchEnvironment, common: Pick<LaunchOptions, 'detach' | 'waitTimeoutMs'>) => Promise<CommandResult>,
): Promise<CommandOutput> {
  const seconds = wholeNumber(options, 'waitTimeout');
  const interrupt = oneOf(options, 'onInterrupt', ['cancel', 'detach']);
  const found = projectRoot(ctx);
  if ('result' in found) return found;
  const control = new DriverControl();
  const signals = onInterrupt(control, interrupt, (began) => {
    tellLeft(ctx, verb, began);
  });
  const env: LaunchEnvironment = {
    root: found.root,
    control,
    command: quoteArgv(['autolab', verb]),
    emit: (event) => {
      if (event.type === 'run') signals.runBegan(event.on_interrupt);
      ctx.show(event);
    },
  };
  try {
    const result = await act(env, {
      detach: flag(options, 'detach'),
      waitTimeoutMs: seconds === null ? null : seconds * 1000,
    });
    const script = dryRunText(result);
    return script === null ? { result } : { result, text: script };
  } finally {
    signals.stop();
    // A question to Slurm that nobody waits for any more would keep this process, and itself, for as long as it hangs.
    stopPrograms();
  }
}

/** A second Ctrl-C waits for nothing more; one object is printed all the same. */
function tellLeft(ctx: CommandContext, verb: string, began: boolean): void {
  const failure = began
    ? failureOf('interrupted', {
        message: 'Left at once; the run goes on or is being stopped.',
        hint: 'Go on with: autolab resume. Stop the run with: autolab cancel',
      })
    : notBegun();
  process.stderr.write(`\n${failure.message} ${failure.hint}\n`);
  if (ctx.json) printOutput({ result: resultOfFailure(verb, failure) }, ctx);
}

interface PlanShown {
  readonly command: string;
  readonly mode: string;
  readonly script: string;
  readonly script_path: string;
  readonly script_source: string;
  readonly resource_request: Readonly<Record<string, unknown>>;
  readonly test_only?: { readonly words: string };
}

/** What a dry run shows a person: the plan, then the script as it would be run. */
function dryRunText(result: CommandResult): string | null {
  const plan = result.details['plan'] as PlanShown | null | undefined;
  if (plan === null || plan === undefined) return null;
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
