import { type AsWritten, flowYaml, quotedYaml, yamlScalar } from '../documents/yaml-text.ts';
import type { ArtifactSpec } from './design-artifacts.ts';
import type { Entrypoint } from './design-entrypoint.ts';
import type { TaskSpec } from './tasks/task-spec.ts';
import { taskLines } from './tasks/tasks-text.ts';

/** From the parts of a design to the text of design.yaml: short, commented, keys in the order of the docs. Pure. */

export type ComputeValue = string | number | boolean | null | AsWritten | readonly unknown[] | Readonly<object>;

/** What a new design says; a part that is empty or null is left out. */
export interface NewDesign {
  readonly id: string;
  readonly hypothesisId: string | null;
  readonly entrypoint: Entrypoint | null;
  /** Null if the run has one task. */
  readonly tasks: TaskSpec | null;
  /** With `location`. */
  readonly compute: Readonly<Record<string, ComputeValue>>;
  readonly artifacts: readonly ArtifactSpec[];
  /** As in the file. */
  readonly metrics: unknown;
  readonly baselines: unknown;
  /** Further keys at the top, such as `code`. */
  readonly others: Readonly<Record<string, unknown>>;
}

/** Those that most designs have; others follow as they were given. */
const COMPUTE_ORDER = (
  'location time memory memory_per_cpu memory_per_gpu cpus gpu_count gpu_type nodes ntasks ntasks_per_node ' +
  'partition qos account constraint'
).split(' ');

export function designText(design: NewDesign): string {
  const { id, hypothesisId, entrypoint, tasks, artifacts, metrics, baselines, others } = design;
  const artifactsAre = `# Files that must exist in the ${tasks === null ? 'run folder' : 'folder of each task'} at the end.`;
  const blocks = [
    [
      `# The experiment ${id}. \`autolab launch\` runs exactly this, once it is approved.`,
      '# All keys: docs/reference/design.md of autolab.',
      `id: ${yamlScalar(id)}`,
      `iteration_id: ${yamlScalar(id)}`,
      ...(hypothesisId === null ? [] : [`hypothesis_id: ${yamlScalar(hypothesisId)}`]),
    ],
    entrypoint === null ? NO_COMMAND : entrypointLines(entrypoint),
    tasks === null
      ? []
      : ['# One run, many tasks: `{{task.NAME}}` in the command is the value of each.', ...taskLines(tasks)],
    [`compute:${tasks === null ? '' : ' # of each task'}`, ...computeLines(design)],
    artifacts.length === 0
      ? [artifactsAre, 'artifacts: []']
      : [artifactsAre, 'artifacts:', ...artifacts.map(artifactLine)],
    [
      ...(isEmpty(metrics) ? [] : [`metrics: ${flowYaml(metrics)}`]),
      ...(isEmpty(baselines) ? [] : [`baselines: ${flowYaml(baselines)}`]),
    ],
    Object.entries(others).map(([key, value]) => `${yamlScalar(key)}: ${flowYaml(value)}`),
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

const NO_COMMAND = [
  '# What the run executes. Words for a program, not for a shell: only {{placeholders}} are expanded.',
  '# entrypoint:',
  '#   command: ["python", "train.py", "--out", "{{run_dir}}"]',
];

function entrypointLines(entrypoint: Entrypoint): readonly string[] {
  switch (entrypoint.kind) {
    case 'module': {
      const args = Object.keys(entrypoint.args).length === 0 ? [] : [`  args: ${flowYaml(entrypoint.args)}`];
      return ['entrypoint:', `  module: ${yamlScalar(entrypoint.module)}`, ...args];
    }
    case 'cli':
      return ['entrypoint:', `  cli: ${quotedYaml(entrypoint.line)}`];
    case 'command':
      return [
        'entrypoint:',
        '  # Words for a program, not for a shell: only {{placeholders}} are expanded.',
        `  command: [${entrypoint.argv.map(quotedYaml).join(', ')}]`,
      ];
  }
}

function computeLines({ compute }: NewDesign): readonly string[] {
  const rank = (key: string): number => (COMPUTE_ORDER.includes(key) ? COMPUTE_ORDER.indexOf(key) : Infinity);
  const sorted = Object.entries(compute).sort(([a], [b]) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)));
  return sorted.map(([key, value]) => {
    // YAML 1.1 takes `1:30` for a number.
    const text = key === 'time' && typeof value === 'string' ? quotedYaml(value) : flowYaml(value);
    return `  ${yamlScalar(key)}: ${text}`;
  });
}

function artifactLine({ path, required, from }: ArtifactSpec): string {
  if (required && from === null) return `  - ${yamlScalar(path)}`;
  const whole = { path, ...(required ? {} : { required }), ...(from === null ? {} : { from }) };
  return `  - ${flowYaml(whole)}`;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
