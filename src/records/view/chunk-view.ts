import { jobLogs, OWN_LOGS } from '../log-names.ts';
import type { OutcomeData } from '../run-data.ts';
import type { ChunkState, ChunkView, RunState, StepView } from './state.ts';

/** A chunk with what follows from the run's steps. */
export function chunkView(chunk: ChunkState, { steps, opened }: RunState): ChunkView {
  return {
    ...chunk,
    outcome: outcomeOf(steps),
    logs: opened.slurm === null ? OWN_LOGS : jobLogs(chunk.job?.job_id ?? NO_JOB),
  };
}

/** In the logs' names of a job that was not submitted yet: it has none. */
const NO_JOB = 'not-submitted';

/** A step in which the run itself can fail. */
const CARRYING = ['execute', 'submit', 'wait', 'confirm'];
/** A step whose good end is that of the run itself. */
const ENDING = ['execute', 'confirm'];

function outcomeOf(steps: ReadonlyMap<string, StepView>): OutcomeData | null {
  const inStep = (names: readonly string[], status: OutcomeData['status']): OutcomeData | undefined =>
    names.map((name) => steps.get(name)?.outcome ?? null).find((outcome) => outcome?.status === status) ?? undefined;
  return inStep(CARRYING, 'failed') ?? inStep(ENDING, 'done') ?? null;
}
