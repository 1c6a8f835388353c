import type * as z from 'zod';
import { inNewestShape } from '../records/format-1/in-newest-shape.ts';
import { manifestSchemaOfFormat1 } from '../records/format-1/manifest-schema.ts';
import { manifestSchemaOfFormat2 } from '../records/format-2/manifest-schema.ts';
import { fromFormat2 } from '../records/format-2/projection.ts';
import { type Manifest, manifestSchema } from '../records/manifest-schema.ts';
import type { VerifySnapshot } from './snapshot.ts';

import '../platform/schema-checks.ts';

/**
 * The manifest that a verifier judges: the file of a closed run; before the close, what the journal projects to, because
 * the file is written at milestones and may be older.
 */
export type JudgedManifest =
  | { readonly ok: true; readonly manifest: Manifest; readonly text: string; readonly path: string }
  | { readonly ok: false; readonly message: string; readonly details: readonly string[] };

export function judgedManifest(snapshot: VerifySnapshot): JudgedManifest {
  const { manifest, projected, journal } = snapshot;
  if (journal.closed || journal.problem !== null) {
    if (manifest.text === null)
      return { ok: false, message: `${manifest.path} ${manifest.problem ?? ''}`, details: [] };
    return parse(manifest.text, manifest.path);
  }
  if ('problem' in projected)
    return { ok: false, message: `The journal cannot be projected: ${projected.problem}`, details: [] };
  return parse(projected.text, manifest.path);
}

function parse(text: string, path: string): JudgedManifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return {
      ok: false,
      message: `${path} is not JSON: ${error instanceof Error ? error.message : String(error)}`,
      details: [],
    };
  }
  const parsed = inItsFormat(value);
  if ('manifest' in parsed) return { ok: true, manifest: parsed.manifest, text, path };
  const details = parsed.issues.map((issue) => `${path}: /${issue.path.map(String).join('/')}: ${issue.message}`);
  return { ok: false, message: `${path} does not have the shape of a manifest`, details };
}

type Read = { readonly manifest: Manifest } | { readonly issues: z.core.$ZodIssue[] };

/** By the shape of the format that the manifest says it has. */
function inItsFormat(value: unknown): Read {
  const format = formatOf(value);
  if (format === 2) return readAs(manifestSchemaOfFormat2(), value, fromFormat2);
  if (format === null) {
    const old = readAs(manifestSchemaOfFormat1(), value, inNewestShape);
    if ('manifest' in old) return old;
    // A manifest that fits neither is judged by the newest shape.
  }
  return readAs(manifestSchema, value, (manifest) => manifest);
}

function readAs<T>(schema: z.ZodType<T>, value: unknown, newest: (manifest: T) => Manifest): Read {
  const parsed = schema.safeParse(value);
  return parsed.success ? { manifest: newest(parsed.data) } : { issues: parsed.error.issues };
}

/** null: the manifest does not say, as those of format 1. */
function formatOf(value: unknown): unknown {
  const journal = typeof value === 'object' && value !== null && 'journal' in value ? value.journal : null;
  return typeof journal === 'object' && journal !== null && 'format' in journal ? journal.format : null;
}

/**
 * Whether the run did not complete: then what it left is kept as partial, and nothing is required of it. A run whose
 * work was done but not verified is not such a run.
 */
export function endedBadly(manifest: Manifest): boolean {
  return manifest.artifacts?.partial === true || manifest.status === 'failed';
}
