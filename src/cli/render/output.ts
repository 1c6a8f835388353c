import { styleText } from 'node:util';
import { type Problem, whereOf } from '../../errors/problem.ts';
import { formatJson, type VerbResult } from '../../index.ts';
import type { CommandOutput, GlobalOptions } from '../command.ts';
import { isTerminal, print } from '../print.ts';
import { forTerminal, printableJson, visible } from './visible.ts';

/** The end of a command: its result on stdout, or its failure on stderr; with --json one object in any case. */

const FAILED_CALLS = ['usage', 'refused', 'conflict', 'internal_error'];

export function printOutput(output: CommandOutput, globals: GlobalOptions): void {
  const { result } = output;
  if (globals.json) {
    print('stdout', printableJson(formatJson(result)));
    return;
  }
  const paint = painter(globals.color);
  for (const problem of result.problems) print('stderr', `${problemLine(problem, paint)}\n`);
  const failed = FAILED_CALLS.includes(result.outcome);
  const name = failed ? 'stderr' : 'stdout';
  const text = output.text ?? messageText(result, paint, globals.verbose);
  if (text !== '') print(name, isTerminal(name) ? forTerminal(text) : text);
}

export type Paint = (style: Parameters<typeof styleText>[0], text: string) => string;

/** Colours, if both streams are terminals and the user did not turn them off. */
export function painter(color: boolean): Paint {
  const enabled = color && isTerminal('stderr') && isTerminal('stdout');
  return (style, text) => (enabled ? styleText(style, text) : text);
}

function problemLine(problem: Problem, paint: Paint): string {
  const severity = problem.severity === 'error' ? paint('red', 'error') : paint('yellow', 'warning');
  return `${paint('bold', visible(whereOf(problem)))}: ${severity}: ${visible(problem.message)} [${problem.code}]`;
}

function styleOf(outcome: VerbResult['outcome']): Parameters<Paint>[0] {
  if (['ok', 'completed', 'submitted'].includes(outcome)) return 'green';
  return outcome === 'undetermined' || outcome === 'cancelled' ? 'yellow' : 'red';
}

function messageText(result: VerbResult, paint: Paint, verbose: boolean): string {
  // A stack has lines; any other message is one line, whatever a user's file put into it.
  const message =
    result.outcome === 'internal_error' && verbose
      ? result.message.split('\n').map(visible).join('\n')
      : visible(result.message);
  const code = result.code === result.outcome || result.code === 'ok' ? '' : ` [${result.code}]`;
  const lines = [`${paint(styleOf(result.outcome), result.outcome)}: ${message}${code}`];
  for (const advice of result.recommendations) {
    lines.push(
      `  advice: ${visible(`${advice.file} ${advice.pointer}: ${advice.current ?? 'not set'} → ${advice.suggested ?? '?'} (${advice.why})`)}`,
    );
  }
  if (result.run_dir !== null) lines.push(`  run: ${visible(result.run_dir)}`);
  lines.push(...pageLine(result));
  if (result.stage_after !== null && result.stage_before !== null && result.stage_after !== result.stage_before) {
    lines.push(`  stage: ${visible(`${result.stage_before} → ${result.stage_after}`)}`);
  }
  const attempts = attemptsText(result);
  if (attempts !== null) lines.push(`  attempts: ${attempts}`);
  if (result.hint !== '') lines.push(`  next: ${visible(result.hint)}`);
  return `${lines.join('\n')}\n`;
}

/** Of a call that closed a run. */
function pageLine(result: VerbResult & { readonly report?: unknown }): readonly string[] {
  const { report: page, command } = result;
  return typeof page === 'string' && command !== 'report' ? [`  report: ${visible(page)}`] : [];
}

/** Returns null if the command failed no gate and no run. */
function attemptsText(result: VerbResult): string | null {
  const { outcome, attempt_counted: counted, stage_attempt: used, max_stage_attempts: most } = result;
  if (outcome !== 'needs_retry' && outcome !== 'human_review') return null;
  if (used === null || most === null || counted === null) return null;
  return `${used} of ${most} used${counted ? '' : '; this failure is not counted'}`;
}
