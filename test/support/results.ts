import { expect } from 'vitest';
import { call } from './contract.ts';
import { commitAll, edit, makeProject, type ProjectOptions } from './project.ts';

/** Experiments with metrics, after their runs. */

const METRICS = `metrics: {primary: {name: accuracy, mode: maximize}, others: [loss]}
baselines: [{name: majority, value: 0.44, loss: 1}, {name: published, value: 0.5}]
`;

export const WHO = ['--by', 'ada', '--note', 'as we planned'] as const;

export interface MeasuredOptions extends ProjectOptions {
  /** What the entrypoint writes into metrics.json, in single quotes of a shell. */
  readonly metrics?: string;
  /** Replaces `metrics` and `baselines` of the design. */
  readonly declared?: string;
}

export function measuredProject({ metrics, declared, ...options }: MeasuredOptions = {}): string {
  const written = metrics ?? '{"accuracy": 0.75, "loss": 0.5}';
  const root = makeProject({
    entrypoint: `printf '%s\\n' '${written}' > "$AUTOLAB_RUN_DIR/metrics.json"\n`,
    ...options,
  });
  edit(root, 'experiments/iter1/design.yaml', (text) => text + (declared ?? METRICS));
  if (options.git === true) commitAll(root);
  return root;
}

/** One completed run, `r1`; the workflow is at `extract_results`. */
export async function ranProject(options: MeasuredOptions = {}): Promise<string> {
  const root = measuredProject(options);
  const launched = await call(root, ['launch', '--run-id', 'r1']);
  expect(launched, launched.stderr).toMatchObject({ status: 0, json: { stage_after: 'extract_results' } });
  return root;
}
