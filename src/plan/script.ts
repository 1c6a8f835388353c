import { join } from 'node:path';
import type { Problem } from '../errors/problem.ts';
import type { CommandRecord, Executor, ScriptInputs } from '../executors/executor.ts';
import { scriptOrigin } from '../launch-scripts/mark.ts';
import { readDocument } from '../platform/document.ts';
import { run } from '../platform/process.ts';
import { limitFor, type LineLimits } from '../project/line-limits.ts';
import type { Objection } from '../run/objection.ts';

/** The script of the launch: autolab's own is made anew, a hand-written one is checked and never overwritten. */

export interface ChosenScript {
  /** Relative to the root. */
  readonly file: string;
  readonly text: string;
  readonly source: 'rendered' | 'hand_written';
  readonly problems: readonly Problem[];
  readonly objections: readonly Objection[];
}

export interface ScriptChoice extends ScriptInputs {
  readonly limits: LineLimits;
}

const SCRIPT_BYTES = 1024 * 1024;

/** In `launch/` beside the script that is run: what it runs, as a script of its own. Returns null if a hand-written one is left alone. */
export function commandRecord(root: string, { file, render }: CommandRecord, inputs: ScriptChoice): string | null {
  const there = readDocument(join(root, 'experiments', inputs.design.iteration_id, file), SCRIPT_BYTES);
  if (there.kind === 'text' && scriptOrigin(there.text) !== 'rendered') return null;
  return there.kind === 'text' || there.kind === 'missing' ? render(inputs) : null;
}

/** The script that is run. */
export async function chooseScript(root: string, executor: Executor, inputs: ScriptChoice): Promise<ChosenScript> {
  const { render, lint } = await executor.loadScript();
  const file = `experiments/${inputs.design.iteration_id}/${executor.script.file}`;
  const refused = (message: string): ChosenScript => ({
    file,
    text: '',
    source: 'rendered',
    problems: [],
    objections: [{ code: 'script.invalid', message }],
  });
  const there = readDocument(join(root, file), SCRIPT_BYTES);
  if (there.kind !== 'missing' && there.kind !== 'text')
    return refused(`${file} is not a text file that bash can run.`);
  const byHand = there.kind === 'text' && scriptOrigin(there.text) !== 'rendered';
  // A byte order mark in front of `#!` is one of the mistakes that are reported.
  const text = byHand ? `${there.bom ? '\uFEFF' : ''}${there.text}` : render(inputs);
  const maxLines = limitFor(inputs.limits, executor.script.file, inputs.runId);
  const { design, python, activation } = inputs;
  const problems = [
    ...lint(text, file, { maxLines, design, python, activation }),
    ...(byHand ? await checkSyntax(root, text, file) : []),
  ];
  const errors = problems.filter((problem) => problem.severity === 'error');
  const first = errors[0];
  const source = byHand ? 'hand_written' : 'rendered';
  if (first === undefined) return { file, text, source, problems, objections: [] };
  const tooLong = errors.every((problem) => problem.code === 'script.too_long');
  const objection: Objection = {
    code: tooLong ? 'script.too_long' : 'script.invalid',
    message: `${file} breaks the rules: ${first.message}`,
  };
  return { file, text, source, problems, objections: [objection] };
}

/** `bash -n`: reads and parses without running anything. */
export async function checkSyntax(root: string, text: string, file: string): Promise<readonly Problem[]> {
  const result = await run(['bash', '-n', '-s'], { cwd: root, timeoutMs: 10_000, stdin: text });
  if (result.exitCode === 0) return [];
  const match = /line (\d+): (.*)/.exec(result.stderr);
  return [
    {
      file,
      line: match === null ? null : Number(match[1]),
      column: match === null ? null : 1,
      pointer: null,
      code: 'script.invalid',
      severity: 'error',
      message: `bash cannot parse it: ${match?.[2] ?? (result.stderr.trim() || 'bash did not answer')}`,
    },
  ];
}
