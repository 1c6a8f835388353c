import type { Failure } from '../../errors/failure.ts';
import { executorOf } from '../../executors/table.ts';
import { monotonicMs, now, sleep } from '../../platform/time.ts';
import type { RunView } from '../../records/run-view.ts';
import { newsOf } from '../../sites/news.ts';
import type { RunName } from '../find-run.ts';
import { driverOf } from '../status.ts';
import { RunFiles } from './run-files.ts';
import { type SeenOfRun, type WatchedRun, watchedRun } from './watched-run.ts';

/** Looks at a run until it is closed: at its files, and hardly ever at anything else. */

/** Files are looked at this often. */
const LOOK_MS = 500;
/** Without news the time that passes is still news. */
const TICK_MS = 1_000;
/** A scheduler is asked only if no driver asks it, and then this seldom. */
const ASK_MS = 60_000;

export interface Watching {
  readonly root: string;
  readonly run: RunName;
  /** The task whose log is shown; null for those that failed. */
  readonly task: number | null;
  readonly signal: AbortSignal;
  readonly give: (run: WatchedRun) => unknown;
}

/** Returns the last view of its journal, or why it cannot be read. */
export async function watchRun({ root, run, task, signal, give }: Watching): Promise<RunView | Failure | null> {
  const files = new RunFiles(root, run, task);
  const asking = new Asking(root);
  let givenMs = -Infinity;
  try {
    for (;;) {
      const news = files.read();
      if (files.failure !== null) return files.failure;
      if (news || monotonicMs() - givenMs >= TICK_MS) {
        givenMs = monotonicMs();
        const driver = driverOf(root);
        asking.askIfDue(files, driver !== 'nobody');
        await give(watchedRun(run, files.view, seenOf(files, driver, asking)));
      }
      if (signal.aborted || files.view?.closed) return files.view;
      await sleep(LOOK_MS, signal);
    }
  } finally {
    files.close();
  }
}

function seenOf(files: RunFiles, driver: SeenOfRun['driver'], { asked, entrypoint }: Asking): SeenOfRun {
  const { view, usage, metrics, tasks } = files;
  const ms = view !== null && newsOf(view.opened) !== null ? files.seenMs() : null;
  return {
    at: now(),
    driver,
    usage,
    metrics,
    tasks: tasks?.now ?? null,
    task: tasks?.chosen ?? null,
    log: tasks === null || tasks.chosen !== null ? files.log() : tasks.lines,
    claimedAt: files.claimedAt(),
    hasEndReceipt: view !== null && executorOf(view.opened).hasEndReceipt(files.paths),
    asked,
    entrypoint,
    seenAt: ms === null ? null : new Date(ms).toISOString(),
  };
}

/** What the run's scheduler, or its processes, say of it; in the background, so that the view never stands still. */
class Asking {
  asked: SeenOfRun['asked'] = null;
  entrypoint: string | null = null;
  private readonly root: string;
  private nextMs = -Infinity;
  private isBusy = false;

  constructor(root: string) {
    this.root = root;
  }

  askIfDue(files: RunFiles, driven: boolean): void {
    const { view, paths } = files;
    if (driven || view === null || newsOf(view.opened) !== null) {
      this.asked = null;
      this.entrypoint = null;
      return;
    }
    if (this.isBusy || monotonicMs() < this.nextMs) return;
    this.isBusy = true;
    this.nextMs = monotonicMs() + ASK_MS;
    executorOf(view.opened)
      .standing({ root: this.root, view, paths }, false)
      .then(
        ({ words, entrypoint }) => {
          this.asked = words === null ? null : { words, at: now() };
          this.entrypoint = entrypoint;
        },
        () => undefined,
      )
      .finally(() => {
        this.isBusy = false;
      });
  }
}
