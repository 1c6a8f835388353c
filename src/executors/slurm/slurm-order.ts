import { join } from 'node:path';
import { comparableSlurmScript } from '../../launch-scripts/slurm-script.ts';
import { newToken, sha256 } from '../../platform/ids.ts';
import { runPaths } from '../../records/paths.ts';
import type { SlurmOrder } from '../../records/run-data.ts';
import type { Objection } from '../../run/objection.ts';
import { JOB_SCRIPT_FILE } from '../../schedulers/receipt-files.ts';
import { sbatchArgv, submitKey } from '../../schedulers/slurm/submit.ts';
import type { ExecutorPlan, PlanInputs } from '../executor.ts';

/** What a Slurm run needs besides: its name in the queue, and the command that submits it. */

export function planSlurm(inputs: PlanInputs): ExecutorPlan | Objection {
  const order = slurmOrder(inputs);
  return 'code' in order ? order : { opened: { slurm: order }, argv: order.argv };
}

/** The name is new for every run, so that a job found under it can only be this run's. */
function slurmOrder(inputs: PlanInputs): SlurmOrder | Objection {
  const { root, runId, script, config, design, removedVariables, unusedVariables } = inputs;
  const paths = runPaths(root, design.iteration_id, runId);
  const key = submitKey(runId, newToken().slice(0, 12));
  const argv = sbatchArgv({
    script: join(paths.receipt, JOB_SCRIPT_FILE),
    key,
    chdir: root,
    logs: paths.logs,
    requeue: design.compute.requeue,
    hold: config.submit.hold,
    cluster: design.compute.cluster,
    array: design.tasks !== null,
  });
  if (!argv.ok) return { code: 'script.invalid', message: argv.message, hint: argv.hint };
  return {
    key,
    argv: argv.argv,
    requeue: design.compute.requeue,
    hold: config.submit.hold,
    reconcile_seconds: config.submit.reconcile_seconds,
    confirm_timeout_seconds: config.confirm.timeout_seconds,
    poll_min_seconds: config.poll.min_seconds,
    poll_max_seconds: config.poll.max_seconds,
    template_sha256: sha256(comparableSlurmScript(script)),
    removed_variables: removedVariables,
    ...(design.tasks === null || config.submit.chunk_tasks === null ? {} : { chunk_tasks: config.submit.chunk_tasks }),
    ...(unusedVariables.length === 0 ? {} : { unused_variables: unusedVariables }),
  };
}
