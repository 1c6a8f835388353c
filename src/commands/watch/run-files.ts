import { join } from 'node:path';
import type { Failure } from '../../errors/failure.ts';
import { executorOf } from '../../executors/table.ts';
import { lstatOrNull } from '../../platform/files.ts';
import { GrowingFile } from '../../platform/growing-file.ts';
import { METRIC_SERIES_FILE, parseMetricSeries } from '../../records/metric-series.ts';
import { type RunPaths, runPaths } from '../../records/paths.ts';
import type { RunView } from '../../records/run-view.ts';
import { TASK_LOGS, taskFolder } from '../../records/tasks/task-files.ts';
import { parseUsage, USAGE_FILE } from '../../records/usage-series.ts';
import { readReceipt } from '../../run/receipts.ts';
import { peekRun } from '../../run/session.ts';
import { CLAIM_FILE } from '../../schedulers/receipt-files.ts';
import type { RunName } from '../find-run.ts';
import { strangeLog } from '../logs/own-log.ts';
import { orderWith } from '../tasks/which-task.ts';
import { type MetricCurves, nextMetrics, nextUsage, NO_CURVES, NO_USAGE, type UsageNow } from './curves.ts';
import { LogTail } from './log-tail.ts';
import { LineReader } from './new-lines.ts';
import { TasksFiles, type TasksSeen } from './tasks-files.ts';

/** The files of a run that is watched: each is read from where it was, and the journal only if it has changed. */
export class RunFiles {
  readonly paths: RunPaths;
  view: RunView | null = null;
  failure: Failure | null = null;
  usage: UsageNow = NO_USAGE;
  metrics: MetricCurves = NO_CURVES;
  /** Null of a run with one task. */
  tasks: TasksSeen | null = null;
  private readonly root: string;
  private readonly run: RunName;
  private journalStamp = '';
  private claim: { readonly stamp: string; readonly at: string | null } = { stamp: '', at: null };
  private tail: { readonly of: string; readonly log: LogTail } | null = null;
  private tasksFiles: TasksFiles | null = null;
  private readonly usageLines: LineReader;
  private readonly metricLines: LineReader;

  /** The task whose log is wanted; null for what all of them have in common. */
  private readonly task: number | null;

  constructor(root: string, run: RunName, task: number | null = null) {
    this.task = task;
    this.root = root;
    this.run = run;
    this.paths = runPaths(root, run.iterationId, run.runId);
    this.usageLines = new LineReader(this.own(join(this.paths.receipt, USAGE_FILE)));
    this.metricLines = new LineReader(this.own(join(this.paths.folder, METRIC_SERIES_FILE)));
  }

  /** Returns whether there is anything new. */
  read(): boolean {
    const news = [this.readJournal(), this.readUsage(), this.readMetrics(), this.readTasks(), this.tailNow().read()];
    return news.some((one) => one);
  }

  log(): readonly string[] {
    return this.tailNow().text();
  }

  claimedAt(): string | null {
    const stamp = stampOf(join(this.paths.receipt, CLAIM_FILE));
    if (stamp !== this.claim.stamp) this.claim = { stamp, at: claimedAtIn(readReceipt(this.paths, CLAIM_FILE)) };
    return this.claim.at;
  }

  /** When something of the run was last written or brought here; milliseconds since 1970. */
  seenMs(): number | null {
    const places = [
      this.paths.receipt,
      join(this.paths.receipt, USAGE_FILE),
      join(this.paths.folder, METRIC_SERIES_FILE),
    ];
    const times = places.map((path) => lstatOrNull(path)?.mtimeMs ?? 0);
    const reads = this.view?.reads.at(-1);
    return Math.max(0, ...times, this.tailNow().writtenMs() ?? 0, reads === undefined ? 0 : Date.parse(reads)) || null;
  }

  close(): void {
    this.usageLines.close();
    this.metricLines.close();
    this.tail?.log.close();
  }

  private readJournal(): boolean {
    const stamp = stampOf(this.paths.journal);
    if (stamp === this.journalStamp) return false;
    this.journalStamp = stamp;
    const peek = peekRun(this.root, this.run);
    this.failure = peek.kind === 'corrupt' ? peek.failure : null;
    if (peek.kind === 'run') this.view = peek.view;
    const order = peek.kind === 'run' && this.task !== null ? orderWith(peek.view, [this.task]) : null;
    if (order !== null && 'code' in order) this.failure = order;
    return true;
  }

  private readUsage(): boolean {
    const { anew, text } = this.usageLines.take();
    if (anew || text !== '') this.usage = nextUsage(anew ? NO_USAGE : this.usage, parseUsage(text).points);
    return anew || text !== '';
  }

  private readMetrics(): boolean {
    const { anew, text } = this.metricLines.take();
    if (anew || text !== '') this.metrics = nextMetrics(anew ? NO_CURVES : this.metrics, parseMetricSeries(text));
    return anew || text !== '';
  }

  /** Receipts do not say when: what is new is what another listing has. */
  private readTasks(): boolean {
    const order = this.view?.opened.tasks;
    if (order === undefined) return false;
    this.tasksFiles ??= new TasksFiles(this.paths, order, this.task);
    const before = this.tasks;
    this.tasks = this.tasksFiles.look();
    return before === null || JSON.stringify(before.now) !== JSON.stringify(this.tasks.now);
  }

  /** A job's logs have its id, which may come late, or become another one. */
  private tailNow(): LogTail {
    const { stdout, stderr } = this.logPlaces();
    if (this.tail?.of === stdout) return this.tail.log;
    this.tail?.log.close();
    this.tail = { of: stdout, log: new LogTail([this.own(stderr), this.own(stdout)]) };
    return this.tail.log;
  }

  private logPlaces(): { readonly stdout: string; readonly stderr: string } {
    const { folder, stdoutLog, stderrLog } = this.paths;
    if (this.task !== null) {
      const own = join(folder, taskFolder(this.task));
      return { stdout: join(own, TASK_LOGS.stdout), stderr: join(own, TASK_LOGS.stderr) };
    }
    const places = this.view === null ? null : executorOf(this.view.opened).logs(this.view, this.paths);
    return places ?? { stdout: stdoutLog, stderr: stderrLog };
  }

  /** What the run put a link in the place of is not read. */
  private own(path: string): GrowingFile {
    return new GrowingFile(path, () => strangeLog(this.root, this.paths, path) === null);
  }
}

function stampOf(path: string): string {
  const stats = lstatOrNull(path);
  return stats === null ? '' : `${stats.ino} ${stats.size} ${stats.mtimeMs}`;
}

/** As every kind of run writes it. */
function claimedAtIn(text: string | null): string | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    const at = typeof value === 'object' && value !== null && 'claimed_at' in value ? value.claimed_at : null;
    return typeof at === 'string' && !Number.isNaN(Date.parse(at)) ? at : null;
  } catch {
    return null;
  }
}
