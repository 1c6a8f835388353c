import * as z from 'zod';

/** What a manifest says of data, environment and samples: journal format 4. */

const text = z.string();
const count = z.number().int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const dataInputSchema = z.strictObject({
  path: text.describe('As the design writes it.'),
  check: z.enum(['digest', 'size']).describe('What was compared: contents, or only names and sizes.'),
  files: count.describe('Files.'),
  bytes: count.describe('Total size.'),
  sha256: sha256.describe('Digest of the list of its files, as in `inputs.sha256`.'),
});

export const declaredMetricsSchema = z.strictObject({
  file: text.describe('File of the final values, in the run folder.'),
  primary: z
    .strictObject({
      name: text.describe('Its name.'),
      mode: z.enum(['maximize', 'minimize']).describe('Which way is better.'),
    })
    .nullable()
    .describe('The one that decides.'),
  others: z.array(text).describe('Further metrics.'),
  baselines: z
    .array(
      z.strictObject({
        name: text.describe('Its name.'),
        value: z.number().nullable().describe('Of the primary metric.'),
        others: z.record(text, z.number()).describe('Of other metrics.'),
      }),
    )
    .describe('What to compare with.'),
});

export const environmentSchema = z.strictObject({
  sha256: sha256.describe("Digest of that file's bytes."),
  interpreter: z
    .strictObject({
      path: text.describe('Absolute.'),
      version: text.nullable().describe('As it says.'),
    })
    .nullable()
    .describe('Of the entrypoint; null if it has none, or if it did not answer.'),
});

export const seriesSchema = z.strictObject({
  usage: z
    .strictObject({
      points: count.describe('Samples kept.'),
      sha256: sha256.describe('Digest of the file.'),
      gpus: count.describe('GPUs that were seen.'),
    })
    .optional()
    .describe('`receipt/usage.jsonl`.'),
  metrics: z
    .strictObject({
      points: count.describe('Lines with a value.'),
      sha256: sha256.describe('Digest of the file.'),
      bad_lines: count.describe('Lines that could not be read.'),
      names: z.array(text).describe('Metrics.'),
      bytes_read: count.optional().describe('Of a larger file; the rest was only digested.'),
    })
    .optional()
    .describe('`metrics.jsonl`.'),
});
