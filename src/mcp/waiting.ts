import { failureOf } from '../errors/failure.ts';
import { callResult, type NextResult, type OutcomeResult, type VerbResult } from '../index.ts';
import { sentences } from '../platform/sentence.ts';
import { monotonicMs, sleep } from '../platform/time.ts';
import type { Around, ToolAnswer } from './tool.ts';
import type { Piece } from './work.ts';

/** Following a run, and what the workflow waits for, for less time than a client waits. */

const LOOK_MS = 500;
const REPORT_MS = 2_000;
/** Clients stop waiting after 60 s, also if they see progress. */
const MOST_SECONDS = 40;
/** A call starts a driver anew this often. */
const MOST_SILENT = 2;

export class Deadline {
  private readonly began = monotonicMs();
  private reported = -Infinity;
  private readonly seconds: number;
  constructor(seconds: number) {
    this.seconds = seconds;
  }

  leftMs(): number {
    return Math.max(0, this.seconds * 1000 - (monotonicMs() - this.began));
  }

  report({ report }: Around, message: string): void {
    const passed = monotonicMs() - this.began;
    if (passed - this.reported < REPORT_MS) return;
    this.reported = passed;
    report(Math.round(passed / 100) / 10, this.seconds, message);
  }
}

/** Follows the run (the active one, if none is named) until it has ended, the time is over, or the client left. */
export async function waitFor(around: Around, runId: string | null, seconds: number): Promise<ToolAnswer> {
  const { project, signal, work } = around;
  const deadline = new Deadline(seconds);
  const first = await project.outcome({ run: runId });
  if (first.code === 'run.none_active') {
    // A launch that has not begun its run yet, or one that nobody asked about since its run ended.
    const piece = work.driverOf(project.root);
    return piece === null ? waitWithoutRun(around, deadline, first) : ended(await boundedResult(around, 'wait', piece));
  }
  const run = runId ?? first.run_id;
  let silent = 0;
  for (let look = first; ; look = await project.outcome({ run })) {
    if (look.code !== 'run.still_going') return ended(look);
    deadline.report(around, [look.message, look.last_line ?? ''].join(' ').trim());
    const left = deadline.leftMs();
    if (left === 0 || signal.aborted) return { result: look, nextTool: 'wait' };
    const result = await driven(around, look, Math.min(LOOK_MS, left));
    if (result === null) continue;
    // A driver that was killed says nothing of the run: another one continues it.
    if (result.run_id !== null || silent === MOST_SILENT) return ended(result);
    silent += 1;
  }
}

/** Sees to it that somebody drives the run. Returns how a driver of this server ended, if it left the run open. */
async function driven({ project, signal, work }: Around, look: OutcomeResult, ms: number): Promise<VerbResult | null> {
  const known = work.driverOf(project.root);
  const piece = known ?? (look.driver === 'nobody' ? work.drive(project.root, 'resume') : null);
  if (piece === null) {
    await sleep(ms, signal);
    return null;
  }
  const result = await work.take(piece, ms, signal);
  if (result === null) return null;
  // Another process drives the run, or did when the other one looked; or it is an older result, of another run.
  const isOther = result.run_id !== null && result.run_id !== look.run_id;
  return isOther || ['lease.held', 'run.none_active'].includes(result.code) ? null : result;
}

function ended(result: VerbResult): ToolAnswer {
  return { result, nextTool: 'next' };
}

/** No run is active: what came of the last one, which may have ended between two calls. */
async function waitWithoutRun(around: Around, deadline: Deadline, first: OutcomeResult): Promise<ToolAnswer> {
  const { project } = around;
  const said = await project.next();
  const name = typeof said.run_id === 'string' ? `${said.iteration_id ?? ''}/${said.run_id}` : null;
  const found = name === null ? null : await project.outcome({ run: name });
  const last = found === null || ['run.not_found', 'run.still_going'].includes(found.code) ? null : found;
  if (isReviewersTurn(said)) return waitForReviewer(around, deadline, last);
  const then = `Call \`next\`; it says how to continue${said.hint === '' ? '.' : `: ${said.hint}`}`;
  if (last === null) return ended({ ...first, hint: then });
  return ended({ ...last, hint: last.outcome === 'completed' ? then : sentences(last.hint, then) });
}

/** While a reviewer decides, there is something to wait for. */
async function waitForReviewer(around: Around, deadline: Deadline, last: OutcomeResult | null): Promise<ToolAnswer> {
  const { project, signal } = around;
  const ofRun = last === null ? '' : ` The last run, ${last.run_id ?? ''}, ended with ${last.code}.`;
  const before = await project.status();
  for (let look = before; ; look = await project.status()) {
    const isDecided = look.stage_after !== before.stage_after || look.approved_digest !== before.approved_digest;
    if (isDecided || look.code !== 'run.none_active') return ended(look);
    const at = before.stage_after ?? 'an unknown stage';
    const message = `A reviewer has not decided yet; the workflow is at ${at}.${ofRun}`;
    deadline.report(around, message);
    const left = deadline.leftMs();
    if (left === 0 || signal.aborted) return { result: { ...look, message }, nextTool: 'wait' };
    await sleep(Math.min(LOOK_MS, left), signal);
  }
}

/** A review without digests cannot be named, so nothing here can launch what it approved. */
export function isReviewersTurn({ who, stage, approved_digest: digest }: NextResult): boolean {
  return who === 'reviewer' || (who === 'autolab' && stage === 'launch' && digest === null);
}

/** The result of work that ends by itself; or that it lasts, before the client stops waiting. */
export async function boundedResult(around: Around, command: string, piece: Piece): Promise<VerbResult> {
  const deadline = new Deadline(MOST_SECONDS);
  for (;;) {
    const result = await around.work.take(piece, Math.min(LOOK_MS, deadline.leftMs()), around.signal);
    if (result !== null) return result;
    deadline.report(around, `${command} is at work.`);
    // What nobody waits for will be out of date.
    if (around.signal.aborted && piece.pid === null) around.work.forget(piece);
    if (deadline.leftMs() === 0 || around.signal.aborted) return stillAtWork(command);
  }
}

function stillAtWork(command: string): VerbResult {
  return callResult(
    command,
    failureOf('run.still_going', {
      message: `${command} is still at work, and continues.`,
      hint: `Call \`${command}\` again with the same arguments: it gives the result of this call.`,
    }),
  );
}
