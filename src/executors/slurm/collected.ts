import type { RunPaths } from '../../records/paths.ts';
import type { RunView } from '../../records/run-view.ts';
import { collectables, type LeftToCollect } from '../../run/collect-script.ts';
import { readReceipt } from '../../run/receipts.ts';
import { hasWrapper } from '../../run/run-start.ts';
import { collectedFile } from '../../schedulers/slurm/receipt.ts';
import { parseGathered } from '../../transports/far-files.ts';
import { jobClaimIn, jobExitIn } from './job-receipts.ts';

/** What the job collected itself before it ended: the disk of its node may be gone, and is not the one of this host. */

/** A job of format 1 collects nothing, nor does a local run. */
export function leftToCollect(view: RunView, paths: RunPaths): LeftToCollect {
  const { opened } = view;
  const specs = collectables(opened.artifacts);
  if (opened.slurm === null || !hasWrapper(opened) || view.job === null) return { specs, gone: null };
  const exit = jobExitIn(paths);
  const node = jobClaimIn(paths)?.node ?? 'its node';
  const kept = exit === null ? null : readReceipt(paths, collectedFile(exit));
  const answers = kept === null ? [] : parseGathered(kept);
  const words = new Map(specs.map((spec, index) => [spec.path, answers[index]]));
  return {
    specs: specs.filter((_, index) => answers[index]?.kind !== 'done'),
    gone: ({ path }) => {
      const answer = words.get(path);
      if (answer?.kind === 'missing') return `it was not there when the job ended on ${node}`;
      if (answer?.kind === 'failed') return `the job could not collect it on ${node}: ${answer.words}`;
      return `the job ended on ${node} before it had collected it`;
    },
  };
}
