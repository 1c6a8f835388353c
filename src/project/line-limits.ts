import * as z from 'zod';
import { shown } from '../documents/excerpt.ts';
import { type LocatedDocument, parsed } from '../documents/located.ts';
import { type Notes, notesFor } from '../documents/notes.ts';
import { pointerOf } from '../documents/pointer.ts';
import { shape, type Unused, unusedParts } from '../documents/shape.ts';
import { yamlDocument } from '../documents/yaml-document.ts';
import type { Drafted } from '../errors/problem.ts';
import { checked, count } from './fields.ts';

/** `.autolab/experiment_file_line_limits.yaml`: the line limits of an iteration's files (R25). */

export const LINE_LIMITS_FILE = '.autolab/experiment_file_line_limits.yaml';

export interface ManifestLimit {
  /** Relative to the iteration; may contain `<RUN_ID>`. */
  readonly target: string;
  readonly min_lines: number;
  readonly max_lines: number;
  readonly base_lines: number;
  /** Lines for each item that `count_paths` finds in the manifest. */
  readonly per_item_lines: number;
  /** Such as `variants` or `videos[].results`. */
  readonly count_paths: readonly string[];
  /** Lines for every started KiB of artifacts. */
  readonly per_k_result_lines: number;
  readonly max_chars: number | null;
  readonly max_bytes: number | null;
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

const paths = z.array(z.string());

const schema = z.object({
  version: z.unknown().optional(),
  line_limits: z.object({
    fixed_max_lines: z.record(z.string(), lines).nullish(),
    run_manifest_dynamic: z
      .object({
        target: checked(checkRelative).nullish(),
        min_lines: share.nullish(),
        min_cap_lines: share.nullish(),
        max_lines: lines.nullish(),
        max_cap_lines: lines.nullish(),
        base_lines: share.nullish(),
        per_item_lines: share.nullish(),
        per_k_result_lines: share.nullish(),
        count_paths: paths.nullish(),
        item_count_paths: paths.nullish(),
        max_chars: share.nullish(),
        max_bytes: share.nullish(),
      })
      .nullish(),
  }),
});

/** Misspelled, there would be no limit. */
const DECISIVE = [
  'line_limits',
  'line_limits.fixed_max_lines',
  'line_limits.run_manifest_dynamic',
  ...['target', 'max_lines'].map((key) => `line_limits.run_manifest_dynamic.${key}`),
];

const EXAMPLES = {
  line_limits: 'a mapping with `fixed_max_lines`',
};

/** A launch writes scripts and a run's folder; the other limits are those of other stages. */
function unusedIn({ value }: LocatedDocument): Unused {
  const { fixed_max_lines: fixed } = (value?.['line_limits'] ?? {}) as { fixed_max_lines?: unknown };
  const paths = typeof fixed === 'object' && fixed !== null ? Object.keys(fixed) : [];
  const others = paths.filter((path) => !/^(?:launch|runs)\//.test(path));
  return unusedParts(others.map((path) => pointerOf(['line_limits', 'fixed_max_lines', path])));
}

export function parseLineLimits(text: string, file: string): Drafted<LineLimits> {
  const document = yamlDocument(text, file);
  const { value, draft: readable, problems } = shape(document, schema, EXAMPLES, DECISIVE, unusedIn(document));
  if (readable === null) return { ...parsed<LineLimits>(file, null, problems), draft: null };
  const notes = notesFor(document);
  const fixed = readable.line_limits.fixed_max_lines ?? {};
  for (const path of Object.keys(fixed)) {
    const reason = checkRelative(path);
    if (reason !== null)
      notes.error('/line_limits/fixed_max_lines', 'value.invalid', `has the key ${shown(path)}, which ${reason}`);
  }
  const { run_manifest_dynamic: dynamic } = readable.line_limits;
  const manifest = dynamic === undefined || dynamic === null ? null : manifestLimitOf(dynamic, notes);
  const draft = { fixed: { ...DEFAULT_LINE_LIMITS.fixed, ...fixed }, manifest };
  // A bound that is there and wrong is not missing.
  const others = value === null ? notes.problems.filter(({ code }) => code !== 'value.missing') : notes.problems;
  return { ...parsed(file, value === null ? null : draft, [...problems, ...others]), draft };
}

type Dynamic = NonNullable<z.infer<typeof schema>['line_limits']['run_manifest_dynamic']>;

const DYNAMIC = '/line_limits/run_manifest_dynamic';

const RENAMED = [
  ['min_lines', 'min_cap_lines'],
  ['max_lines', 'max_cap_lines'],
  ['count_paths', 'item_count_paths'],
] as const;

/** Under the names of this file; of a bound that has both its names, the one with `cap` counts. */
function inOurNames(dynamic: Dynamic): Dynamic {
  const renamed = RENAMED.map(([ours, theirs]) => [ours, dynamic[theirs] ?? dynamic[ours] ?? null] as const);
  return { ...dynamic, ...Object.fromEntries(renamed) };
}

function manifestLimitOf(given: Dynamic, notes: Notes): ManifestLimit | null {
  const dynamic = inOurNames(given);
  const least = dynamic.min_lines ?? 0;
  const most = dynamic.max_lines ?? null;
  if (most === null) {
    const message = 'is missing; write `max_lines` or `max_cap_lines`: the most lines that a manifest may have';
    notes.error(`${DYNAMIC}/max_lines`, 'value.missing', message);
    return null;
  }
  if (least > most) {
    const [lower, upper] = 'min_cap_lines' in given ? ['min_cap_lines', 'max_cap_lines'] : ['min_lines', 'max_lines'];
    notes.error(`${DYNAMIC}/${lower}`, 'value.conflict', `is more than \`${upper}\`; swap them`);
  }
  return {
    target: dynamic.target ?? 'runs/<RUN_ID>/run_manifest.json',
    min_lines: least,
    max_lines: most,
    base_lines: dynamic.base_lines ?? 0,
    ...growthOf(dynamic),
    max_chars: dynamic.max_chars ?? null,
    max_bytes: dynamic.max_bytes ?? null,
  };
}

/** By items, if the file counts items; by the size of the artifacts otherwise. */
function growthOf(dynamic: Dynamic): Pick<ManifestLimit, 'per_item_lines' | 'count_paths' | 'per_k_result_lines'> {
  const count_paths = dynamic.count_paths ?? [];
  const perKib = dynamic.per_k_result_lines ?? 0;
  return count_paths.length > 0
    ? { per_item_lines: dynamic.per_item_lines ?? perKib, count_paths, per_k_result_lines: 0 }
    : { per_item_lines: 0, count_paths, per_k_result_lines: perKib };
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
 * The line limit of the run's manifest: `base_lines`, `per_item_lines` for every item at `count_paths`, and
 * `per_k_result_lines` for every started KiB of artifacts, kept between the bounds. Returns null if there is no such limit.
 */
export function manifestLimit(limits: LineLimits, resultBytes: number, manifest: unknown): number | null {
  if (limits.manifest === null) return null;
  const { min_lines, max_lines, base_lines, per_item_lines, count_paths, per_k_result_lines } = limits.manifest;
  const items = count_paths.reduce((sum, path) => sum + countItems(manifest, path), 0);
  const lines = base_lines + per_item_lines * items + per_k_result_lines * Math.ceil(resultBytes / 1024);
  return Math.max(min_lines, Math.min(max_lines, lines));
}

/** How many items a path such as `videos[].results` leads to: a list counts as its items. */
function countItems(manifest: unknown, path: string): number {
  let found: unknown[] = [manifest];
  for (const name of path.split('.')) {
    const every = name.endsWith('[]');
    const values = found.flatMap((value) => valueAt(value, every ? name.slice(0, -2) : name));
    found = every ? values.filter((value) => Array.isArray(value)).flat() : values;
  }
  return found.reduce<number>((sum, value) => sum + (Array.isArray(value) ? value.length : 1), 0);
}

function valueAt(value: unknown, name: string): unknown[] {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return [];
  const at = (value as Readonly<Record<string, unknown>>)[name];
  return at === null || at === undefined ? [] : [at];
}

/** A manifest in the usual form has 250 to 450 lines. */
const ROOMY = 1000;

/** Whether the project leaves a manifest fewer lines than its usual form may need. */
export function wantsCompactManifest(limits: LineLimits, runId: string): boolean {
  const fixed = limitFor(limits, `runs/${runId}/run_manifest.json`, runId);
  const least = manifestLimit(limits, 0, {});
  return [fixed, least].some((limit) => limit !== null && limit < ROOMY);
}

/** The file of that limit, relative to the iteration. */
export function manifestLimitTarget(limits: LineLimits, runId: string): string | null {
  return limits.manifest === null ? null : forRun(limits.manifest.target, runId);
}
