import { flag } from '../check-options.ts';
import { cleanProject, type Leftover } from '../clean.ts';
import { resultOfFailure, succeed, type VerbResult } from '../result.ts';
import type { Verb } from '../verb.ts';

export interface CleanOptions {
  /** List what would be removed; remove nothing. Default: false. */
  readonly dryRun?: boolean;
}

export interface CleanResult extends VerbResult {
  /** Snapshots and scratch folders; which run needs one, or that it was removed. */
  readonly leftovers?: readonly Leftover[];
  /** What the disk has back, or would have. */
  readonly freed_bytes?: number;
  readonly dry_run?: boolean;
}

export const cleanUp: Verb<CleanOptions> = {
  name: 'clean',
  options: { dryRun: flag },
  perform: ({ root }, { dryRun = false }) => {
    const cleaned = cleanProject(root, dryRun);
    if ('code' in cleaned) return resultOfFailure('clean', cleaned);
    const { leftovers, freedBytes } = cleaned;
    const kept = leftovers.filter(({ needed_by }) => needed_by !== null).length;
    const size = `${(freedBytes / 1024 / 1024).toFixed(1)} MiB`;
    const message = `${leftovers.length - kept} item(s) ${dryRun ? 'would be' : 'were'} removed (${size}), ${kept} kept.`;
    const hint = dryRun ? 'Remove them: autolab clean' : 'Nothing to do.';
    const details = { leftovers, freed_bytes: freedBytes, dry_run: dryRun } satisfies Partial<CleanResult>;
    return succeed('clean', { message, hint }, { details });
  },
};
