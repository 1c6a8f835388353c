import { now } from '../../platform/time.ts';
import type { RunPaths } from '../../records/paths.ts';
import type { RunView } from '../../records/run-view.ts';
import { readReceipt } from '../../run/receipts.ts';
import { CLAIM_FILE, EXIT_FILE } from '../../schedulers/receipt-files.ts';
import { arraysArgv, asOneJob, judgeArrays, wordsOfArrays } from '../../schedulers/slurm/arrays/array-queue.ts';
import { judgeQueue, queueArgv } from '../../schedulers/slurm/queue.ts';
import { marksOf } from '../../schedulers/slurm/submit.ts';
import { siteOf } from '../../sites/site.ts';
import type { RecordedRun, Standing } from '../executor.ts';
import { askSlurm } from './question.ts';
import { whyWaiting } from './why-waiting.ts';

/** A job's state in the queue, for the user. If the run has a driver, its last journaled answer is recent enough. */
export interface QueueStanding {
  readonly words: string;
  readonly state: string | null;
  readonly reason: string | null;
  readonly expected_start: string | null;
}

const FRESH_MS = 20_000;
const TIMEOUT_MS = 15_000;

export async function queueStanding(root: string, view: RunView, driven: boolean): Promise<QueueStanding> {
  if (view.job === null || view.opened.slurm === null) {
    const words = view.submissions.unanswered ? 'whether it was submitted is still unknown' : 'not submitted yet';
    return { words, state: null, reason: null, expected_start: null };
  }
  if (view.opened.tasks !== undefined) return tasksStanding(root, view);
  const last = view.reads.at(-1);
  const read = view.lastRead;
  if (driven && last !== undefined && read?.command === 'squeue' && Date.parse(now()) - Date.parse(last) < FRESH_MS)
    return { words: read.answer, state: read.state, reason: read.reason, expected_start: read.expected_start };
  const result = await askSlurm(siteOf(root, view.opened), queueArgv(view.job.job_id), TIMEOUT_MS);
  const answer = judgeQueue(result, view.job.job_id, marksOf(view.opened.slurm.key, view.opened.slurm.argv));
  if (answer.kind !== 'listed') return { words: queueWords(answer), state: null, reason: null, expected_start: null };
  const site = siteOf(root, view.opened);
  const why = await whyWaiting((argv) => askSlurm(site, argv, TIMEOUT_MS), view.job.job_id, answer, view.job.released);
  return { words: queueWords(answer, why), state: answer.state, reason: answer.reason, expected_start: answer.startAt };
}

/** Of all arrays together. */
async function tasksStanding(root: string, { opened, chunks }: RunView): Promise<QueueStanding> {
  const { key = '', argv = [] } = opened.slurm ?? {};
  const names = chunks.flatMap(({ index, job }) => (job === null ? [] : [`${key}.${index}`]));
  const result = await askSlurm(siteOf(root, opened), arraysArgv(names), TIMEOUT_MS);
  const answer = judgeArrays(result, { names, chdir: marksOf(key, argv).chdir });
  const job = asOneJob(answer, key);
  if (answer.kind === 'no_answer' || job.kind !== 'listed')
    return { words: queueWords(job), state: null, reason: null, expected_start: null };
  return { words: wordsOfArrays(answer.lines), state: job.state, reason: job.reason, expected_start: null };
}

/** For `status`: the receipt has the state of the entrypoint, and the queue that of the job. */
export async function standing({ root, view, paths }: RecordedRun, driven: boolean): Promise<Standing> {
  const { words, state, reason, expected_start } = await queueStanding(root, view, driven);
  return {
    entrypoint: view.opened.tasks === undefined ? entrypointOf(paths, state) : startOfTasks(view, state),
    words: `job ${view.job?.job_id ?? 'not submitted'}: ${words}`,
    details: { queue_state: state, queue_reason: reason, expected_start },
  };
}

function entrypointOf(paths: RunPaths, queued: string | null): Standing['entrypoint'] {
  // A job that was requeued left the receipts of its last start.
  if (queued === 'PENDING') return 'not started';
  if (readReceipt(paths, EXIT_FILE) !== null) return 'ended';
  return readReceipt(paths, CLAIM_FILE) === null ? 'not started' : 'running';
}

/** Some tasks may wait while others run. */
function startOfTasks({ started }: RunView, queued: string | null): Standing['entrypoint'] {
  if (started === null) return 'not started';
  return queued === null ? 'unknown' : 'running';
}

/** An answer about a job, for the user. Pure. */
export function queueWords(answer: ReturnType<typeof judgeQueue>, why: string | null = null): string {
  switch (answer.kind) {
    case 'listed': {
      const start = answer.startAt === null ? '' : `, expected to start at ${answer.startAt}`;
      const reason = answer.reason === null ? '' : ` (${answer.reason})`;
      const more = why === null ? '' : `: ${why}`;
      return answer.state === 'PENDING' ? `${answer.state}${reason}${start}${more}` : `${answer.state}${more}`;
    }
    case 'gone':
      return 'not in the queue';
    case 'unknown_job':
      return 'unknown to the controller';
    case 'other_job':
      return `unknown to the controller: its id belongs to another job, named ${answer.name}`;
    case 'no_answer':
      return `no answer (${answer.words})`;
  }
}
