import type { RunKin } from '../../../platform/end-processes.ts';
import { TICKS_PER_SECOND, waitedForTicks } from '../../../platform/process-tree.ts';
import { CgroupMemory } from './cgroup-memory.ts';
import type { Containment } from './containment.ts';
import { type RunMemory, TreeMemory } from './memory.ts';

/** Every so many samples, processes that left the session and the tree are looked for, too. */
const THOROUGH_EVERY = 10;

/**
 * Usage of a process tree, sampled: Node has no getrusage for children. CPU time is exact for all that was waited for,
 * and the last sample for what was not.
 */
export class UsageSampler {
  private samples = 0;
  private readonly memory: RunMemory;
  private liveTicks = 0;
  private readonly kin: RunKin;
  private readonly ticksBefore: number;
  private timer: NodeJS.Timeout | undefined;

  constructor(kin: RunKin, ticksBefore: number, { cgroup, memory }: Containment) {
    this.memory = cgroup !== null && memory ? new CgroupMemory(cgroup) : new TreeMemory();
    this.kin = kin;
    this.ticksBefore = ticksBefore;
  }

  /** Samples at once, then less and less often, up to once a second: short runs are seen, long ones cost nothing. */
  start(): void {
    let delay = 20;
    const next = (): void => {
      this.sample();
      delay = Math.min(1000, delay * 1.5);
      this.timer = setTimeout(next, delay);
    };
    next();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  sample(): void {
    const tree = this.kin.glance(this.samples % THOROUGH_EVERY === THOROUGH_EVERY - 1);
    if (tree.length === 0) return;
    this.samples += 1;
    this.memory.add(tree);
    this.liveTicks = Math.max(
      this.liveTicks,
      tree.reduce((total, facts) => total + facts.cpuTicks, 0),
    );
  }

  /** As the receipt has it. */
  usage() {
    const { bytes, source } = this.memory.peak();
    return {
      cpu_seconds: Math.max(waitedForTicks() - this.ticksBefore, this.liveTicks) / TICKS_PER_SECOND,
      max_rss_bytes: Math.round(bytes),
      samples: this.samples,
      usage_source: source,
    };
  }
}
