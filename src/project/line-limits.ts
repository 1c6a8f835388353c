import * as z from 'zod';
import { shown } from '../documents/excerpt.ts';
import { parsed } from '../documents/located.ts';
import { notesFor } from '../documents/notes.ts';
import { shape } from '../documents/shape.ts';
import { yamlDocument } from '../documents/yaml-document.ts';
import type { Parsed } from '../errors/problem.ts';
import { checked, count } from './fields.ts';

/** `.autolab/experiment_file_line_limits.yaml`: the line limits of an iteration's files (R25). */

export const LINE_LIMITS_FILE = '.autolab/experiment_file_line_limits.yaml';

export interface ManifestLimit {
  /** Relative to the iteration; may contain `<RUN_ID>`. */
  readonly target: string;
  readonly min_lines: number;
  readonly max_lines: number;
  readonly base_lines: number;
  readonly per_k_result_lines: number;
}

export interface LineLimits {
  /** Path relative to the iteration, perhaps with `<RUN_ID>` → line limit. */
  readonly fixed: Readonly<Record<string, number>>;
  readonly manifest: ManifestLimit | null;
}

/** The defaults for everything that the file does not set. */
export const DEFAULT_LINE_LIMITS: LineLimits = {
  fixed: { 'launch/run_local.sh': 160, 'launch/run_slurm.sbatch': 120 },
  manifest: null,
};

const lines = count(1, 1_000_000_000);
const share = count(0, 1_000_000_000);

function checkRelative(path: string): string | null {
  if (path === '' || path.startsWith('/') || path.split('/').includes('..'))
    return 'must be a path relative to the iteration';
  return null;
}

const schema = z.object({
  version: z.unknown().optional(),
  line_limits: z.object({
    fixed_max_lines: z.record(z.string(), lines).nullish(),
    run_manifest_dynamic: z
      .object({
        target: checked(checkRelative).nullish(),
        min_lines: share.nullish(),
        max_lines: lines,
        base_lines: share.nullish(),
        per_k_result_lines: share.nullish(),
      })
      .nullish(),
  }),
});

const EXAMPLES = {
  line_limits: 'a mapping with `fixed_max_lines`',
  'line_limits.run_manifest_dynamic.max_lines': 'the most lines that a manifest may have',
};

export function parseLineLimits(text: string, file: string): Parsed<LineLimits> {
  const document = yamlDocument(text, file);
  const { value, problems } = shape(document, schema, EXAMPLES);
  if (value === null) return parsed<LineLimits>(file, null, problems);
  const notes = notesFor(document);
  const fixed = value.line_limits.fixed_max_lines ?? {};
  for (const path of Object.keys(fixed)) {
    const reason = checkRelative(path);
    if (reason !== null)
      notes.error('/line_limits/fixed_max_lines', 'value.invalid', `has the key ${shown(path)}, which ${reason}`);
  }
  const dynamic = value.line_limits.run_manifest_dynamic;
  const manifest: ManifestLimit | null =
    dynamic === undefined || dynamic === null
      ? null
      : {
          target: dynamic.target ?? 'runs/<RUN_ID>/run_manifest.json',
          min_lines: dynamic.min_lines ?? 0,
          max_lines: dynamic.max_lines,
          base_lines: dynamic.base_lines ?? 0,
          per_k_result_lines: dynamic.per_k_result_lines ?? 0,
        };
  if (manifest !== null && manifest.min_lines > manifest.max_lines) {
    notes.error('/line_limits/run_manifest_dynamic/min_lines', 'value.conflict', 'is more than `max_lines`; swap them');
  }
  return parsed(file, { fixed: { ...DEFAULT_LINE_LIMITS.fixed, ...fixed }, manifest }, [
    ...problems,
    ...notes.problems,
  ]);
}

/** The path of a limit for one run; `{{run_id}}` is accepted as well. */
function forRun(pattern: string, runId: string): string {
  return pattern.replaceAll('<RUN_ID>', runId).replaceAll(/\{\{\s*run_id\s*\}\}/g, runId);
}

/** The line limit of a file, by its path relative to the iteration; null if there is none. */
export function limitFor(limits: LineLimits, path: string, runId: string): number | null {
  if (Object.hasOwn(limits.fixed, path)) return limits.fixed[path] ?? null;
  const entry = Object.entries(limits.fixed).find(([pattern]) => forRun(pattern, runId) === path);
  return entry?.[1] ?? null;
}

/**
 * The line limit of the run's manifest: `base_lines`, and `per_k_result_lines` for every started KiB of results, kept
 * between `min_lines` and `max_lines`. Results are the total size of the artifacts. Returns null if there is no such
 * limit.
 */
export function manifestLimit(limits: LineLimits, resultBytes: number): number | null {
  if (limits.manifest === null) return null;
  const { min_lines, max_lines, base_lines, per_k_result_lines } = limits.manifest;
  const lines = base_lines + per_k_result_lines * Math.ceil(resultBytes / 1024);
  return Math.min(max_lines, Math.max(min_lines, lines));
}

/** The file of that limit, relative to the iteration. */
export function manifestLimitTarget(limits: LineLimits, runId: string): string | null {
  return limits.manifest === null ? null : forRun(limits.manifest.target, runId);
}
