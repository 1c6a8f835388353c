import { SAMPLER_SCRIPT } from '../../launch-scripts/beside.ts';
import { sampleScript } from '../../launch-scripts/sample-script.ts';
import { COLLECT_FILE, SLURM_WRAPPER, WRAPPER_FILE } from '../../launch-scripts/slurm-wrapper.ts';
import { TASKS_SCRIPT } from '../../launch-scripts/tasks/prologue.ts';
import { slurmTasksScript } from '../../launch-scripts/tasks/slurm-tasks-script.ts';
import type { OpenedData, TasksOrder } from '../../records/run-data.ts';
import { activationBeside } from '../../run/activation-beside.ts';
import { collectScript } from '../../run/collect-script.ts';
import { environmentBeside } from '../../run/environment-beside.ts';
import { inputsBeside } from '../../run/inputs-beside.ts';
import { OBSERVED_FORMAT } from '../../run/observe.ts';
import { hasWrapper } from '../../run/run-start.ts';
import type { TextsBeside } from '../../sites/carrier.ts';

/** Between SIGTERM and SIGKILL for a task whose time is over, if the design does not say it. */
const DEFAULT_GRACE_SECONDS = 10;

/** The files that the script of a Slurm run needs beside it, in `receipt/`: name and text. `folder`: of the run, as the job sees it. */
export function textsBeside(opened: OpenedData, folder: string): TextsBeside {
  if (!hasWrapper(opened)) return [];
  if (opened.tasks !== undefined) return textsForTasks(opened, opened.tasks);
  const limit = opened.resource_request.time_seconds;
  const collect = collectScript(folder, opened.artifacts);
  return [
    [WRAPPER_FILE, SLURM_WRAPPER],
    ...(collect === null ? [] : [[COLLECT_FILE, collect] as const]),
    ...(opened.format < OBSERVED_FORMAT ? [] : [[SAMPLER_SCRIPT, sampleScript(limit)] as const]),
    ...activationBeside(opened),
    ...environmentBeside(opened),
    ...inputsBeside(opened),
  ];
}

/** No samples: those of one element would pass for the run's. */
function textsForTasks(opened: OpenedData, { parameters }: TasksOrder): TextsBeside {
  const names = parameters.map(({ name }) => name);
  return [
    [TASKS_SCRIPT, slurmTasksScript(names, opened.resource_request.grace_seconds ?? DEFAULT_GRACE_SECONDS)],
    ...activationBeside(opened),
    ...environmentBeside(opened),
    ...inputsBeside(opened),
  ];
}
