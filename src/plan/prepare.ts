import { failureOf } from '../errors/failure.ts';
import type { Emit } from '../events/events.ts';
import { exists, listNames } from '../platform/files.ts';
import { newRunId, sha256 } from '../platform/ids.ts';
import { now } from '../platform/time.ts';
import { checkRunId } from '../project/ids.ts';
import { runPaths } from '../records/paths.ts';
import { formatTaskList } from '../records/tasks/task-list.ts';
import { withhold } from '../records/withheld.ts';
import { listRuns } from '../run/claim.ts';
import { judgeGate } from './gate.ts';
import { type Guarded, guardPlace, guardProject, guardStage } from './guard.ts';
import { judgeLaunch } from './judge.ts';
import { type Look, lookForLaunch } from './look.ts';
import type { Plan, Prepared, PrepareOptions, Refusal } from './plan.ts';
import { plannedTasks } from './planned-tasks.ts';
import { planReuse } from './reuse/plan-reuse.ts';

/** guard → read → detect-host → gate. Reads everything, decides everything, writes nothing. */
export async function prepareLaunch(root: string, options: PrepareOptions, emit: Emit): Promise<Prepared> {
  const guarded = guardProject(root);
  if (!guarded.ok) return { kind: 'refused', failure: guarded.failure };
  const staged = guardStage(guarded.value);
  if (!staged.ok) return { kind: 'refused', failure: staged.failure };
  const runId = chooseRunId(root, staged.value, options);
  if ('failure' in runId) return { kind: 'refused', failure: runId.failure };
  return readAndGate(root, staged.value, runId.id, options, emit);
}

/** Whether what the guards looked at is as it was then. */
export function isAsGuarded(root: string, digest: string): boolean {
  const guarded = guardProject(root);
  return guarded.ok && guardDigestOf(guarded.value) === digest;
}

/** Digest of what the guards looked at. */
function guardDigestOf(guarded: Guarded): string {
  return sha256(`${sha256(guarded.stateText)}${sha256(guarded.backlogText)}`);
}

async function readAndGate(
  root: string,
  guarded: Guarded,
  runId: string,
  options: PrepareOptions,
  emit: Emit,
): Promise<Prepared> {
  const paths = runPaths(root, guarded.state.iteration_id, runId);
  const { onExecutor } = options;
  const look = await lookForLaunch(root, guarded, options.profile, {
    inputs: options.dryRun === true ? 'digests' : 'digests, kept',
    readCode: options.failedOnly === true,
    runFolder: paths.relative,
    ...(onExecutor === undefined
      ? {}
      : {
          onExecutor: (wanted, inputs) => {
            onExecutor(() => wanted.startAhead(root, paths, inputs));
            // While git and the probes are waited for. If that fails, the driver says why.
            wanted.loadSteps().catch(() => undefined);
          },
        }),
  });
  if (look.openTodo.length > 0) emit({ type: 'todo', tasks: [...look.openTodo] });
  for (const message of look.host.warnings) emit({ type: 'note', message });
  const judged = await judgeLaunch(root, look, { runId, allowOpenTodo: options.allowOpenTodo });
  for (const message of judged.notes) emit({ type: 'note', message });
  const guardDigest = guardDigestOf(guarded);
  const { opened, problems } = judged;
  const inputList = look.inputs.recorded?.list ?? null;
  const taskList = look.tasks.list === null ? null : formatTaskList(look.tasks.list.tasks);
  const tasks = opened === null ? null : plannedTasks(root, withhold(opened).opened, look.tasks.list);
  if (opened !== null) {
    const lists = { inputList, taskList, reusedList: null };
    const plan: Plan = { kind: 'plan', opened, ...lists, tasks, warnings: problems, guardDigest };
    return options.failedOnly === true ? withReuse(root, look, plan) : plan;
  }
  const { stage, stage_attempt, max_stage_attempts } = guarded.state;
  return {
    kind: 'gate',
    failure: judgeGate(judged.objections, problems) ?? failureOf('internal'),
    position: { stage, stage_attempt, max_stage_attempts },
    iterationId: guarded.state.iteration_id,
    experimentId: guarded.experiment.id,
    host: look.detection.record,
    openTodo: look.openTodo,
    guardDigest,
  };
}

/** Guards what is there: a launch that cannot take over anything writes nothing. */
async function withReuse(root: string, look: Look, plan: Plan): Promise<Plan | Refusal> {
  const planned = await planReuse(root, look, plan.opened);
  if (!planned.ok) return { kind: 'refused', failure: planned.failure };
  const { reuse, list } = planned.value;
  const { tasks } = plan.opened;
  return tasks === undefined
    ? plan
    : { ...plan, opened: { ...plan.opened, tasks: { ...tasks, reuse } }, reusedList: list };
}

/** `--run-id`, else what a caller put into state.json, else a new one. Never the id of a run that exists. */
function chooseRunId(
  root: string,
  guarded: Guarded,
  options: PrepareOptions,
): { readonly id: string } | { readonly failure: ReturnType<typeof failureOf> } {
  const { state } = guarded;
  const wanted = options.runId;
  const id =
    wanted ??
    state.pending_run_id ??
    newRunId(
      now(),
      listRuns(root).map(({ runId }) => runId),
    );
  const source = wanted !== null ? '--run-id' : 'pending_run_id in .autolab/state.json';
  const reason = checkRunId(id);
  if (reason !== null)
    return {
      failure: failureOf('path.unsafe_id', {
        message: `${source} ${JSON.stringify(id)} cannot be a run id: ${reason}.`,
      }),
    };
  const paths = runPaths(root, state.iteration_id, id);
  const escape = guardPlace(root, paths.relative);
  if (escape !== null) return { failure: escape };
  if (options.adopt !== true && exists(paths.folder) && listNames(paths.folder).length > 0) {
    return {
      failure: failureOf('run.exists', { message: `The run ${id} (${source}) exists already: ${paths.relative}.` }),
    };
  }
  return { id };
}
