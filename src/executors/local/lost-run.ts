import { type Ending, endRunProcesses } from '../../platform/end-processes.ts';
import { hostIdentity, startTimeOf } from '../../platform/host.ts';
import { removeCgroup } from '../../platform/run-cgroup.ts';
import type { ExecuteResult } from '../../records/step-results.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import { readReceipt } from '../../run/receipts.ts';
import type { StepEnd } from '../../run/step.ts';
import { parseOrder, parseStarted, type SeenStart } from '../../schedulers/local/parse-receipt.ts';
import { ORDER_FILE, OTHERS_HIDDEN, STARTED_FILE, type Supervisor } from '../../schedulers/local/receipt.ts';
import { endOfRun, noteSurvivors, written } from './end-of-run.ts';
import { graceOf } from './grace.ts';
import { leftCgroup } from './left-cgroup.ts';
import { exitIn } from './run-owner.ts';
import { tasksEnd } from './tasks/end-of-tasks.ts';

/** Supervisor dead, no receipt. What is left of the run is ended first: a new run must not meet the old one. */
export async function endOfLostRun(ctx: RunContext, claim: Supervisor): Promise<StepEnd> {
  // If the project was moved away, and maybe back, the receipt went with it.
  ctx.lease.assertHeld();
  const exit = exitIn(ctx.paths);
  if (exit !== null) return endOfRun(ctx, exit, claim);
  const started = parseStarted(readReceipt(ctx.paths, STARTED_FILE));
  const { ended, survivors, othersHidden } = await endWhatIsLeft(ctx, claim, started);
  noteSurvivors(ctx, survivors);
  const rebooted = claim.boot_id !== hostIdentity().boot_id;
  const why = rebooted ? 'the machine was restarted' : 'its supervisor is gone';
  const evidence = [
    `claimed by supervisor ${claim.pid} on ${claim.host} at ${claim.claimed_at}`,
    rebooted
      ? `boot id was ${claim.boot_id} and is ${hostIdentity().boot_id}`
      : 'the supervisor is gone and left no receipt',
    started === null
      ? 'the entrypoint may not have been started'
      : `the entrypoint was process ${started.pid}, started at ${started.started_at ?? 'an unknown time'}`,
    ...(othersHidden ? [OTHERS_HIDDEN] : []),
    ...survivors.map((survivor) => `still alive after the run: ${survivor}`),
  ];
  const result: ExecuteResult = {
    pid: started?.pid ?? null,
    supervisor_pid: claim.pid,
    exit_code: null,
    signal: null,
    ended_by: 'lost',
    evidence,
    leftovers_ended: ended,
    ...(survivors.length === 0 ? {} : { survivors }),
    started_at: started?.started_at ?? null,
    ended_at: null,
    used: null,
  };
  if (viewOf(ctx).opened.tasks !== undefined) return tasksEnd(ctx, null, { result, writes: written(ctx) });
  return {
    kind: 'failed',
    code: 'local.lost',
    retryable: false,
    message: `The run was lost: ${why} and left no receipt.`,
    writes: written(ctx),
    result,
  };
}

async function endWhatIsLeft(ctx: RunContext, claim: Supervisor, started: SeenStart | null): Promise<Ending> {
  // The path that the supervisor got: the project may have another path today.
  const order = parseOrder(readReceipt(ctx.paths, ORDER_FILE));
  const leaderLives = started !== null && startTimeOf(started.pid) === started.start_time;
  const processes = {
    // Of a dead one, the session's number may be another's.
    leader: leaderLives ? { pid: started.pid, startTime: started.start_time } : null,
    marks: [`AUTOLAB_RUN_DIR=${order?.run_dir ?? ctx.paths.folder}`],
    since: claim.start_time,
    spare: [process.pid],
    cgroup: leftCgroup(viewOf(ctx).opened.run_id, claim),
  };
  const ending = await endRunProcesses(processes, graceOf(ctx) * 1000);
  if (processes.cgroup !== null) await removeCgroup(processes.cgroup);
  return ending;
}
