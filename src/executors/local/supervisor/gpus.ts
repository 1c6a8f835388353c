import { isAbsolute } from 'node:path';
import { type BackgroundProgram, startInBackground } from '../../../platform/background-program.ts';
import { findProgram } from '../../../platform/find-program.ts';
import { signalGroup, waitedForTicks } from '../../../platform/process-tree.ts';
import { afterOnMachine } from '../../../platform/time.ts';
import type { GpuPoint } from '../../../records/usage-series.ts';
import { GPU_QUESTION, isWithoutGpus, parseGpus } from './gpu-answer.ts';

/** Runs that are over at once do not pay for it. */
const FIRST_SECONDS = 1;
const EVERY_SECONDS = 30;
/** Without its persistence daemon the driver is loaded anew for each question. */
const LONGEST_MS = 10_000;

/** Asks nvidia-smi in the background. If it fails, or takes too long, it is not asked again. */
export class Gpus {
  /** Processor time of the questions: the kernel counts it with the entrypoint's. */
  ticks = 0;
  private readonly program: string | null;
  private readonly visible: string | undefined;
  private nextAt = FIRST_SECONDS;
  private state: 'asked if due' | 'given up' | 'over' = 'asked if due';
  private asked: BackgroundProgram | null = null;
  private answer: readonly GpuPoint[] | null = null;
  private timer: NodeJS.Timeout | undefined;

  /** `environment`: the entrypoint's. */
  constructor(environment: NodeJS.ProcessEnv) {
    this.visible = environment['CUDA_VISIBLE_DEVICES'];
    // Not what the run may put into a folder that is not named in full.
    const path = (process.env['PATH'] ?? '').split(':').filter((folder) => isAbsolute(folder));
    this.program = isWithoutGpus(this.visible) ? null : findProgram('nvidia-smi', '/', path.join(':'));
  }

  askIfDue(t: number): void {
    if (this.program === null || this.asked !== null || this.state !== 'asked if due' || t < this.nextAt) return;
    this.nextAt = t + EVERY_SECONDS;
    void this.ask(this.program);
  }

  /** What it said since this was called last; null if it said nothing. */
  take(): readonly GpuPoint[] | null {
    const { answer } = this;
    this.answer = null;
    return answer;
  }

  /** The entrypoint has ended: from now on the kernel counts its time, too. */
  stop(): void {
    this.state = 'over';
    this.kill();
  }

  private async ask(program: string): Promise<void> {
    const before = waitedForTicks();
    this.asked = startInBackground([program, ...GPU_QUESTION], { cwd: '/' });
    this.timer = afterOnMachine(LONGEST_MS, () => {
      this.kill();
    });
    const { exitCode, stdout } = await this.asked.ended;
    clearTimeout(this.timer);
    this.asked = null;
    if (this.state === 'over') return;
    this.ticks += waitedForTicks() - before;
    this.answer = exitCode === 0 ? parseGpus(stdout, this.visible) : null;
    if (this.answer === null) this.state = 'given up';
  }

  private kill(): void {
    clearTimeout(this.timer);
    const pid = this.asked?.pid ?? null;
    if (pid !== null) signalGroup(pid, 'SIGKILL');
  }
}
