import type { Code } from '../errors/catalog.ts';

/** Where a launch again needs another approval: what is fixed is not what was approved. Pure. */

/** Ends after which the experiment itself has to change. */
const CHANGED: readonly Code[] = [
  ...(['local.failed', 'local.timeout', 'local.out_of_memory', 'local.not_started'] as const),
  ...(['slurm.failed', 'slurm.signal', 'slurm.timeout', 'slurm.out_of_memory', 'slurm.deadline'] as const),
  ...(['slurm.not_started', 'slurm.starts_differ', 'artifacts.missing'] as const),
];

/** The hint of an end, for an experiment that `approved` says was approved by its digests. */
export function withApproval(code: Code, hint: string, approved: unknown): string {
  if (approved === undefined || approved === null || !CHANGED.includes(code)) return hint;
  return hint.replace(
    /,? launch again\b/,
    (words) => `${words.startsWith(',') ? ',' : ''} approve (\`autolab approve --by WHO\`), and launch again`,
  );
}
