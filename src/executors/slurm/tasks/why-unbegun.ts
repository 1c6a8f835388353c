import type { Code } from '../../../errors/catalog.ts';
import type { ElementEnd, ElementReceipt } from '../../../records/tasks/element-receipt.ts';
import type { ElementRow } from '../../../schedulers/slurm/arrays/element-rows.ts';
import { type ElementReceipts, lastReceipts, receiptOfClaim } from './element-receipts.ts';
import type { TaskOnSlurm } from './tasks-on-slurm.ts';

/** Why elements began a task not at all, as they wrote it down themselves. Pure. */

export interface UnbegunFacts {
  readonly receipts: ElementReceipts;
  /** The line of the script for a sentence, such as `docs/environment.md, line 12: "false"`; null if there is none. */
  readonly placeOf: (line: number | null) => string | null;
}

export interface Unbegun {
  /** Null if the reason is not one of the experiment. */
  readonly code: Code | null;
  readonly words: string;
}

const WORDS: Readonly<Record<Exclude<ElementEnd, 'left'>, string>> = {
  none_left: 'no task was left that nobody had',
  time: 'its time was too short for another task',
  stop: 'no more tasks were to begin',
  closed: 'the run was closed',
  cannot_claim: 'it could not write into receipts/',
  signal: 'its job was told to end',
  code_changed: 'the code is not what was approved',
  inputs_changed: 'the data are not what they were at the launch',
  not_prepared: 'the row or the folder of its task could not be read or made',
};

const CODES: Partial<Record<ElementEnd, Code>> = {
  left: 'slurm.not_started',
  code_changed: 'slurm.code_changed',
  inputs_changed: 'slurm.inputs_changed',
};

function reasonOf({ why, exit_code: status, line }: ElementReceipt, placeOf: UnbegunFacts['placeOf']): Unbegun {
  const code = CODES[why] ?? null;
  if (why !== 'left') return { code, words: WORDS[why] };
  const place = placeOf(line);
  return { code, words: `the script ended with status ${status}${place === null ? '' : ` at ${place}`}` };
}

/** Of the element that claimed a task; null if it left no word. */
export function whyUnbegun({ receipts, placeOf }: UnbegunFacts, { claim }: Pick<TaskOnSlurm, 'claim'>): Unbegun | null {
  const receipt = receiptOfClaim(receipts, claim);
  return receipt === null || receipt.begun > 0 ? null : reasonOf(receipt, placeOf);
}

/**
 * Why no worker took a task: what became of each of them. A worker that was killed left no word, and has a row. The code is
 * that of all of them, if it is one. Null if nothing is known of any.
 */
export function whyUntaken({ receipts, placeOf }: UnbegunFacts, rows: Iterable<ElementRow>): Unbegun | null {
  const reasons = new Map<string, Unbegun>();
  for (const { element, state, exitCode } of rows)
    reasons.set(element, { code: null, words: `ended as ${state} ${exitCode}` });
  for (const [element, receipt] of lastReceipts(receipts)) reasons.set(element, reasonOf(receipt, placeOf));
  if (reasons.size === 0) return null;
  const counts = new Map<string, number>();
  for (const { words } of reasons.values()) counts.set(words, (counts.get(words) ?? 0) + 1);
  const codes = new Set([...reasons.values()].map(({ code }) => code));
  const [code = null] = codes.size === 1 ? codes : [];
  const list = [...counts].map(([words, count]) => `${count === 1 ? '1 worker' : `${count} workers`}: ${words}`);
  return { code, words: list.join('; ') };
}
