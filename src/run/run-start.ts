import { basename } from 'node:path';
import { ACTIVATION_LINE_FILE } from '../launch-scripts/activation.ts';
import { placeInScript } from '../launch-scripts/activation-place.ts';
import type { OpenedData } from '../records/run-data.ts';
import { ENTRYPOINT_FILE, LEFT_FILE, readStart, type StartOf } from '../schedulers/entrypoint-start.ts';
import type { StartFacts } from '../schedulers/judge-start.ts';
import { type RunContext, viewOf } from './context.ts';
import { readReceipt } from './receipts.ts';

/** The first journal format whose scripts write down that the entrypoint began. */
const WRAPPED_FORMAT = 2;

export function hasWrapper({ format }: Pick<OpenedData, 'format'>): boolean {
  return format >= WRAPPED_FORMAT;
}

/** What the script left of the beginning of the entrypoint; null if its prologue writes none. */
export function startOf(ctx: RunContext, of: StartOf): Omit<StartFacts, 'kind'> | null {
  const { opened } = viewOf(ctx);
  if (!hasWrapper(opened)) return null;
  const sign = readStart(readReceipt(ctx.paths, ENTRYPOINT_FILE), readReceipt(ctx.paths, LEFT_FILE), of);
  if (sign.kind !== 'left') return { sign, place: null };
  const at = Number(readReceipt(ctx.paths, ACTIVATION_LINE_FILE) ?? Number.NaN);
  return { sign, place: placeOfLine(opened, sign.line, Number.isSafeInteger(at) && at > 0 ? at : null) };
}

/** A line of the run's script, for a sentence. `activationLine`: of an activation that the script reads from a file. */
export function placeOfLine(opened: OpenedData, line: number | null, activationLine: number | null): string | null {
  const { script: text, activation } = opened.documents;
  const script = { name: `launch/${basename(opened.entrypoint.script)}`, text, activation, activationLine };
  return placeInScript(script, opened.activation_line ?? null, line);
}
