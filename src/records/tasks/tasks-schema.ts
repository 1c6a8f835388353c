import * as z from 'zod';

/** What a manifest says of the tasks of a run: journal format 5. */

const text = z.string();
const count = z.number().int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const amountSchema = z
  .strictObject({
    sum: z.number().describe('Of all tasks.'),
    max: z.number().describe('Largest.'),
    median: z.number().describe('Middle one.'),
  })
  .nullable();

/** `slurm.jobs`. */
export const arraysSchema = z.array(
  z.strictObject({
    job_id: text.describe('Array.'),
    key: text.describe('Its name.'),
    elements: count.describe('Its elements.'),
    adopted: z.boolean().describe('Found by name.'),
    submitted_at: text.describe('When.'),
  }),
);

export const tasksSchema = z.strictObject({
  count: count.describe('Tasks.'),
  sha256: sha256.describe('Digest of `tasks.jsonl`, the list of all tasks.'),
  parameters: z
    .array(
      z.strictObject({
        name: text.describe('Name.'),
        values: count.describe('Different values.'),
        min: text.nullable().describe('Smallest, if all are numbers.'),
        max: text.nullable().describe('Largest, if all are numbers.'),
      }),
    )
    .describe('Parameters, in the order of the design.'),
  max_parallel: count.nullable().describe('Tasks at the same time, if the design says it.'),
  max_failures: count.nullable().describe('Failures after which no more are started.'),
  workers: count.nullable().describe('Jobs that share the tasks.'),
  time_seconds: count.nullable().describe('Limit of one task.'),
  reuse: z
    .strictObject({
      run_id: text.describe('Earlier run.'),
      count: count.describe('Tasks.'),
      sha256: sha256.describe('Digest of `tasks_reused.jsonl`, the list of these tasks.'),
      artifacts_sha256: sha256.describe("Digest of the earlier run's `artifacts.sha256`."),
      code_sha256: sha256.describe('Digest of the code of both runs.'),
      environment_fingerprint: sha256.nullable().describe('Of the earlier run.'),
      environment_differs: z.boolean().nullable().describe('From that of this run; null if one is not known.'),
      differences: z.array(text).describe('Why tasks that completed there ran again.'),
    })
    .optional()
    .describe('Tasks taken over from an earlier run, if the launch asked for it.'),
  result: z
    .strictObject({
      sha256: sha256.describe('Digest of `tasks_result.jsonl`.'),
      by_state: z.record(z.string(), count).describe('Tasks by state.'),
      by_code: z.record(z.string(), count).describe('Those that did not complete, by code.'),
      wall_seconds: amountSchema.describe('Time running.'),
      cpu_seconds: amountSchema.describe('CPU time.'),
      max_rss_bytes: amountSchema.describe('Peak memory.'),
      first_failures: z
        .array(
          z.strictObject({
            index: count.describe('Index.'),
            params: z.record(z.string(), z.string()).describe('Parameters.'),
            state: text.describe('State.'),
            code: text.nullable().describe('Why.'),
            message: text.nullable().describe('The same in words.'),
          }),
        )
        .describe('The first that did not complete, at most 20.'),
      reused: count.describe('Tasks whose outputs are those of an earlier run.'),
    })
    .nullable()
    .describe('What came of them; null before the run is closed.'),
});
