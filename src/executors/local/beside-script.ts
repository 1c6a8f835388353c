import { localTasksScript } from '../../launch-scripts/tasks/local-tasks-script.ts';
import { TASKS_SCRIPT } from '../../launch-scripts/tasks/prologue.ts';
import type { OpenedData } from '../../records/run-data.ts';
import { activationBeside } from '../../run/activation-beside.ts';
import { environmentBeside } from '../../run/environment-beside.ts';
import { inputsBeside } from '../../run/inputs-beside.ts';
import type { TextsBeside } from '../../sites/carrier.ts';

/** The files that the script of a local run needs beside it, in `receipt/`: name and text. */
export function textsBesideLocal(opened: OpenedData): TextsBeside {
  const { tasks } = opened;
  return [
    ...(tasks === undefined
      ? []
      : [[TASKS_SCRIPT, localTasksScript(tasks.parameters.map(({ name }) => name))] as const]),
    ...activationBeside(opened),
    ...environmentBeside(opened),
    ...inputsBeside(opened),
  ];
}
