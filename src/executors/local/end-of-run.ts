import type { ExecuteResult, StartsData } from '../../records/step-results.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import { readReceipt } from '../../run/receipts.ts';
import { startOf } from '../../run/run-start.ts';
import type { StepEnd } from '../../run/step.ts';
import { changedFiles, changedInputs, hintOnChanged } from '../../schedulers/code-changed.ts';
import { judgeStart } from '../../schedulers/judge-start.ts';
import { judgeExit } from '../../schedulers/local/judge.ts';
import { type Exit, ORDER_FILE, STARTED_FILE, type Supervisor } from '../../schedulers/local/receipt.ts';
import { CODE_CHANGED_FILE, EXIT_FILE, INPUTS_CHANGED_FILE } from '../../schedulers/receipt-files.ts';
import { adviceAfter } from './advice.ts';
import { noteTaskEnds, tasksEnd } from './tasks/end-of-tasks.ts';

/** What the receipt of a run says of its end. */
export function endOfRun(ctx: RunContext, exit: Exit, claim: Supervisor | null): StepEnd {
  const view = viewOf(ctx);
  const codeChanged = changedFiles(readReceipt(ctx.paths, CODE_CHANGED_FILE));
  const { verdict, sign } = verdictOn(ctx, exit, codeChanged);
  const result = resultOf(exit, claim, verdict.evidence, sign?.kind === 'begun' ? sign.starts : null);
  const writes = written(ctx);
  noteSurvivors(ctx, exit.survivors);
  const hasTasks = view.opened.tasks !== undefined;
  // What ended the run before its first task is reported as that of a run with one.
  const hasBegun = verdict.code === null || sign?.kind === 'begun' || exit.ended_by === 'request';
  if (hasTasks && hasBegun) return tasksEnd(ctx, exit, { result, writes });
  if (verdict.code === null) return { kind: 'done', message: verdict.message, writes, result };
  return {
    kind: 'failed',
    code: verdict.code,
    message: verdict.message,
    ...(verdict.code === 'local.code_changed' ? hintOnChanged(codeChanged, view.opened.snapshot !== undefined) : {}),
    retryable: false,
    recommendations: adviceAfter(ctx.paths, view, verdict.code, exit.max_rss_bytes),
    writes,
    result: hasTasks ? { ...result, tasks: noteTaskEnds(ctx, exit).tasks } : result,
  };
}

function verdictOn(ctx: RunContext, exit: Exit, codeChanged: readonly string[] | null) {
  const view = viewOf(ctx);
  const start = withSignOf(exit, startOf(ctx, null));
  const judged = judgeExit(exit, {
    codeChanged,
    inputsChanged: changedInputs(readReceipt(ctx.paths, INPUTS_CHANGED_FILE)),
    cancelRequested: view.cancel !== null,
    timeLimitSeconds: view.opened.resource_request.time_seconds,
  });
  const verdict = start === null ? judged : judgeStart(judged, { ...start, kind: 'local', status: exit.exit_code });
  return { verdict, sign: start?.sign ?? null };
}

/** Of a power failure that took the script's own sign. */
function withSignOf(exit: Exit, start: ReturnType<typeof startOf>): ReturnType<typeof startOf> {
  if (start?.sign.kind !== 'none' || exit.entrypoint_began !== true) return start;
  return { ...start, sign: { kind: 'begun', starts: { expected: 1, begun: 1 }, exit_code: null, signals: [] } };
}

function resultOf(
  exit: Exit,
  claim: Supervisor | null,
  evidence: readonly string[],
  starts: StartsData | null,
): ExecuteResult {
  return {
    pid: exit.pid,
    supervisor_pid: claim?.pid ?? null,
    exit_code: exit.exit_code,
    signal: exit.signal,
    ended_by: exit.ended_by,
    evidence,
    leftovers_ended: exit.leftovers_ended,
    ...(exit.survivors.length === 0 ? {} : { survivors: exit.survivors }),
    contained_by: exit.contained_by,
    ...(exit.memory_limit_bytes === null ? {} : { memory_limit_bytes: exit.memory_limit_bytes }),
    started_at: exit.started_at,
    ended_at: exit.ended_at,
    used: {
      wall_seconds: exit.wall_seconds,
      cpu_seconds: exit.cpu_seconds,
      max_rss_bytes: exit.max_rss_bytes,
      source: exit.usage_source,
      samples: exit.samples,
    },
    ...(starts === null ? {} : { starts }),
  };
}

export function noteSurvivors(ctx: RunContext, survivors: readonly string[]): void {
  if (survivors.length === 0) return;
  ctx.emit({ type: 'note', message: `These processes of the run could not be ended: ${survivors.join('; ')}.` });
}

export function written(ctx: RunContext): readonly string[] {
  return [ORDER_FILE, 'claim', STARTED_FILE, EXIT_FILE]
    .map((name) => `${ctx.paths.relative}/receipt/${name}`)
    .concat(`${ctx.paths.relative}/logs/stdout.log`, `${ctx.paths.relative}/logs/stderr.log`);
}
