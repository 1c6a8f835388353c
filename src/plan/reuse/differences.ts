import { canonicalJson } from '../../documents/canonical-json.ts';
import { firstFew } from '../../platform/listing.ts';
import type { OpenedData } from '../../records/run-data.ts';
import { listedDifferences } from '../approval.ts';

/** What two runs must have alike for one to take over tasks of the other. Pure. */

export interface ComparedLaunch {
  readonly opened: OpenedData;
  /** Of the code without the designs; null if there is no listing. */
  readonly code: string | null;
  /** The listing; null if it is gone. */
  readonly listing: string | null;
}

/** What differs, in words; empty if nothing does. `compute` may differ, and so may the limits of the tasks. */
export function launchDifferences(earlier: ComparedLaunch, now: ComparedLaunch): readonly string[] {
  const differs = (of: (opened: OpenedData) => unknown): boolean =>
    canonicalJson(of(earlier.opened)) !== canonicalJson(of(now.opened));
  return [
    ...codeDifference(earlier, now),
    ...(differs(({ entrypoint }) => entrypoint.template) ? ['the command of the entrypoint'] : []),
    ...(differs(({ artifacts, run_id }) => artifacts.map((one) => withoutRun(one, run_id))) ? ['the artifacts'] : []),
    ...(differs(({ data_inputs: inputs }) => inputs ?? []) ? ['the data inputs'] : []),
    ...(differs((opened) => opened.activation_sha256) ? ['the activation'] : []),
  ];
}

/** A place in the run's own folder is the same place. */
function withoutRun({ from, ...artifact }: OpenedData['artifacts'][number], runId: string): object {
  return { ...artifact, from: from?.replaceAll(runId, '{{run_id}}') ?? null };
}

function codeDifference(earlier: ComparedLaunch, now: ComparedLaunch): readonly string[] {
  if (earlier.code === null || now.code === null)
    return ['the code, of which no digest is known (it needs a git repository)'];
  if (earlier.code === now.code) return [];
  const files =
    earlier.listing === null || now.listing === null
      ? []
      : listedDifferences(earlier.listing, now.listing).filter((file) => !file.endsWith('/design.yaml'));
  return [files.length === 0 ? 'the code' : `the code (${firstFew(files, 5)})`];
}
