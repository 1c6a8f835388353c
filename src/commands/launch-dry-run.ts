import { failureOf } from '../errors/failure.ts';
import type { SiteOpinion } from '../executors/executor.ts';
import type { Plan } from '../plan/plan.ts';
import type { OpenedData } from '../records/run-data.ts';
import { withhold } from '../records/withheld.ts';
import type { ActiveRun } from '../run/claim.ts';
import { digestOfApproval } from './launched-already.ts';
import type { PlannedTakeover } from './planned-takeover.ts';
import { type CommandResult, resultOfFailure, succeed } from './result.ts';

/** What `launch --dry-run` reports. Pure. */

const COMMAND = 'launch';

export function dryRunOfPlan(plan: Plan, site: SiteOpinion | null): CommandResult {
  const { opened } = withhold(plan.opened);
  const unknown = site?.unknown ?? null;
  const failure =
    site?.refusal ??
    failureOf('ok', {
      message:
        unknown === null
          ? `All checks passed. It would run as ${opened.run_id}.`
          : `All checks of this host passed; whether the site would accept the job is unknown (${unknown}). It would run as ${opened.run_id}.`,
      hint: 'Launch it: autolab launch',
    });
  return resultOfFailure(COMMAND, failure, {
    iteration_id: opened.iteration_id,
    experiment_id: opened.experiment_id,
    host_mode: opened.host.mode,
    stage_before: opened.position.stage,
    stage_after: opened.position.stage,
    stage_attempt: opened.position.stage_attempt,
    max_stage_attempts: opened.position.max_stage_attempts,
    problems: plan.warnings,
    details: {
      dry_run: true,
      plan: {
        command: opened.command,
        argv: opened.entrypoint.argv,
        mode: opened.launch_mode,
        approved_digest: digestOfApproval(opened.approved),
        host: opened.host,
        resource_request: opened.resource_request,
        artifacts: opened.artifacts,
        ...reuseOf(opened),
        ...(opened.data_inputs === undefined ? {} : { data_inputs: opened.data_inputs }),
        ...(plan.tasks === null ? {} : { tasks: { ...plan.tasks, chunks: site?.chunks ?? null } }),
        script_path: opened.entrypoint.script,
        script_source: opened.entrypoint.script_source,
        script: opened.documents.script,
        ...(opened.documents.activation === undefined ? {} : { activation: opened.documents.activation }),
        ...site?.details,
      },
    },
  });
}

export function dryRunOfActive(run: ActiveRun): CommandResult {
  return succeed(
    COMMAND,
    {
      message: `A run is active; launch would continue ${run.runId}.`,
      hint: 'Continue it: autolab launch',
    },
    {
      iteration_id: run.iterationId,
      run_id: run.runId,
      details: { dry_run: true, plan: null },
    },
  );
}

function reuseOf({ tasks }: OpenedData): { readonly reuse?: PlannedTakeover } {
  if (tasks?.reuse === undefined) return {};
  const { run_id, count, differences } = tasks.reuse;
  return { reuse: { run_id, taken: count, run: tasks.count - count, differences } };
}
