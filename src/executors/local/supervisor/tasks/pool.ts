/**
 * The pool of workers that run the tasks of one run: who does what next. Pure. The first worker that is ready looks at data
 * and environment, and only then are the others started: what is wrong with an activation is said once.
 */

export interface Pool {
  readonly count: number;
  readonly most: number;
  readonly maxFailures: number | null;
  /** The next task that nobody has. */
  readonly next: number;
  readonly failures: number;
  readonly stopped: StopWhy | null;
  readonly begun: boolean;
  /** By its number. */
  readonly workers: ReadonlyMap<number, PoolWorker>;
  readonly started: number;
  /** Workers that ended before their first task, in a row. */
  readonly stillborn: number;
}

export type StopWhy = 'max_failures' | 'cancelled';

interface PoolWorker {
  readonly phase: 'starting' | 'looking' | 'busy' | 'idle' | 'leaving';
}

export type PoolNews =
  | { readonly kind: 'start' }
  | { readonly kind: 'ready'; readonly worker: number }
  | { readonly kind: 'began'; readonly worker: number }
  | { readonly kind: 'gone'; readonly worker: number }
  /** `good`: null if the task was not started. */
  | { readonly kind: 'ended'; readonly worker: number; readonly good: boolean | null }
  | { readonly kind: 'stop'; readonly why: StopWhy };

export type PoolAct =
  | { readonly kind: 'start'; readonly worker: number }
  | { readonly kind: 'look'; readonly worker: number }
  | { readonly kind: 'close'; readonly worker: number }
  | { readonly kind: 'give'; readonly worker: number; readonly task: number }
  | { readonly kind: 'stop'; readonly why: StopWhy };

/** If so many workers in a row end before their first task, no more are started. */
const MOST_STILLBORN = 3;

export function poolOf(of: {
  readonly count: number;
  readonly most: number;
  readonly maxFailures: number | null;
}): Pool {
  const most = Math.max(1, Math.min(of.most, of.count));
  return {
    ...of,
    most,
    next: 0,
    failures: 0,
    stopped: null,
    begun: false,
    workers: new Map(),
    started: 0,
    stillborn: 0,
  };
}

export function nextPool(pool: Pool, news: PoolNews): { readonly pool: Pool; readonly acts: readonly PoolAct[] } {
  const noted = note(pool, news);
  const acts: PoolAct[] = noted.stopped !== pool.stopped && noted.stopped === 'max_failures' ? [STOP_FAILURES] : [];
  const given = giveWork(noted, acts);
  return { pool: startMore(given, acts), acts };
}

const STOP_FAILURES: PoolAct = { kind: 'stop', why: 'max_failures' };

/** No worker is left, and none will be started. */
export function isOver({ workers }: Pool): boolean {
  return workers.size === 0;
}

function note(pool: Pool, news: PoolNews): Pool {
  if (news.kind === 'start') return pool;
  if (news.kind === 'stop') return { ...pool, stopped: pool.stopped ?? news.why };
  const worker = pool.workers.get(news.worker);
  if (worker === undefined) return pool;
  if (news.kind === 'gone') return withoutWorker(pool, news.worker, worker);
  if (news.kind === 'ready') return withWorker(pool, news.worker, { phase: 'idle' });
  if (news.kind === 'began') return withWorker({ ...pool, begun: true }, news.worker, { phase: 'idle' });
  const counted = news.good === false ? withFailure(pool) : pool;
  return withWorker({ ...counted, stillborn: 0 }, news.worker, { phase: 'idle' });
}

function withFailure(pool: Pool): Pool {
  const failures = pool.failures + 1;
  const isEnough = pool.maxFailures !== null && failures >= pool.maxFailures;
  return { ...pool, failures, stopped: pool.stopped ?? (isEnough ? 'max_failures' : null) };
}

function withWorker(pool: Pool, number: number, worker: PoolWorker): Pool {
  return { ...pool, workers: new Map(pool.workers).set(number, worker) };
}

function withoutWorker(pool: Pool, number: number, worker: PoolWorker): Pool {
  const workers = new Map(pool.workers);
  workers.delete(number);
  // Its task began, and nothing says how it ended.
  if (worker.phase === 'busy') return { ...withFailure(pool), workers };
  const isStillborn = worker.phase === 'starting' || worker.phase === 'looking';
  return { ...pool, workers, stillborn: pool.stillborn + (isStillborn ? 1 : 0) };
}

/** Hands out tasks to those that are idle, or lets them leave. */
function giveWork(pool: Pool, acts: PoolAct[]): Pool {
  let now = pool;
  for (const [number, { phase }] of pool.workers) {
    if (phase !== 'idle') continue;
    if (now.stopped !== null || now.next >= now.count) {
      acts.push({ kind: 'close', worker: number });
      now = withWorker(now, number, { phase: 'leaving' });
    } else if (!now.begun) {
      acts.push({ kind: 'look', worker: number });
      now = withWorker(now, number, { phase: 'looking' });
    } else {
      acts.push({ kind: 'give', worker: number, task: now.next });
      now = withWorker({ ...now, next: now.next + 1 }, number, { phase: 'busy' });
    }
  }
  return now;
}

function startMore(pool: Pool, acts: PoolAct[]): Pool {
  let now = pool;
  // A first worker that fails fails as the only one of a run does.
  const most = now.begun ? now.most : now.started === 0 ? 1 : 0;
  const isEnough = (): boolean => {
    const { stopped, stillborn, workers, next, count } = now;
    const waiting = [...workers.values()].filter(({ phase }) => phase === 'starting').length;
    return stopped !== null || stillborn >= MOST_STILLBORN || workers.size >= most || next + waiting >= count;
  };
  while (!isEnough()) {
    acts.push({ kind: 'start', worker: now.started });
    now = { ...withWorker(now, now.started, { phase: 'starting' }), started: now.started + 1 };
  }
  return now;
}
