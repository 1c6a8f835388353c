import { jobLogs, OWN_LOGS } from '../log-names.ts';
import type { OutcomeData } from '../run-data.ts';
import type { RunState, StepView, TaskState, TaskView } from './state.ts';

/** A task with what follows from the run's steps. */
export function taskView(task: TaskState, { steps, opened }: RunState): TaskView {
  return {
    ...task,
    outcome: outcomeOf(steps),
    logs: opened.slurm === null ? OWN_LOGS : jobLogs(task.job?.job_id ?? NO_JOB),
  };
}

/** In the logs' names of a job that was not submitted yet: it has none. */
const NO_JOB = 'not-submitted';

/** A step in which a task can fail. */
const CARRYING = ['execute', 'submit', 'wait', 'confirm'];
/** A step whose good end is that of the task. */
const ENDING = ['execute', 'confirm'];

function outcomeOf(steps: ReadonlyMap<string, StepView>): OutcomeData | null {
  const inStep = (names: readonly string[], status: OutcomeData['status']): OutcomeData | undefined =>
    names.map((name) => steps.get(name)?.outcome ?? null).find((outcome) => outcome?.status === status) ?? undefined;
  return inStep(CARRYING, 'failed') ?? inStep(ENDING, 'done') ?? null;
}
