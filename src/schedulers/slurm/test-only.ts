import { linesOf, type Ran, whyNoAnswer } from './answer.ts';
import { onCluster } from './clusters.ts';
import { type Advice, readRefusal } from './refusals.ts';

/** The site's answer about a job, without submitting it. Pure. Source: sbatch(1), --test-only. */

/** The script is read from standard input; nothing is submitted. */
export function testOnlyArgv(chdir: string, cluster: string | null = null): readonly string[] {
  return onCluster(['sbatch', '--test-only', `--chdir=${chdir}`, '--export=ALL'], cluster);
}

export type TestOnly =
  | {
      readonly kind: 'accepted';
      readonly words: string;
      /** As Slurm writes it: in the time zone of this host, or in the user's SLURM_TIME_FORMAT. */
      readonly start_at: string;
      readonly processors: number;
      readonly nodes: string;
      readonly partition: string;
    }
  | { readonly kind: 'refused'; readonly words: string; readonly advice: Advice | null }
  | { readonly kind: 'no_answer'; readonly words: string };

/** The pattern takes quadratic time in a line's length; the node list of a job is bounded. */
const LONGEST_LINE = 4096;
const WOULD_START =
  /^[\w.+-]*sbatch[\w.+-]*: Job \d+ to start at (.+?) using (\d+) processors on (?:nodes )?(\S+) in partition (\S+)$/;

/** The prediction is on stderr, whatever the exit status. */
export function judgeTestOnly(ran: Ran): TestOnly {
  const match = linesOf(ran.stderr)
    .filter((line) => line.length <= LONGEST_LINE)
    .map((line) => WOULD_START.exec(line))
    .find((found) => found !== null);
  if (match !== undefined) {
    const [, start = '', processors = '', nodes = '', partition = ''] = match;
    const words = `would start at ${start} on ${nodes} in partition ${partition}, with ${processors} processors`;
    return { kind: 'accepted', words, start_at: start, processors: Number(processors), nodes, partition };
  }
  if (ran.exitCode === null || ran.exitCode === 0 || ran.timedOut)
    return { kind: 'no_answer', words: whyNoAnswer(ran) };
  const refusal = readRefusal(ran.stderr);
  if (refusal.kind !== 'refused') return { kind: 'no_answer', words: whyNoAnswer(ran) };
  return refusal;
}
