import * as z from 'zod';

/**
 * The shape of `experiments/ID/analysis/RUN.json`. `schemas/analysis.schema.json` is generated from it, so every field has
 * its description here. A value of the record and of two documents: no clock, sorted keys.
 */

const text = z.string();
const maybeText = text.nullable();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const number = z.number();
const maybeNumber = z.number().nullable();
const count = z.number().int().nonnegative();
const mode = z.enum(['maximize', 'minimize']);

const runSchema = z.strictObject({
  run_id: text.describe('Run id.'),
  run_dir: text.describe('Its folder.'),
  code: text.describe('How it ended.'),
  launch_mode: text.describe('What carried it out: `local` or `slurm`.'),
  job_id: maybeText.describe('Its job.'),
  started_at: text.describe('Run opened.'),
  completed_at: maybeText.describe('Run closed.'),
  commit: maybeText.describe('The commit.'),
  dirty: z.boolean().nullable().describe('Uncommitted changes.'),
  fingerprint: sha256.describe('As in the manifest: equal if inputs, code, script and resources are equal.'),
  journal_head: sha256.describe('Digest of the last line of its journal.'),
  usage: z
    .strictObject({
      wall_seconds: maybeNumber.describe('Elapsed.'),
      cpu_seconds: maybeNumber.describe('User and system time.'),
      max_rss_bytes: maybeNumber.describe('Peak memory.'),
    })
    .describe('What it used.'),
});

const sourceSchema = z.strictObject({
  file: text.describe('The metrics file; of a run with tasks `artifacts.sha256`, which has the digest of each.'),
  sha256: sha256.describe('Its digest, as recorded.'),
});

const comparedSchema = z.strictObject({
  name: text.describe('Baseline.'),
  value: number.describe("The baseline's value."),
  difference: maybeNumber.describe('Value of the run minus that of the baseline.'),
  delta: maybeNumber.describe('The same, positive if the run is better; null without a direction.'),
});

const metricSchema = z.strictObject({
  name: text.describe('As in the design.'),
  pointer: text.describe('Where it is in the file (RFC 6901).'),
  primary: z.boolean().describe('Whether it decides.'),
  mode: mode.nullable().describe('The direction; null if the design gives none.'),
  value: number.describe('Its value.'),
  written: text.optional().describe('As the file has it, if `value` has fewer digits.'),
  mean_of: count.optional().describe('Tasks whose mean it is; left out of a value of one run or one task.'),
  baselines: z.array(comparedSchema).describe('Compared with each baseline that has a value.'),
});

const targetSchema = z.strictObject({
  metric: maybeText.describe("The hypothesis's success_metric, else the primary metric."),
  target_delta: maybeNumber.describe('By how much it must be better.'),
  baseline: maybeText.describe('The strongest baseline, with which it is compared.'),
  delta: maybeNumber.describe('By how much it is better.'),
  met: z.boolean().nullable().describe('Null if it cannot be judged.'),
  reason: text.describe('Why, in words.'),
  as_launched: z.literal(false).optional().describe('If the backlog is not the one of the launch: target as of now.'),
});

const params = z.record(text, text);
const statistics = {
  n: count.describe('Values.'),
  mean: maybeNumber.describe('Mean; null if it is too large for a number.'),
  standard_deviation: maybeNumber.describe('Of a sample: divided by n - 1. Null of one value.'),
  min: number.describe('Smallest.'),
  max: number.describe('Largest.'),
};

const settingSchema = z.strictObject({
  params: params.describe('Its parameters, without repetitions.'),
  tasks: count.describe('Its tasks, whether they have a value or not.'),
  ...statistics,
});

const tasksSchema = z.strictObject({
  count: count.describe('All tasks.'),
  completed: count.describe('Those that completed: the others have no values.'),
  unmeasured: count.describe('Completed tasks that lack a metric; the first are among the problems of the command.'),
  file: text.describe('The metrics file, in the folder of each task.'),
  repetitions: z.array(text).describe('Parameters that only repeat a setting: `seed` and names that end so.'),
  value_of: z
    .enum(['best_setting', 'best_task', 'all_tasks'])
    .describe(
      'What the values of the run are: the mean of the setting with the best mean over its repetitions; without repetitions, the best task; without a primary metric, the mean of all tasks.',
    ),
  metrics: z
    .array(
      z.strictObject({
        name: text.describe('As in the design.'),
        ...statistics,
        best: z
          .strictObject({
            index: count.describe('Task.'),
            params: params.describe('Its parameters.'),
            value: number.describe('Its value.'),
          })
          .nullable()
          .describe('Best task; null without a direction.'),
      }),
    )
    .describe('Each metric over all tasks that have it.'),
  settings: count.describe('Combinations of the parameters that are not repetitions.'),
  best_setting: settingSchema
    .nullable()
    .describe('By the primary metric; one in which every task has a value, if there is one. Null without repetitions.'),
  by_setting: z.array(settingSchema).describe('Best first, at most 200. Empty without repetitions.'),
});

const VERDICTS = ['target_met', 'target_missed', 'better', 'not_better', 'measured', 'no_metrics'] as const;

export const analysisSchema = z.strictObject({
  schema_version: z.literal('1.0').describe('Format version.'),
  iteration_id: text.describe('In `experiments/<iteration_id>/`.'),
  experiment_id: text.describe('Backlog entry.'),
  hypothesis_id: maybeText.describe('What it tests.'),
  run: runSchema.describe('The run.'),
  source: sourceSchema.nullable().describe('Where the values are from; null if the design declares no metrics.'),
  design: z
    .strictObject({
      file: text.describe('The design that declares the metrics.'),
      sha256: sha256.describe('Its digest.'),
      as_launched: z.boolean().describe('Whether it is the one that was launched.'),
    })
    .describe('What was to be measured.'),
  metrics: z.array(metricSchema).describe('The primary metric first.'),
  target: targetSchema.nullable().describe('Null if the hypothesis has none.'),
  verdict: z
    .enum(VERDICTS)
    .describe('`better`: than every baseline, without a target; `measured`: nothing to compare with.'),
  tasks: tasksSchema.nullable().describe('Null if the run has one task, or the design declares no metrics.'),
});

export type Analysis = z.infer<typeof analysisSchema>;
export type AnalysedMetric = Analysis['metrics'][number];
export type AnalysedTarget = NonNullable<Analysis['target']>;
export type AnalysedTasks = NonNullable<Analysis['tasks']>;
export type Verdict = Analysis['verdict'];
