import { watchedBy } from '../code/git-watcher.ts';
import type { Emit, WorkDone } from '../events/events.ts';
import { after, monotonicMs } from '../platform/time.ts';
import type { RunContext } from './context.ts';

/** What the user sees of a step that asks git and reads the code: nothing at first, then how far it is. */

const FIRST_MS = 2000;
const LIVE_MS = 500;
/** Notes stay on the screen, so each comes this many times as late as the one before. */
const NOTES_GROW = 4;

/** Git and the reading end if the user wants to leave or to stop the run; the work then rejects, or git has failed. */
export async function reportingSlowWork<T>(
  { emit, control }: Pick<RunContext, 'emit' | 'control'>,
  step: string,
  work: () => Promise<T>,
): Promise<T> {
  const reading = new ReadingReports(emit, step);
  const onSlow = (command: string, folder: string): void => {
    emit({ type: 'note', message: `Waiting for \`${command}\` in ${folder}.` });
  };
  try {
    return await watchedBy({ signal: control.signal, onSlow, onProgress: reading.update }, work);
  } finally {
    reading.end();
  }
}

/** Holds the count of files and the timer, which runs while files are read. */
class ReadingReports {
  private readonly emit: Emit;
  private readonly step: string;
  private work: WorkDone = { what: '', done: 0, total: 0, unit: 'files' };
  private began = 0;
  private noteAt = 0;
  private timer: NodeJS.Timeout | null = null;

  constructor(emit: Emit, step: string) {
    this.emit = emit;
    this.step = step;
  }

  readonly update = (done: number, total: number, what = 'the code'): void => {
    this.work = { what: `Reading ${what}`, done, total, unit: 'files' };
    if (done === total) this.end();
    else if (this.timer === null) {
      this.began = monotonicMs();
      this.noteAt = 0;
      this.timer = after(FIRST_MS, this.report);
    }
  };

  end(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private readonly report = (): void => {
    const elapsedMs = monotonicMs() - this.began;
    const { step, work } = this;
    // Not before it is needed: the first number in words loads the tables of all languages, which takes as long as Node.
    const words = `${work.what}: ${work.done.toLocaleString('en')} of ${work.total.toLocaleString('en')} files.`;
    this.emit({ type: 'progress', step, elapsed_seconds: elapsedMs / 1000, last_line: words, work });
    if (elapsedMs >= this.noteAt) {
      this.emit({ type: 'note', message: words, of_progress: true });
      this.noteAt = elapsedMs * NOTES_GROW;
    }
    this.timer = after(LIVE_MS, this.report);
  };
}
