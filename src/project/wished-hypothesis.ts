import { shown } from '../documents/excerpt.ts';
import type { Hypothesis } from './backlog.ts';
import type { NewHypothesisEntry } from './backlog-add.ts';
import { freeName } from './ids.ts';
import { type ComplainOfOption, finiteNumber } from './wished-metrics.ts';

/** `--hypothesis` with its target, as the backlog has it. Pure. */

export interface HypothesisWish {
  /** Of the experiment. */
  readonly id: string;
  /** What is expected, or the id of a hypothesis of the backlog. */
  readonly hypothesis: string | null;
  readonly successMetric: string | null;
  readonly targetDelta: string | number | null;
}

export interface WishedHypothesis {
  /** To be added to the backlog; null if there is none, or the backlog has it. */
  readonly entry: NewHypothesisEntry | null;
  readonly id: string | null;
}

/** A sentence has a blank; so does no id that is typed. */
const LIKE_AN_ID = /^[A-Za-z0-9][\w.-]*$/;

/** `primary`: the metric that the experiment is judged by. */
export function wishedHypothesis(
  wish: HypothesisWish,
  hypotheses: readonly Hypothesis[],
  primary: string | null,
  wrong: ComplainOfOption,
): WishedHypothesis {
  const { id, hypothesis } = wish;
  const target = targetOf(wish, primary, wrong);
  const known = hypotheses.find((one) => one.id === hypothesis);
  const hasTarget = wish.successMetric !== null || wish.targetDelta !== null;
  if (hasTarget && hypothesis === null)
    wrong('/hypothesis_id', '`--success-metric` and `--target-delta` need `--hypothesis TEXT`');
  if (hasTarget && known !== undefined)
    wrong('/hypothesis_id', `the hypothesis ${shown(known.id)} is in the backlog; change its target there`);
  if (hypothesis === null) return { entry: null, id: null };
  if (hypothesis.trim() === '') wrong('/hypothesis_id', '`--hypothesis` is empty; write what you expect');
  if (known !== undefined) return { entry: null, id: known.id };
  if (LIKE_AN_ID.test(hypothesis)) {
    const ids = hypotheses.length === 0 ? 'none' : hypotheses.map((one) => shown(one.id)).join(', ');
    const message = `\`--hypothesis\` ${shown(hypothesis)} is no hypothesis of the backlog (it has: ${ids}); write one of its ids, or a sentence`;
    wrong('/hypothesis_id', message);
  }
  const own = `h-${id}`;
  // Of the same call before it was interrupted.
  const same = hypotheses.find((one) => one.title === hypothesis && `${one.id}-`.startsWith(`${own}-`));
  if (same !== undefined) return { entry: null, id: same.id };
  const free = freeName(own, (name) => hypotheses.some((one) => one.id === name));
  return { entry: { id: free, status: 'open', title: hypothesis, ...target }, id: free };
}

function targetOf(
  { successMetric, targetDelta }: HypothesisWish,
  primary: string | null,
  wrong: ComplainOfOption,
): Pick<NewHypothesisEntry, 'success_metric' | 'target_delta'> {
  const delta = targetDelta === null ? null : finiteNumber(targetDelta);
  if (targetDelta !== null && delta === null)
    wrong('/hypothesis_id', `\`--target-delta\` takes a number, not ${shown(String(targetDelta))}`);
  const metric = successMetric ?? (targetDelta === null ? null : primary);
  if (targetDelta !== null && metric === null)
    wrong('/hypothesis_id', '`--target-delta` needs `--success-metric NAME`, or `--metric`');
  return {
    ...(metric === null ? {} : { success_metric: metric }),
    ...(delta === null ? {} : { target_delta: delta }),
  };
}
