import { join } from 'node:path';
import { crashPoint } from '../../platform/crash-points.ts';
import type { EnvironmentChange } from '../../platform/environment.ts';
import { makeFolder, readTail, sizeOf, writeAt, writeFileIfChanged } from '../../platform/files.ts';
import { withoutOwnSecrets } from '../../platform/process.ts';
import { monotonicMs } from '../../platform/time.ts';
import { type FolderWatch, waiter } from '../../platform/watch.ts';
import type { RunPaths } from '../../records/paths.ts';
import { slurmLogs } from '../../records/paths.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import { ENTRYPOINT_FILE, LEFT_FILE } from '../../schedulers/entrypoint-start.ts';
import { EXIT_FILE } from '../../schedulers/receipt-files.ts';
import {
  type Answer,
  lookArgv,
  MOST_BYTES,
  NO_FOLDER,
  parseLook,
  type Question,
  QUESTION_SECONDS,
} from '../../transports/far-look.ts';
import type { Lost } from '../../transports/transport.ts';
import { type FarSite, siteOfRun } from '../site.ts';

/**
 * The receipts and the logs of a run on another host, kept here as they grow over there: whoever reads them reads the run's
 * folder, wherever the run is. What is here is never believed to be complete; the outputs are compared after the end.
 */

/** Of receipts: what a job and a submission leave. */
const RECEIPTS = [
  'claim',
  'claim.*',
  'claim-*',
  'started.json',
  ENTRYPOINT_FILE,
  LEFT_FILE,
  'exit.json',
  'collected.*',
  'closed',
  'code_changed',
  'start.*.0',
  'submit.*',
];
/** One look over there lasts so long at most; what the connection's loss left behind ends then. */
const WAIT_SECONDS = 25;
/** A log that grows is fetched so often. */
const CALM_SECONDS = 4;
const LOOK_MS = 30_000;
/** Fetched while the job runs; the rest of a longer log comes with the outputs. */
const MOST_OF_A_LOG = 64 * 1024 * 1024;

export type Looked =
  /** `answer`: of the question, where it was asked. */
  | { readonly kind: 'looked'; readonly answer: Answer | null }
  /** The run has no folder over there. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'lost'; readonly lost: Lost };

export class Mirror {
  private readonly far: FarSite;
  private readonly here: RunPaths;
  private known = '';

  constructor(far: FarSite, here: RunPaths) {
    this.far = far;
    this.here = here;
  }

  /** Brings everything that is new. `waitSeconds`: how long to wait for something new. */
  async look(
    jobId: string | null,
    waitSeconds: number,
    signal?: AbortSignal,
    question: (Question & { readonly environment: EnvironmentChange }) | null = null,
  ): Promise<Looked> {
    let answer: Answer | null = null;
    for (let wait = waitSeconds, asking = question; ; wait = 0, asking = null) {
      const logs = jobId === null ? [] : this.logs(jobId);
      const argv = lookArgv({
        folder: this.far.paths.folder,
        small: 'receipt',
        wanted: RECEIPTS,
        known: this.known,
        growing: logs,
        waitSeconds: wait,
        calmSeconds: CALM_SECONDS,
        question: asking,
      });
      const result = await this.far.ssh.run(argv, {
        timeoutMs: LOOK_MS + (wait + (asking === null ? 0 : QUESTION_SECONDS)) * 1000,
        maxBytes: 64 * 1024 * 1024,
        ...(asking === null ? {} : { environment: asking.environment }),
        ...(signal === undefined ? {} : { signal }),
      });
      if (result.lost !== null) return { kind: 'lost', lost: result.lost };
      if (result.exitCode === NO_FOLDER) return { kind: 'missing' };
      if (result.exitCode !== 0) {
        const words = result.timedOut ? 'it did not answer in time' : result.stderr.trim();
        return { kind: 'lost', lost: { kind: 'dropped', words, began: true } };
      }
      const look = parseLook(result.stdout);
      for (const [name, bytes] of look.small ?? [])
        writeFileIfChanged(join(this.here.receipt, name), bytes.toString('utf8'));
      this.known = look.known;
      if (asking !== null && look.answer !== null)
        answer = { argv: asking.argv, ...look.answer, stderr: withoutOwnSecrets(look.answer.stderr) };
      // Only what was asked for is written, and only where it goes on.
      const grown = look.grown.filter(({ path, offset }) =>
        logs.some((log) => log.path === path && log.offset === offset),
      );
      for (const { path, offset, bytes } of grown) {
        makeFolder(this.here.logs);
        writeAt(join(this.here.folder, path), offset, bytes);
        crashPoint('mirror.log_grown');
      }
      // A log that is far ahead: on, until it is here.
      if (!grown.some(({ bytes }) => bytes.length >= MOST_BYTES)) return { kind: 'looked', answer };
    }
  }

  private logs(jobId: string): readonly { readonly path: string; readonly offset: number }[] {
    const { stdout, stderr } = slurmLogs(this.here, jobId);
    return [stdout, stderr]
      .map((path) => ({ path: path.slice(this.here.folder.length + 1), offset: sizeOf(path) }))
      .filter(({ offset }) => offset < MOST_OF_A_LOG);
  }
}

const mirrors = new WeakMap<object, Mirror>();

function mirrorOf(ctx: RunContext, far: FarSite): Mirror {
  const mirror = mirrors.get(ctx.journal) ?? new Mirror(far, ctx.paths);
  mirrors.set(ctx.journal, mirror);
  return mirror;
}

/** What the run's folder over there says now, for a driver; null where it says it, or where the folder is this one. */
export async function refresh(ctx: RunContext): Promise<Lost | null> {
  const { far } = siteOfRun(ctx);
  if (far === null) return null;
  const looked = await mirrorOf(ctx, far).look(viewOf(ctx).job?.job_id ?? null, 0);
  return looked.kind === 'lost' ? looked.lost : null;
}

/** The end of a log of the run; of a log that is too long to be kept here, as it is over there. null if there is none. */
export async function logTail(ctx: RunContext, path: string, maxBytes: number): Promise<string | null> {
  const { far } = siteOfRun(ctx);
  if (far === null || sizeOf(path) < MOST_OF_A_LOG) return readTail(path, maxBytes);
  const there = join(far.paths.folder, path.slice(ctx.paths.folder.length + 1));
  const result = await far.ssh.run(['tail', '-c', String(maxBytes), '--', there], {
    timeoutMs: LOOK_MS,
    maxBytes: 2 * maxBytes,
  });
  return result.exitCode === 0 ? result.stdout : readTail(path, maxBytes);
}

/** Of a connection that was lost: the first try comes after a second, later ones at most so late. */
const LONGEST_RETRY_MS = 60_000;
/** Where there is no folder to look into. */
const AGAIN_MS = 5_000;

/** What is wanted of the queue, now: asked over there within the look that is under way anyhow. */
export interface QueueQuestion {
  readonly argv: readonly string[];
  readonly environment: EnvironmentChange;
  /** On the monotonic clock. */
  readonly dueMs: number;
}

export interface RunWatch extends FolderWatch {
  /** An answer that came with the news, once. */
  readonly takeAnswer: () => Answer | null;
  /** Whether the look that is under way will bring what is due at that time, soon enough. */
  readonly brings: (question: QueueQuestion) => boolean;
}

/** A look begins to wait a little later than it is sent off. */
const SLACK_MS = 2_000;

/**
 * Waits for news of a run that is far away: one long look after the other, over the connection that is held. Receipts, logs
 * and the queue's answer come in one round trip.
 */
export function watchFar(ctx: RunContext, far: FarSite, ask: () => QueueQuestion): RunWatch {
  const mirror = mirrorOf(ctx, far);
  const control = new AbortController();
  const { next, wake, fail } = waiter();
  let looking = false;
  let retryMs = 1_000;
  let notBefore = 0;
  let lost = false;
  let asked: QueueQuestion | null = null;
  let answer: Answer | null = null;
  const lookOn = async (): Promise<void> => {
    looking = true;
    const question = ask();
    const afterSeconds = Math.max(0, (question.dueMs - monotonicMs()) / 1000);
    // One that is due later goes along all the same: the end may come first.
    const { argv, environment } = question;
    const asking = { argv, environment, afterSeconds, with: EXIT_FILE };
    // A host that is away is not counted on.
    asked = afterSeconds > WAIT_SECONDS || lost ? null : question;
    const looked = await mirror.look(viewOf(ctx).job?.job_id ?? null, WAIT_SECONDS, control.signal, asking);
    looking = false;
    asked = null;
    if (control.signal.aborted) return;
    if (looked.kind === 'lost') {
      if (!lost)
        ctx.emit({ type: 'note', message: `${far.ssh.name} does not answer (${looked.lost.words}); trying again.` });
      lost = true;
      notBefore = monotonicMs() + retryMs;
      retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2);
      return;
    }
    if (lost) ctx.emit({ type: 'note', message: `${far.ssh.name} answers again.` });
    lost = false;
    retryMs = 1_000;
    if (looked.kind === 'missing') notBefore = monotonicMs() + AGAIN_MS;
    else answer = looked.answer ?? answer;
    wake();
  };
  return {
    next: (ms, signal) => {
      // What comes is written here: a full disk is the driver's to hear of.
      if (!looking && monotonicMs() >= notBefore) lookOn().catch(fail);
      return next(ms, signal);
    },
    takeAnswer: () => {
      const taken = answer;
      answer = null;
      return taken;
    },
    brings: ({ dueMs }) =>
      asked !== null && asked.dueMs <= dueMs + SLACK_MS && monotonicMs() < dueMs + SLACK_MS + QUESTION_SECONDS * 1000,
    close: () => {
      control.abort();
    },
  };
}
