import { join } from 'node:path';
import type { Problem } from '../../errors/problem.ts';
import { readDocument } from '../../platform/document.ts';
import { run } from '../../platform/process.ts';
import type { Design } from '../../project/design.ts';
import { limitFor, type LineLimits } from '../../project/line-limits.ts';
import { localScript } from '../../records/paths.ts';
import { lintLocalScript } from '../../scripts/lint.ts';
import { renderLocalScript, scriptOrigin } from '../../scripts/local-script.ts';
import type { Objection } from './gate.ts';

/** The script of the launch: ours made anew, a hand-written one checked and never overwritten. */

export interface ChosenScript {
  readonly text: string;
  readonly source: 'rendered' | 'hand_written';
  readonly problems: readonly Problem[];
  readonly objections: readonly Objection[];
}

export interface ScriptInputs {
  readonly design: Design;
  readonly activation: string;
  readonly python: string;
  readonly limits: LineLimits;
  readonly runId: string;
}

const SCRIPT_BYTES = 1024 * 1024;

export async function chooseScript(root: string, iterationId: string, inputs: ScriptInputs): Promise<ChosenScript> {
  const file = localScript(iterationId);
  const rendered = renderLocalScript({ design: inputs.design, activation: inputs.activation, python: inputs.python });
  const there = readDocument(join(root, file), SCRIPT_BYTES);
  if (there.kind !== 'missing' && there.kind !== 'text') {
    return {
      text: rendered,
      source: 'rendered',
      problems: [],
      objections: [{ code: 'script.invalid', message: `${file} is not a text file that could be run.` }],
    };
  }
  const byHand = there.kind === 'text' && scriptOrigin(there.text) !== 'rendered';
  // A byte order mark in front of `#!` is one of the mistakes that are told.
  const text = byHand ? `${there.bom ? '\uFEFF' : ''}${there.text}` : rendered;
  const maxLines = limitFor(inputs.limits, 'launch/run_local.sh', inputs.runId);
  const problems = [
    ...lintLocalScript(text, file, {
      maxLines,
      design: inputs.design,
      python: inputs.python,
      activation: inputs.activation,
    }),
    ...(byHand ? await checkSyntax(root, text, file) : []),
  ];
  const errors = problems.filter((problem) => problem.severity === 'error');
  const first = errors[0];
  if (first === undefined) return { text, source: byHand ? 'hand_written' : 'rendered', problems, objections: [] };
  const tooLong = errors.every((problem) => problem.code === 'script.too_long');
  const objection: Objection = {
    code: tooLong ? 'script.too_long' : 'script.invalid',
    message: `${file} does not keep the rules: ${first.message}`,
  };
  return { text, source: byHand ? 'hand_written' : 'rendered', problems, objections: [objection] };
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
