import type { LaunchPlan, LaunchResult } from '../../index.ts';
import { type CommandHandler, type CommandOutput, UsageError } from '../command.ts';
import { drive, waitOptions } from '../driving.ts';
import { flag, text } from '../options.ts';
import { projectOf } from '../project.ts';
import { dataText } from '../render/data-text.ts';
import { tasksLines } from '../render/tasks-text.ts';
import { visible } from '../render/visible.ts';

export const launch: CommandHandler = (ctx, _words, options) => {
  const wait = waitOptions(options);
  const own = {
    dryRun: flag(options, 'dryRun'),
    profile: text(options, 'profile'),
    runId: text(options, 'runId'),
    allowOpenTodo: flag(options, 'allowOpenTodo'),
    failedOnly: flag(options, 'failedOnly'),
    approved: text(options, 'approved'),
    after: text(options, 'after'),
  };
  if (own.after !== null && own.approved === null) throw new UsageError('--after goes with --approved');
  if (own.approved !== null && !/^[0-9a-f]{64}$/.test(own.approved))
    throw new UsageError(
      '--approved takes 64 hex digits, lower case: approved_digest of autolab launch --dry-run --json',
    );
  const project = projectOf(ctx);
  return drive(ctx, 'launch', (steering) => project.launch({ ...wait, ...own, ...steering })).then(outputOf);
};

export const resume: CommandHandler = (ctx, _words, options) => {
  const wait = waitOptions(options);
  const project = projectOf(ctx);
  return drive(ctx, 'resume', (steering) => project.resume({ ...wait, ...steering })).then(outputOf);
};

function outputOf(result: LaunchResult): CommandOutput {
  return result.plan ? { result, text: planText(result, result.plan) } : { result };
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
    ...(plan.tasks === undefined ? [] : tasksLines(plan.tasks)).map(([name, value]) => `  ${name}: ${visible(value)}`),
    ...(plan.reuse === undefined ? [] : [`  reused: ${reuseText(plan.reuse)}`]),
    ...(plan.data_inputs ?? []).map((input) => `  data: ${dataText(input)}`),
    ...(plan.test_only === undefined ? [] : [`  site: ${plan.test_only.words}`]),
    `  script: ${plan.script_path} (${plan.script_source.replace('_', '-')})`,
    '',
    plan.script,
  ].join('\n');
}

function reuseText({ run_id: runId, taken, run, differences }: NonNullable<LaunchPlan['reuse']>): string {
  return [`${run} run, ${taken} are taken over from ${runId}`, ...differences].join('; ');
}
