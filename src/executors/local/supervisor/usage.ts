import type { RunKin } from '../../../platform/end-processes.ts';
import { TICKS_PER_SECOND, waitedForTicks } from '../../../platform/process-tree.ts';
import { monotonicMs } from '../../../platform/time.ts';
import { CgroupMemory } from './cgroup-memory.ts';
import type { Containment } from './containment.ts';
import { Gpus } from './gpus.ts';
import { type RunMemory, TreeMemory } from './memory.ts';
import { UsageFile } from './usage-file.ts';

/** Every so many samples, processes that left the session and the tree are looked for, too. */
const THOROUGH_EVERY = 10;

/** After that time, all that this process does has this share of a core, or samples come less often, up to a bound. */
const FIRST_SECONDS = 60;
const SHARE_OF_CORE = 0.001;
const LONGEST_DELAY_MS = 5_000;

export interface Sampled {
  readonly kin: RunKin;
  /** Of `waitedForTicks`, before the entrypoint was started. */
  readonly ticksBefore: number;
  readonly contained: Containment;
  /** When it was started, in monotonic milliseconds. */
  readonly began: number;
  /** Its environment, if the run has a series of samples. */
  readonly seriesFor: NodeJS.ProcessEnv | null;
}

/**
 * Usage of a process tree, sampled: Node has no getrusage for children. CPU time is exact for all that was waited for,
 * and the last sample for what was not.
 */
export class UsageSampler {
  private samples = 0;
  private readonly memory: RunMemory;
  private liveTicks = 0;
  private readonly what: Sampled;
  private readonly file: UsageFile | null;
  private readonly gpus: Gpus | null;
  /** Of `waitedForTicks`, once the entrypoint has ended. */
  private ticksAfter: number | null = null;
  private timer: NodeJS.Timeout | undefined;

  constructor(what: Sampled) {
    const { cgroup, memory } = what.contained;
    this.memory = cgroup !== null && memory ? new CgroupMemory(cgroup) : new TreeMemory();
    this.what = what;
    this.file = what.seriesFor === null ? null : new UsageFile();
    this.gpus = what.seriesFor === null ? null : new Gpus(what.seriesFor);
  }

  /** Samples at once, then less and less often, up to once a second: short runs are seen, long ones cost nothing. */
  start(): void {
    let delay = 20;
    let spent = cpuMs();
    const next = (): void => {
      this.sample();
      const before = spent;
      spent = cpuMs();
      delay = this.seconds() < FIRST_SECONDS ? Math.min(1000, delay * 1.5) : affordable(spent - before);
      this.timer = setTimeout(next, delay);
    };
    next();
  }

  /** Of the children of this process, only questions to GPUs are left. */
  entrypointEnded(): void {
    this.gpus?.stop();
    this.ticksAfter = waitedForTicks();
  }

  /** The last point has the memory of the last sample. */
  stop(): void {
    clearTimeout(this.timer);
    this.addPoint();
    this.file?.close();
  }

  sample(): void {
    const tree = this.what.kin.glance(this.samples % THOROUGH_EVERY === THOROUGH_EVERY - 1);
    if (tree.length === 0) return;
    this.samples += 1;
    this.memory.add(tree);
    this.liveTicks = Math.max(
      this.liveTicks,
      tree.reduce((total, facts) => total + facts.cpuTicks, 0),
    );
    const t = this.seconds();
    this.gpus?.askIfDue(t);
    if (this.file?.isDue(t) === true) this.addPoint();
  }

  /** As the receipt has it. */
  usage() {
    const { bytes, source } = this.memory.peak();
    return {
      cpu_seconds: this.cpuSeconds(),
      max_rss_bytes: Math.round(bytes),
      samples: this.samples,
      usage_source: source,
    };
  }

  private addPoint(): void {
    const gpu = this.gpus?.take() ?? null;
    this.file?.add({
      t: Math.round(this.seconds() * 100) / 100,
      cpu_seconds: this.cpuSeconds(),
      memory_bytes: this.memory.latest(),
      ...(gpu === null ? {} : { gpu }),
    });
  }

  private seconds(): number {
    return (monotonicMs() - this.what.began) / 1000;
  }

  private cpuSeconds(): number {
    const waitedFor = (this.ticksAfter ?? waitedForTicks()) - this.what.ticksBefore - (this.gpus?.ticks ?? 0);
    return Math.max(waitedFor, this.liveTicks) / TICKS_PER_SECOND;
  }
}

/** Milliseconds until the next sample, if one takes so many of a core. */
export function affordable(takenMs: number): number {
  return Math.min(LONGEST_DELAY_MS, Math.max(1000, takenMs / SHARE_OF_CORE));
}

/** Processor time of this process, all threads. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
