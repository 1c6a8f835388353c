import { AppendFile } from '../../../platform/append-file.ts';
import { crashPoint } from '../../../platform/crash-points.ts';
import { growingDelay, grown } from '../../../platform/growing-delay.ts';
import { monotonicMs } from '../../../platform/time.ts';
import { USAGE_FILE, type UsagePoint } from '../../../records/usage-series.ts';
import { isDue, lineOf, nextSeries, NO_POINTS, type PointSeries } from './point-series.ts';

const FIRST_PAUSE = growingDelay(1_000, 60_000);

/**
 * `usage.jsonl` in the current folder, which is the receipt's. Nobody waits for the disk: lines are handed to the kernel,
 * which writes them when it likes. If they cannot be written, the run goes on without, and all of them are written once
 * the disk accepts them again.
 */
export class UsageFile {
  private series: PointSeries = NO_POINTS;
  private file: AppendFile | null = null;
  private pause = FIRST_PAUSE;
  private notBefore = 0;

  isDue(t: number): boolean {
    return isDue(this.series, t);
  }

  add(point: UsagePoint): void {
    const { series, thinned } = nextSeries(this.series, point);
    this.series = series;
    if (thinned) this.close();
    if (monotonicMs() < this.notBefore) return;
    this.write(point);
  }

  close(): void {
    this.file?.close();
    this.file = null;
  }

  private write(point: UsagePoint): void {
    try {
      if (this.file !== null) this.file.append(lineOf(point), false);
      // Whatever is there, the entrypoint's fifo included, is replaced.
      else this.file = AppendFile.replacing(USAGE_FILE, this.series.points.map(lineOf).join(''));
      this.pause = FIRST_PAUSE;
    } catch {
      crashPoint('supervisor.usage.jsonl.refused');
      this.close();
      this.notBefore = monotonicMs() + this.pause.ms;
      this.pause = grown(this.pause);
    }
  }
}
