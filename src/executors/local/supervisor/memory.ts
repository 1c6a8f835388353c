import type { ProcessFacts } from '../../../platform/process-tree.ts';
import { peakRssOf, pssOf } from '../../../platform/process-tree.ts';
import { monotonicMs } from '../../../platform/time.ts';

export type MemorySource = 'cgroup' | 'pss' | 'rss';

/** The most memory that a run had so far. */
export interface RunMemory {
  readonly add: (tree: readonly ProcessFacts[]) => void;
  readonly peak: () => { readonly bytes: number; readonly source: MemorySource };
}

/** Of the time since the start; the first questions are free. */
const SHARE_OF_TIME = 0.02;
const FREE_MS = 50;
/** The others are taken to share as much as these do. */
const MOST_ASKED = 64;

/**
 * The largest memory of a process tree. Resident sizes count a page that processes share once for each of them, so eight
 * workers forked from one parent of 400 MB would have 3.6 GB. Their proportional sizes (`Pss`) add up to what they use,
 * but the kernel walks all their pages for it; resident sizes are never less, so it is asked only if their sum is more
 * than the largest proportional one, and only for a small part of the time.
 */
export class TreeMemory implements RunMemory {
  private largest = 0;
  private resident = 0;
  private largestSingle = 0;
  private spentMs = 0;
  private source: MemorySource = 'rss';
  private readonly began = monotonicMs();

  add(tree: readonly ProcessFacts[]): void {
    const sum = sumOf(tree);
    this.resident = Math.max(this.resident, sum);
    this.largestSingle = Math.max(this.largestSingle, ...tree.map(({ pid }) => peakRssOf(pid)));
    const now = monotonicMs();
    if (sum <= this.largest || this.spentMs > FREE_MS + SHARE_OF_TIME * (now - this.began)) return;
    const proportional = proportionalOf(tree, sum);
    this.spentMs += monotonicMs() - now;
    if (proportional === null) return;
    this.source = 'pss';
    this.largest = Math.max(this.largest, proportional);
  }

  /** The kernel's own peak of one process is exact, and less than what the tree had. */
  peak() {
    const sum = this.source === 'pss' ? this.largest : this.resident;
    return { bytes: Math.max(sum, this.largestSingle), source: this.source };
  }
}

function sumOf(tree: readonly ProcessFacts[]): number {
  return tree.reduce((total, { rssBytes }) => total + rssBytes, 0);
}

/** Null if the kernel does not say: it is older than 4.14, or the processes are another user's. */
function proportionalOf(tree: readonly ProcessFacts[], resident: number): number | null {
  const asked = [...tree].sort((a, b) => b.rssBytes - a.rssBytes).slice(0, MOST_ASKED);
  const answers = asked.flatMap((facts) => {
    const pss = pssOf(facts.pid);
    return pss === null ? [] : [{ rss: facts.rssBytes, pss }];
  });
  const rss = answers.reduce((total, answer) => total + answer.rss, 0);
  if (rss === 0) return null;
  const pss = answers.reduce((total, answer) => total + answer.pss, 0);
  // Of those that were not asked, or did not answer.
  return pss + (resident - rss) * Math.min(1, pss / rss);
}
