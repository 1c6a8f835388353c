import * as z from 'zod';

/** What a manifest says of the approval. */

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const approvedSchema = z.strictObject({
  code: sha256.nullable().describe('Of the list of code, as `commit.code_digest`.'),
  design: sha256.nullable().describe('Of design.yaml.'),
  environment: sha256.nullable().describe('Of docs/environment.md.'),
  inputs: z.record(z.string(), sha256).describe('Data file → digest.'),
  tasks: sha256.nullable().describe('Of the list of tasks.'),
  commit: z.string().nullable().describe('The commit then; not compared.'),
});

export const reviewSchema = z.strictObject({
  by: z.string().describe('The reviewer.'),
  author: z.string().nullable().describe('Of what was approved, as git named them.'),
  signed: z.boolean().describe('An ssh signature was asked for and counted.'),
});
