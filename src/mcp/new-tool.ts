import * as z from 'zod';
import { AGENT } from './agent.ts';
import { tool } from './tool.ts';

const short = z
  .string()
  .max(500)
  .regex(/^[^\u0000-\u0008\u000b-\u001f\u007f-\u009f]*$/, 'takes no control characters');
const list = (what: string): z.ZodOptional<z.ZodNullable<z.ZodArray<z.ZodString>>> =>
  z.array(short).max(100).nullish().describe(what);

interface GivenTasks {
  readonly grid?: readonly string[] | null | undefined;
  readonly list?: string | null | undefined;
  readonly max_parallel?: number | null | undefined;
  readonly max_failures?: number | null | undefined;
  readonly workers?: number | null | undefined;
}

function tasksOf({ grid, list, max_parallel, max_failures, workers }: GivenTasks) {
  return {
    grid: grid ?? [],
    list: list ?? null,
    maxParallel: max_parallel ?? null,
    maxFailures: max_failures ?? null,
    workers: workers ?? null,
  };
}

/** Adds an experiment. A reviewer has to approve it, so it decides nothing. */
export const addExperiment = tool({
  name: 'new',
  title: 'Add an experiment',
  description:
    'Writes the design of a new experiment (experiments/ID/design.yaml) and its entry in the backlog, and makes it the ' +
    'current one. Overwrites nothing. With command and what else the design needs, a reviewer is next; otherwise `next` says ' +
    'what is missing, and you edit design.yaml.',
  input: {
    id: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'takes letters, digits, `.`, `_` and `-`, a letter or digit first')
      .describe('A name for the experiment and its folder.'),
    command: z
      .array(z.string().max(10_000))
      .min(1)
      .max(1000)
      .nullish()
      .describe(
        'The words of the command, such as ["python", "train.py", "--out", "{{run_dir}}"]; no shell reads them. Outputs ' +
          'belong in {{run_dir}}, the folder of the run.',
      ),
    location: z.enum(['local', 'slurm']).nullish().describe('Left out: what this host has.'),
    compute: z
      .record(z.string().max(100), z.union([short, z.number(), z.boolean()]))
      .nullish()
      .describe('Such as {"time": "1:00:00", "memory": "8G", "cpus": 2, "gpu_count": 1}; slurm needs time and memory.'),
    metrics: list('What is measured: `NAME:max` or `NAME:min` first, then further names.'),
    metrics_file: short.nullish().describe('The file in the run folder that has them. Default: metrics.json.'),
    baselines: list('What to compare the first metric with: `NAME=VALUE`.'),
    inputs: list('Data that the run reads and git does not have: files, folders, patterns such as `/data/set/*.h5`.'),
    artifacts: list('Files that must be in the run folder at the end, such as `metrics.json`.'),
    grid: list(
      'Many tasks in one run: `NAME=VALUE,VALUE` for each parameter, all combinations; the command has {{task.NAME}}, and ' +
        'writes to {{task_dir}}, where the artifacts of a task are.',
    ),
    list: short
      .regex(/^(?![/~])(?!(?:.*\/)?\.\.(?:\/|$))/, 'takes a path in the project')
      .nullish()
      .describe('Or one task a line of this .csv, .tsv or .jsonl file of the project.'),
    max_parallel: z.int().min(1).nullish().describe('Tasks at the same time.'),
    max_failures: z.int().min(1).nullish().describe('After so many failures no more tasks are started.'),
    workers: z.int().min(1).nullish().describe('So many jobs share the tasks, for short ones.'),
    hypothesis: short.nullish().describe('What is expected, or the id of a hypothesis of the backlog.'),
    success_metric: short.nullish(),
    target_delta: z.number().nullish().describe('By how much the metric should be better than the baseline.'),
    from: z.string().max(128).nullish().describe('Take the design of this experiment; the rest is laid over it.'),
    note: short.nullish().describe('Why, for the record.'),
  },
  output: {
    created: z.array(z.string()).optional(),
    design: z.string().optional(),
    tasks: z.object({ count: z.int(), parameters: z.array(z.string()), file: z.string().nullable() }).nullish(),
  },
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  perform: async (given, { project }) => {
    const result = await project.new({
      id: given.id,
      command: given.command ?? null,
      location: given.location ?? null,
      compute: given.compute ?? {},
      metrics: given.metrics ?? [],
      metricsFile: given.metrics_file ?? null,
      baselines: given.baselines ?? [],
      artifacts: given.artifacts ?? [],
      ...tasksOf(given),
      inputs: given.inputs ?? [],
      hypothesis: given.hypothesis ?? null,
      successMetric: given.success_metric ?? null,
      targetDelta: given.target_delta ?? null,
      from: given.from ?? null,
      by: AGENT,
      note: given.note ?? null,
    });
    return { result, nextTool: 'next' };
  },
});
