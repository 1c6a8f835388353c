import {
  baseJobId,
  complains,
  isJobId,
  linesOf,
  saysUnknownJob,
  shortened,
  succeeded,
  wordsOf,
  type Ran,
} from './answer.ts';
import { phaseOf, readState } from './states.ts';
import { readTime } from './values.ts';

/** How a job stands in the queue. Pure. Source: squeue(1). */

/**
 * `--states=all`: for as long as the controller remembers a job that has ended (MinJobAge), it says so, instead of
 * printing nothing, which might as well be a lost answer. `--all`: hidden partitions.
 */
export function queueArgv(jobId: string): readonly string[] {
  if (!isJobId(jobId)) throw new Error(`not a job id: ${jobId}`);
  return ['squeue', '-j', jobId, '--all', '--states=all', '--noheader', '--format=%i|%T|%M|%S|%D|%N|%r'];
}

export type QueueAnswer =
  | {
      readonly kind: 'listed';
      readonly state: string;
      /** Why it waits; null for a job that does not. */
      readonly reason: string | null;
      /** Slurm itself says that it can never start: a held job is checked against the nodes only when it is released. */
      readonly hopeless: boolean;
      /** It does not start before somebody releases it. */
      readonly held: boolean;
      /** RFC 3339, UTC: when it started, or is expected to; null for a held job, of which Slurm prints a time all the same. */
      readonly startAt: string | null;
      /** As Slurm writes it: `1:05`, `1-02:00:00`. */
      readonly elapsed: string;
      /** Their number, or their names once there are any. */
      readonly nodes: string;
    }
  /** It has left the queue. `state`: the one it ended in, where the controller remembers; null for an empty answer. */
  | { readonly kind: 'gone'; readonly state: string | null }
  /** The controller answered that it does not know the job: it was purged. */
  | { readonly kind: 'unknown_job' }
  /** Nobody answered: nothing is known. */
  | { readonly kind: 'no_answer'; readonly words: string };

export function judgeQueue(ran: Ran, jobId: string): QueueAnswer {
  if (!succeeded(ran))
    return saysUnknownJob(ran) ? { kind: 'unknown_job' } : { kind: 'no_answer', words: wordsOf(ran) };
  const rows = linesOf(ran.stdout).flatMap((line) => {
    const row = rowOf(line);
    return row !== null && baseJobId(row.id) === jobId ? [row] : [];
  });
  // Of an array or a heterogeneous job, the part that is still there.
  const active = rows.find(({ state }) => phaseOf(state) !== 'final');
  if (active !== undefined) return listed(active);
  const [ended] = rows;
  if (ended !== undefined) return { kind: 'gone', state: ended.state };
  return complains(ran) ? { kind: 'no_answer', words: wordsOf(ran) } : { kind: 'gone', state: null };
}

interface Row {
  readonly id: string;
  readonly state: string;
  readonly elapsed: string;
  readonly start: string;
  readonly count: string;
  readonly nodes: string;
  readonly reason: string;
}

/** null for a line that is none of ours: a site's banner. */
function rowOf(line: string): Row | null {
  const fields = line.split('|').map((field) => field.trim());
  const [id = '', state = '', elapsed = '', start = '', count = '', nodes = '', ...reason] = fields;
  if (reason.length === 0 || baseJobId(id) === null || !/^[A-Z_]+$/.test(state)) return null;
  return { id, state: readState(state).state, elapsed, start, count, nodes, reason: reason.join('|') };
}

/** States in which a requeued job is held. */
const HOLDS = /^(?:REQUEUE_HOLD|RESV_DEL_HOLD|SPECIAL_EXIT)$/;
const HOPELESS = /^(?:BadConstraints|DependencyNeverSatisfied|InvalidAccount|InvalidQOS)$/;

function listed(row: Row): QueueAnswer {
  const reason = /^(?:None|\(null\)|)$/i.test(row.reason) ? null : shortened(row.reason);
  const held = HOLDS.test(row.state) || (row.state === 'PENDING' && /held/i.test(row.reason));
  return {
    kind: 'listed',
    state: row.state,
    reason,
    hopeless: row.state === 'PENDING' && reason !== null && HOPELESS.test(reason),
    held,
    startAt: held ? null : readTime(row.start),
    elapsed: shortened(row.elapsed),
    nodes: shortened(row.nodes === '' ? row.count : row.nodes),
  };
}
