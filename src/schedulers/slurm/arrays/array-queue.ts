import { shortened } from '../../../platform/listing.ts';
import { complains, isJobId, linesOf, type Ran, succeeded, whyNoAnswer } from '../answer.ts';
import type { QueueAnswer } from '../queue.ts';
import { phaseOf, readState } from '../states.ts';
import { readIndices } from './index-list.ts';

/** Several job arrays in the queue, asked for at once. Pure. Source: squeue(1), and answers of 22.05. */

/**
 * `%F` is the id of the array, whatever has become of its elements; `%K` the indices of a record: squeue folds all that wait
 * into one line. Name and folder come last: they may contain the separator.
 */
export function arraysArgv(names: readonly string[]): readonly string[] {
  const form = '--format=%F|%K|%T|%r|%j|%Z';
  return ['squeue', '--me', '--all', '--states=all', '--noheader', `--name=${names.join(',')}`, form];
}

/** The elements of one line. */
export interface ArrayLine {
  readonly arrayId: string;
  /** Empty for a line that is no element: what remains of an array whose waiting elements were cancelled. */
  readonly indices: readonly number[];
  readonly state: string;
  readonly reason: string;
}

export type ArraysAnswer =
  | { readonly kind: 'listed'; readonly lines: readonly ArrayLine[] }
  | { readonly kind: 'no_answer'; readonly words: string };

/** `names`: of the arrays; a copy of the project elsewhere may have arrays of these names, from its own folder. */
export function judgeArrays(
  ran: Ran,
  { names, chdir }: { readonly names: readonly string[]; readonly chdir: string },
): ArraysAnswer {
  if (!succeeded(ran)) return { kind: 'no_answer', words: whyNoAnswer(ran) };
  const lines = linesOf(ran.stdout).flatMap((line) => {
    const [, arrayId = '', indices = '', state = '', rest = ''] =
      /^(\d+)\|([^|]*)\|([^|]*)\|(.*)$/.exec(line.trimStart()) ?? [];
    const name = names.find((one) => rest.endsWith(`|${one}|${chdir}`));
    if (!isJobId(arrayId) || name === undefined) return [];
    const reason = rest.slice(0, -`|${name}|${chdir}`.length);
    return [{ arrayId, indices: readIndices(indices) ?? [], state: readState(state).state, reason }];
  });
  return lines.length === 0 && complains(ran)
    ? { kind: 'no_answer', words: whyNoAnswer(ran) }
    : { kind: 'listed', lines };
}

export function isAlive({ state, indices }: ArrayLine): boolean {
  return indices.length > 0 && phaseOf(state) !== 'final';
}

/**
 * Without the held arrays of the same name that are not the run's: a controller may accept an array twice, and the second one
 * waits for a release that never comes. `ours`: ids of the run's arrays.
 */
export function withoutHeldCopies(answer: ArraysAnswer, ours: ReadonlySet<string>): ArraysAnswer {
  if (answer.kind === 'no_answer') return answer;
  const isHeldCopy = ({ arrayId, state, reason }: ArrayLine): boolean =>
    !ours.has(arrayId) && state === 'PENDING' && reason === 'JobHeldUser';
  return { kind: 'listed', lines: answer.lines.filter((line) => !isHeldCopy(line)) };
}

const HOPELESS = /^(?:BadConstraints|DependencyNeverSatisfied|InvalidAccount|InvalidQOS)$/;

export function isHopeless({ state, reason }: ArrayLine): boolean {
  return state === 'PENDING' && HOPELESS.test(reason);
}

/** Such as `3 RUNNING, 9 PENDING (Resources)`; empty if nothing of them is in the queue. */
export function wordsOfArrays(lines: readonly ArrayLine[]): string {
  const counts = new Map<string, number>();
  for (const { state, reason, indices } of lines.filter(isAlive)) {
    const why = state === 'PENDING' && !/^(?:None|)$/.test(reason) ? ` (${reason})` : '';
    counts.set(`${state}${why}`, (counts.get(`${state}${why}`) ?? 0) + indices.length);
  }
  return [...counts].map(([words, count]) => `${count} ${words}`).join(', ');
}

/** All arrays as if they were one job, by which the pace of further questions is decided. `name`: of that job. */
export function asOneJob(answer: ArraysAnswer, name: string): QueueAnswer {
  if (answer.kind === 'no_answer') return answer;
  const alive = answer.lines.filter(isAlive);
  const [first] = alive;
  if (first === undefined) return { kind: 'gone', state: answer.lines[0]?.state ?? null };
  const states = new Set(alive.map(({ state }) => state));
  const running = [...states].find((state) => state !== 'PENDING' && state !== 'COMPLETING');
  const state = running ?? (states.has('PENDING') ? 'PENDING' : first.state);
  const reason = alive.find((line) => line.state === 'PENDING')?.reason ?? null;
  return {
    ...{ kind: 'listed', state, name, reason: reason === null ? null : shortened(reason) },
    ...{ hopeless: false, held: false, startAt: null, elapsed: '', nodes: '' },
  };
}
