import { shortened } from '../../platform/listing.ts';
import { baseJobId, complains, isJobId, linesOf, type Ran, saysUnknownJob, succeeded, whyNoAnswer } from './answer.ts';
import { phaseOf, readState } from './states.ts';
import type { JobMarks } from './submit.ts';
import { readTime } from './values.ts';

/** The state of a job in the queue. Pure. Source: squeue(1). */

/**
 * `--states=all`: while the controller remembers an ended job (MinJobAge), squeue shows it instead of printing nothing,
 * which could also be a lost answer. `--all`: hidden partitions. Name, folder and command come last: a controller that
 * crashed may give the id to the next job of any user.
 */
export function queueArgv(jobId: string): readonly string[] {
  if (!isJobId(jobId)) throw new Error(`not a job id: ${jobId}`);
  return ['squeue', '-j', jobId, '--all', '--states=all', '--noheader', '--format=%i|%T|%M|%S|%D|%N|%r|%j|%Z|%o'];
}

export type QueueAnswer =
  | {
      readonly kind: 'listed';
      readonly state: string;
      /** The job's present name: a site or its user may have renamed it. */
      readonly name: string;
      /** Why it waits; null for a job that does not wait. */
      readonly reason: string | null;
      /**
       * Slurm itself says that it can never start: a held job is checked against the nodes only when it is released.
       */
      readonly hopeless: boolean;
      /** It does not start before it is released. */
      readonly held: boolean;
      /** RFC 3339, UTC: when it started, or is expected to; null for a held job, for which Slurm also prints a time. */
      readonly startAt: string | null;
      /** As Slurm writes it: `1:05`, `1-02:00:00`. */
      readonly elapsed: string;
      /** Their number, or their names once the job has nodes. */
      readonly nodes: string;
    }
  /** It has left the queue. `state`: the one it ended in, where the controller remembers; null for an empty answer. */
  | { readonly kind: 'gone'; readonly state: string | null }
  /** The controller answered that it does not know the job: it was purged, or lost. */
  | { readonly kind: 'unknown_job' }
  /** The id belongs to another job now, so the controller does not know ours. */
  | { readonly kind: 'other_job'; readonly name: string }
  /** Nobody answered: nothing is known. */
  | { readonly kind: 'no_answer'; readonly words: string };

export function judgeQueue(ran: Ran, jobId: string, marks: JobMarks): QueueAnswer {
  if (!succeeded(ran))
    return saysUnknownJob(ran) ? { kind: 'unknown_job' } : { kind: 'no_answer', words: whyNoAnswer(ran) };
  const all = linesOf(ran.stdout).flatMap((line) => {
    const row = rowOf(line, marks);
    return row !== null && baseJobId(row.id) === jobId ? [row] : [];
  });
  const rows = all.filter(({ ours }) => ours);
  const [stranger] = all;
  if (rows.length === 0 && stranger !== undefined) return { kind: 'other_job', name: shortened(stranger.name) };
  // For an array or a heterogeneous job, the part that is still in the queue.
  const active = rows.find(({ state }) => phaseOf(state) !== 'final');
  if (active !== undefined) return listed(active);
  const [ended] = rows;
  if (ended !== undefined) return { kind: 'gone', state: ended.state };
  return complains(ran) ? { kind: 'no_answer', words: whyNoAnswer(ran) } : { kind: 'gone', state: null };
}

interface Row {
  readonly id: string;
  readonly state: string;
  readonly elapsed: string;
  readonly start: string;
  readonly count: string;
  readonly nodes: string;
  readonly reason: string;
  readonly name: string;
  readonly ours: boolean;
}

/** Returns null for a line that is not a row: a site's banner. */
function rowOf(line: string, marks: JobMarks): Row | null {
  const match = /^([^|]+)\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|(.*)$/.exec(line.trimStart());
  if (match === null) return null;
  const [id = '', state = '', elapsed = '', start = '', count = '', nodes = '', rest = ''] = match
    .slice(1)
    .map((field) => field.trim());
  const known = reasonOf(rest, marks);
  if (known === null || baseJobId(id) === null || !/^[A-Z_]+$/.test(state)) return null;
  return { id, state: readState(state).state, elapsed, start, count, nodes, ...known };
}

/** `reason|name|folder|command`. Names and paths may contain the separator: ours are compared whole. */
function reasonOf(rest: string, { key, chdir, script }: JobMarks): Pick<Row, 'reason' | 'name' | 'ours'> | null {
  const named = rest.indexOf(`|${key}|`);
  if (named >= 0) return { reason: rest.slice(0, named), name: key, ours: true };
  const at = rest.indexOf('|');
  const reason = rest.slice(0, Math.max(0, at));
  // A job that the site or its user renamed is recognized by its folder together with its script.
  const marked = `|${chdir}|${script}`;
  if (at >= 0 && rest.endsWith(marked) && at < rest.length - marked.length)
    return { reason, name: rest.slice(at + 1, -marked.length), ours: true };
  const [name, folder, command] = rest.split('|').slice(1);
  return name === undefined || folder === undefined || command === undefined ? null : { reason, name, ours: false };
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
    name: row.name,
    reason,
    hopeless: row.state === 'PENDING' && reason !== null && HOPELESS.test(reason),
    held,
    startAt: held ? null : readTime(row.start),
    elapsed: shortened(row.elapsed),
    nodes: shortened(row.nodes === '' ? row.count : row.nodes),
  };
}
