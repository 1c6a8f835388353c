import { memoryOf } from '../../../platform/run-cgroup.ts';
import type { RunMemory } from './memory.ts';

/**
 * The most memory that a run had, by the cgroup that it has to itself. The kernel's peak is exact, but counts the pages
 * of files that were read, too, which it drops when memory is needed: a run that reads 100 GB has a peak of all there
 * is. So the largest amount of such pages that was seen is taken off; what samples saw without them is the least.
 */
export class CgroupMemory implements RunMemory {
  private readonly folder: string;
  private largest = 0;
  private largestCache = 0;
  private kernelPeak = 0;
  private last: number | null = null;

  constructor(folder: string) {
    this.folder = folder;
  }

  add(): void {
    const memory = memoryOf(this.folder);
    if (memory === null) return;
    this.last = memory.current - memory.cache;
    this.largest = Math.max(this.largest, this.last);
    this.largestCache = Math.max(this.largestCache, memory.cache);
    this.kernelPeak = Math.max(this.kernelPeak, memory.peak ?? 0);
  }

  latest() {
    return this.last;
  }

  peak() {
    this.add();
    return { bytes: Math.max(this.largest, this.kernelPeak - this.largestCache), source: 'cgroup' as const };
  }
}
