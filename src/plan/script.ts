import { join } from 'node:path';
import type { Problem } from '../errors/problem.ts';
import { lintLocalScript } from '../launch-scripts/lint.ts';
import { renderLocalScript, scriptOrigin } from '../launch-scripts/local-script.ts';
import { lintSlurmScript } from '../launch-scripts/slurm-lint.ts';
import { renderSlurmScript } from '../launch-scripts/slurm-script.ts';
import { readDocument } from '../platform/document.ts';
import { run } from '../platform/process.ts';
import type { Design } from '../project/design.ts';
import { limitFor, type LineLimits } from '../project/line-limits.ts';
import { localScript, slurmScript } from '../records/paths.ts';
import type { Objection } from '../run/objection.ts';

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

interface ScriptKind {
  /** Relative to the project root. */
  readonly file: string;
  /** As the line limits name it. */
  readonly limited: string;
  readonly render: (inputs: ScriptInputs) => string;
  readonly lint: (
    text: string,
    file: string,
    options: Pick<ScriptInputs, 'design' | 'python' | 'activation'> & { readonly maxLines: number | null },
  ) => readonly Problem[];
}

const SCRIPT_BYTES = 1024 * 1024;

/** The script that is run: `run_local.sh`, or for a Slurm run `run_slurm.sbatch`. */
export function chooseScript(root: string, mode: 'local' | 'slurm', inputs: ScriptInputs): Promise<ChosenScript> {
  const { iteration_id: iterationId } = inputs.design;
  const kind: ScriptKind =
    mode === 'local'
      ? {
          file: localScript(iterationId),
          limited: 'launch/run_local.sh',
          render: renderLocalScript,
          lint: lintLocalScript,
        }
      : {
          file: slurmScript(iterationId),
          limited: 'launch/run_slurm.sbatch',
          render: renderSlurmScript,
          lint: lintSlurmScript,
        };
  return choose(root, kind, inputs);
}

/** In Slurm mode `run_local.sh` is the command record; null where a hand-written one is left alone. */
export function commandRecord(root: string, inputs: ScriptInputs): string | null {
  const there = readDocument(join(root, localScript(inputs.design.iteration_id)), SCRIPT_BYTES);
  if (there.kind === 'text' && scriptOrigin(there.text) !== 'rendered') return null;
  return there.kind === 'text' || there.kind === 'missing' ? renderLocalScript(inputs) : null;
}

async function choose(
  root: string,
  { file, limited, render, lint }: ScriptKind,
  inputs: ScriptInputs,
): Promise<ChosenScript> {
  const refused = (message: string): ChosenScript => ({
    text: '',
    source: 'rendered',
    problems: [],
    objections: [{ code: 'script.invalid', message }],
  });
  const there = readDocument(join(root, file), SCRIPT_BYTES);
  if (there.kind !== 'missing' && there.kind !== 'text')
    return refused(`${file} is not a text file that could be run.`);
  const byHand = there.kind === 'text' && scriptOrigin(there.text) !== 'rendered';
  // A byte order mark in front of `#!` is one of the mistakes that are told.
  const text = byHand ? `${there.bom ? '\uFEFF' : ''}${there.text}` : render(inputs);
  const maxLines = limitFor(inputs.limits, limited, inputs.runId);
  const { design, python, activation } = inputs;
  const problems = [
    ...lint(text, file, { maxLines, design, python, activation }),
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
