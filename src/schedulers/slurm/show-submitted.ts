import type { Ran } from './answer.ts';
import { onCluster } from './clusters.ts';
import { showJobArgv } from './scontrol.ts';

/** The state of a job that was submitted a moment ago, asked where its answer is, before its id is known here. Pure. */

/** In place of the id, which is known only there. */
const ANY_ID = '1';

// $1 is the file with the answer of `sbatch --parsable`; the rest is the question. The id comes first, on a line of its own.
const PROGRAM = `id=$(sed -n 's/^\\([1-9][0-9]*\\)\\(;.*\\)\\{0,1\\}$/\\1/p' "$1" | tail -n 1)
[ -n "$id" ] || exit 0
shift
for word do shift; [ "$word" != ${ANY_ID} ] || word=$id; set -- "$@" "$word"; done
printf '%s\\n' "$id"
exec "$@"`;

/** `answer`: the path of the file there. It asks nothing if no job was submitted. */
export function showSubmittedArgv(answer: string, cluster: string | null): readonly string[] {
  return ['sh', '-c', PROGRAM, 'sh', answer, ...onCluster(showJobArgv(ANY_ID), cluster)];
}

/** The job that was asked about, and the answer as that of the question alone; null if nothing was asked. */
export function shownIn<T extends Ran & { readonly argv: readonly string[] }>(
  ran: T,
  cluster: string | null,
): { readonly jobId: string; readonly answer: T } | null {
  const [, jobId, stdout = ''] = /^([1-9]\d{0,18})\n([^]*)$/.exec(ran.stdout) ?? [];
  if (jobId === undefined) return null;
  return { jobId, answer: { ...ran, argv: onCluster(showJobArgv(jobId), cluster), stdout } };
}
