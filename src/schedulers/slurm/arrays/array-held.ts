import { linesOf, type Ran, saysUnknownJob, succeeded, whyNoAnswer } from '../answer.ts';
import { type Held, judgeHeldJob, parseShownLine } from '../scontrol.ts';
import type { JobMarks } from '../submit.ts';

/**
 * Whether an array is held: the controller has a record for all elements that wait, and one for each that began. Pure.
 * Source: scontrol(1), and answers of 22.05.
 */
export function judgeHeldArray(ran: Ran, expected: JobMarks & { readonly jobId: string }): Held {
  const { jobId } = expected;
  const records = succeeded(ran)
    ? linesOf(ran.stdout)
        .map(parseShownLine)
        .filter((job) => job['ArrayJobId'] === jobId || job['JobId'] === jobId)
    : [];
  const judged = records.map((job) => judgeHeldJob(job, expected));
  for (const kind of MOST_TELLING) {
    const found = judged.find((held) => held.kind === kind);
    if (found !== undefined) return found;
  }
  return saysUnknownJob(ran)
    ? { kind: 'gone', words: `job ${jobId} is not known to the controller` }
    : { kind: 'no_answer', words: whyNoAnswer(ran) };
}

/** One record that is held says that the release has still to come. */
const MOST_TELLING: readonly Held['kind'][] = ['other_job', 'renamed', 'held', 'held_by_admin', 'not_held', 'gone'];
