import type { ProcessFacts } from '../../../platform/process-tree.ts';
import { peakRssOf, pssOf } from '../../../platform/process-tree.ts';
import { monotonicMs } from '../../../platform/time.ts';

export type MemorySource = 'cgroup' | 'pss' | 'rss';

/** The most memory that a run had so far, and what it had at the last sample. */
export interface RunMemory {
  readonly add: (tree: readonly ProcessFacts[]) => void;
  /** Bytes; null if there was no sample. */
  readonly latest: () => number | null;
  readonly peak: () => { readonly bytes: number; readonly source: MemorySource };
}

/** Of the time since the start, while the resident sizes grow; the first questions are free. */
const SHARE_OF_TIME = 0.02;
const FREE_MS = 50;
/** Otherwise: what processes share can become less, and what they use more, without that. */
const SMALL_SHARE_OF_TIME = 0.0002;
const GROWN = 1.01;
/** The others are taken to share as much as these do. */
const MOST_ASKED = 64;

/**
 * The largest memory of a process tree. Resident sizes count a page that processes share once for each of them, so eight
 * workers forked from one parent of 400 MB would have 3.6 GB. Their proportional sizes (`Pss`) add up to what they use,
 * but the kernel walks all their pages for it; resident sizes are never less, so for the largest it is asked only if their
 * sum is more than the largest proportional one, and only for a small part of the time.
 */
export class TreeMemory implements RunMemory {
  private largest = 0;
  private resident = 0;
  private largestSingle = 0;
  private source: MemorySource = 'rss';
  private last: readonly ProcessFacts[] = [];
  /** The sample for which the proportional sizes were last asked for, and their share of the resident ones then. */
  private asked: readonly ProcessFacts[] = [];
  private share = 1;
  private largestAsked = 0;
  private spentMs = 0;
  private spentOtherwiseMs = 0;
  private readonly began = monotonicMs();

  add(tree: readonly ProcessFacts[]): void {
    const sum = sumOf(tree);
    this.last = tree;
    this.resident = Math.max(this.resident, sum);
    this.largestSingle = Math.max(this.largestSingle, ...tree.map(({ pid }) => peakRssOf(pid)));
    if (sum <= this.largest) return;
    if (sum <= GROWN * this.largestAsked) this.askSometimes();
    else if (this.spentMs <= FREE_MS + SHARE_OF_TIME * (monotonicMs() - this.began)) this.spentMs += this.ask();
  }

  /**
   * Between two questions the resident sizes stand for the proportional ones, times what the last answer said. As with the
   * largest, not less than what one process has, of which a part may be shared with processes of others.
   */
  latest() {
    if (this.last.length === 0) return null;
    this.askSometimes();
    return Math.round(Math.max(sumOf(this.last) * this.share, ...this.last.map(({ rssBytes }) => rssBytes)));
  }

  private askSometimes(): void {
    if (this.asked === this.last || this.spentOtherwiseMs > SMALL_SHARE_OF_TIME * (monotonicMs() - this.began)) return;
    this.spentOtherwiseMs += this.ask();
  }

  /** Returns the milliseconds that it took. */
  private ask(): number {
    const began = monotonicMs();
    const sum = sumOf(this.last);
    const proportional = proportionalOf(this.last, sum);
    this.asked = this.last;
    this.largestAsked = Math.max(this.largestAsked, sum);
    if (proportional !== null) {
      this.source = 'pss';
      this.share = proportional / sum;
      this.largest = Math.max(this.largest, proportional);
    }
    return monotonicMs() - began;
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
