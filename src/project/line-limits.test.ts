import { describe, expect, it } from 'vitest';
import {
  DEFAULT_LINE_LIMITS,
  limitFor,
  manifestLimit,
  manifestLimitTarget,
  parseLineLimits,
  wantsCompactManifest,
} from './line-limits.ts';

const TEXT = `version: 1
line_limits:
  fixed_max_lines:
    launch/run_local.sh: 80
    runs/<RUN_ID>/notes.md: 20
  run_manifest_dynamic: {min_lines: 100, max_lines: 500, base_lines: 90, per_k_result_lines: 10}
`;

describe('line limits (R25)', () => {
  it('has defaults for the scripts, which the file may change', () => {
    const { value } = parseLineLimits(TEXT, 'l');
    expect(value && limitFor(value, 'launch/run_local.sh', 'r1')).toBe(80);
    expect(value && limitFor(value, 'launch/run_slurm.sbatch', 'r1')).toBe(120);
    expect(limitFor(DEFAULT_LINE_LIMITS, 'launch/run_local.sh', 'r1')).toBe(160);
    expect(limitFor(DEFAULT_LINE_LIMITS, 'launch/other.sh', 'r1')).toBeNull();
    expect(limitFor(DEFAULT_LINE_LIMITS, 'constructor', 'r1')).toBeNull();
  });

  it('resolves <RUN_ID> for the run and no other', () => {
    const { value } = parseLineLimits(TEXT, 'l');
    expect(value && limitFor(value, 'runs/r1/notes.md', 'r1')).toBe(20);
    expect(value && limitFor(value, 'runs/r10/notes.md', 'r1')).toBeNull();
  });

  it('grows the manifest with the results, between its bounds', () => {
    const { value } = parseLineLimits(TEXT, 'l');
    const limit = (bytes: number) => value && manifestLimit(value, bytes, {});
    expect([limit(0), limit(1), limit(1025), limit(3 * 1024), limit(1e9)]).toEqual([100, 100, 110, 120, 500]);
    expect(value && manifestLimitTarget(value, 'r1')).toBe('runs/r1/run_manifest.json');
    expect(manifestLimit(DEFAULT_LINE_LIMITS, 1e9, {})).toBeNull();
  });

  it('reads the other names of the bounds, and counts items of the manifest', () => {
    const text =
      'line_limits: {run_manifest_dynamic: {min_cap_lines: 120, max_cap_lines: 300, base_lines: 160, per_item_lines: 25, max_chars: 60000, max_bytes: 80000, count_paths: [variants, "videos[].results"]}}\n';
    const { value } = parseLineLimits(text, 'l');
    const limit = (manifest: unknown) => value && manifestLimit(value, 1e9, manifest);
    expect(limit({})).toBe(160);
    expect(limit({ variants: [1, 2], videos: [{ results: [1] }, { results: null }, 7] })).toBe(160 + 3 * 25);
    expect(limit({ variants: Array.from({ length: 50 }) })).toBe(300);
    expect(value?.manifest).toMatchObject({ min_lines: 120, max_chars: 60_000, max_bytes: 80_000 });
  });

  it.each([
    ['{max_cap_lines: 1200, base_lines: 160}', true],
    ['{min_lines: 2500, max_lines: 12000, base_lines: 1200, per_k_result_lines: 75}', false],
    ['{max_lines: 160, base_lines: 5000}', true],
  ])('knows whether %s is less than the usual manifest needs', (dynamic, less) => {
    const { value } = parseLineLimits(`line_limits: {run_manifest_dynamic: ${dynamic}}\n`, 'l');
    expect(value && wantsCompactManifest(value, 'r1')).toBe(less);
    expect(wantsCompactManifest(DEFAULT_LINE_LIMITS, 'r1')).toBe(false);
  });

  it.each([
    [
      'line_limits: {run_manifest_dynamic: {min_cap_lines: 5, max_cap_lines: 4}}\n',
      '/line_limits/run_manifest_dynamic/min_cap_lines',
    ],
    ['line_limits: {fixed_max_lines: {launch/a: many}}\n', '/line_limits/fixed_max_lines/launch~1a'],
    ['line_limits: {fixed_max_lines: {../a: 3}}\n', '/line_limits/fixed_max_lines'],
    ['line_limits: {run_manifest_dynamic: {base_lines: 3}}\n', '/line_limits/run_manifest_dynamic/max_lines'],
    [
      'line_limits: {run_manifest_dynamic: {min_lines: 5, max_lines: 4}}\n',
      '/line_limits/run_manifest_dynamic/min_lines',
    ],
    ['version: 1\n', '/line_limits'],
  ])('refuses %j', (text, pointer) => {
    const { value, problems } = parseLineLimits(text, 'l');
    expect(value).toBeNull();
    expect(problems.map((problem) => problem.pointer)).toEqual([pointer]);
  });
});
