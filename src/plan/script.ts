import { join } from 'node:path';
import { problemOfFile } from '../documents/located.ts';
import type { Problem } from '../errors/problem.ts';
import type { CommandRecord, Executor, ScriptInputs } from '../executors/executor.ts';
import { activationFile, needsFile, sourcingBlock } from '../launch-scripts/activation.ts';
import { countLines } from '../launch-scripts/lint.ts';
import { scriptOrigin } from '../launch-scripts/mark.ts';
import { placeholderProblems } from '../launch-scripts/rules.ts';
import { readDocument } from '../platform/document.ts';
import { run } from '../platform/process.ts';
import { SITE_MEMORY } from '../project/compute/memory.ts';
import type { Design } from '../project/design.ts';
import { limitFor, type LineLimits } from '../project/line-limits.ts';
import { activationScript } from '../records/paths.ts';
import type { Objection } from '../run/objection.ts';

/** The script of the launch: autolab's own is made anew, a hand-written one is checked and never overwritten. */

export interface ChosenScript {
  /** Relative to the root. */
  readonly file: string;
  readonly text: string;
  readonly source: 'rendered' | 'hand_written';
  /** Of the file from which it reads a long activation; null if it has the activation itself. */
  readonly activation: string | null;
}

export interface JudgedScript {
  /** null if it cannot be run, or something that it is made from cannot be read. */
  readonly script: ChosenScript | null;
  readonly problems: readonly Problem[];
  readonly objections: readonly Objection[];
}

/** What the script is made from, or checked against. What cannot be read is null. */
export interface ScriptFacts {
  readonly iterationId: string;
  readonly runId: string;
  readonly design: Design | null;
  /** The design, or what there is of one that has errors. */
  readonly draft: Design | null;
  readonly activation: string | null;
  readonly python: string | null;
  readonly limits: LineLimits;
}

const SCRIPT_BYTES = 1024 * 1024;

/** In `launch/` beside the script that is run: what it runs, as a script of its own. Returns null if a hand-written one is left alone. */
export function commandRecord(root: string, { file, render }: CommandRecord, inputs: ScriptInputs): string | null {
  const there = readDocument(join(root, 'experiments', inputs.design.iteration_id, file), SCRIPT_BYTES);
  if (there.kind === 'text' && scriptOrigin(there.text) !== 'rendered') return null;
  return there.kind === 'text' || there.kind === 'missing' ? render(inputs) : null;
}

/** The inputs of a script, if all of them could be read. */
export function wholeInputs({ design, activation, python, runId }: ScriptFacts): ScriptInputs | null {
  return design === null || activation === null || python === null ? null : { design, activation, python, runId };
}

/** The script that is run. What it cannot be compared with yet is left out, and every other rule counts. */
export async function judgeScript(root: string, executor: Executor, facts: ScriptFacts): Promise<JudgedScript> {
  const file = `experiments/${facts.iterationId}/${executor.script.file}`;
  const there = readDocument(join(root, file), SCRIPT_BYTES);
  if (there.kind !== 'missing' && there.kind !== 'text') {
    const message = `${file} is not a text file that bash can run.`;
    const problems = [problemOfFile(file, 'script.invalid', 'is not a text file that bash can run')];
    return { script: null, problems, objections: [{ code: 'script.invalid', message }] };
  }
  const byHand = there.kind === 'text' && scriptOrigin(there.text) !== 'rendered';
  // A byte order mark in front of `#!` is one of the mistakes that are reported.
  const script = byHand ? `${there.bom ? '\uFEFF' : ''}${there.text}` : null;
  const { text, problems } = await (script === null
    ? checkRendered(executor, file, facts)
    : checkByHand(root, executor, file, facts, script));
  const activation = activationReadBy(text, facts.activation);
  const ofActivation = activation === null ? [] : checkActivation(root, facts.iterationId, activation);
  const objections = [
    ...objectionsOf(file, problems),
    ...objectionsOf(activationScript(facts.iterationId), ofActivation),
  ];
  const isWhole = text !== null && wholeInputs(facts) !== null && objections.length === 0;
  const source = byHand ? 'hand_written' : 'rendered';
  const chosen = isWhole ? ({ file, text, source, activation } as const) : null;
  return { script: chosen, problems: [...problems, ...ofActivation], objections };
}

/** The text of the file from which a script reads its activation; null if it does not. */
function activationReadBy(script: string | null, activation: string | null): string | null {
  const reads = activation !== null && script?.includes(sourcingBlock(activation)) === true;
  return reads ? activationFile(activation) : null;
}

/** A file that a user edited is never overwritten, as with scripts; and what runs is docs/environment.md. */
function checkActivation(root: string, iterationId: string, text: string): readonly Problem[] {
  const file = activationScript(iterationId);
  const there = readDocument(join(root, file), SCRIPT_BYTES);
  const isOurs = there.kind === 'missing' || (there.kind === 'text' && scriptOrigin(there.text) === 'rendered');
  const advice = 'autolab makes it from docs/environment.md: make the change there, and move this file away';
  const edited = {
    ...problemOfFile(file, 'script.invalid', `the file was not written by autolab, or was edited; ${advice}`),
    line: 2,
    column: 1,
  };
  return [...(isOurs ? [] : [edited]), ...placeholderProblems({ file, text })];
}

interface Checked {
  readonly text: string | null;
  readonly problems: readonly Problem[];
}

/** Of a script that is made from parts which have errors only the length says anything: it would not get shorter. */
async function checkRendered(executor: Executor, file: string, facts: ScriptFacts): Promise<Checked> {
  const { draft, activation, python, runId } = facts;
  if (draft === null) return { text: null, problems: [] };
  const { render, lint } = await executor.loadScript();
  const inputs = { design: draft, activation: activation ?? '', python: python ?? 'python3', runId };
  const maxLines = limitFor(facts.limits, executor.script.file, runId);
  const whole = render({ ...inputs, sourced: needsFile(inputs.activation) });
  const sourced = render({ ...inputs, sourced: true });
  // A short activation goes into a file, too, if the script then keeps within a limit of the project.
  const isBetter = maxLines !== null && countLines(whole) > maxLines && countLines(sourced) <= maxLines;
  const text = isBetter ? sourced : whole;
  const problems = lint(text, file, { ...inputs, maxLines });
  const isWhole = wholeInputs(facts) !== null;
  return { text, problems: isWhole ? problems : problems.filter(({ code }) => code === 'script.too_long') };
}

async function checkByHand(
  root: string,
  executor: Executor,
  file: string,
  { design, draft, activation, python, limits, runId }: ScriptFacts,
  text: string,
): Promise<Checked> {
  const { lint } = await executor.loadScript();
  const problems = lint(text, file, {
    maxLines: limitFor(limits, executor.script.file, runId),
    ...(design === null || python === null ? {} : { design, python }),
    ...(activation === null ? {} : { activation }),
    siteMemory: draft?.compute.memory === SITE_MEMORY,
  });
  return { text, problems: [...problems, ...(await checkSyntax(root, text, file))] };
}

function objectionsOf(file: string, problems: readonly Problem[]): readonly Objection[] {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first === undefined) return [];
  const tooLong = errors.every(({ code }) => code === 'script.too_long');
  const message = `${file} breaks the rules: ${first.message}`;
  return [{ code: tooLong ? 'script.too_long' : 'script.invalid', message }];
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
