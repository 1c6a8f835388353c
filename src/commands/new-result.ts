import type { Failure } from '../errors/failure.ts';
import type { Problem } from '../errors/problem.ts';
import { designFileOf, type GuardDocuments } from '../project/read.ts';
import { BACKLOG, STATE } from '../records/paths.ts';
import { commandOfStage } from '../workflow/stages.ts';
import type { Lack } from './new-lacks.ts';
import type { NewFiles } from './new-place.ts';
import type { TasksOfNew } from './new-tasks.ts';
import { type CommandResult, resultOfFailure, type ResultParts, stageKeys, succeed } from './result.ts';

/** What `autolab new` says. */

const COMMAND = 'new';

export interface NewPlan {
  readonly documents: GuardDocuments;
  readonly files: NewFiles;
  readonly location: 'local' | 'slurm';
  /** Why this location; null if it was given. */
  readonly detected: string | null;
  /** Null if the run has one task. */
  readonly tasks: TasksOfNew | null;
  readonly lacks: readonly Lack[];
  readonly warnings: readonly Problem[];
}

interface MadeFiles {
  readonly stage: string;
  readonly created: readonly string[];
}

function partsOfNew({ files, documents, location }: NewPlan): ResultParts {
  return {
    iteration_id: files.id,
    experiment_id: files.id,
    host_mode: location,
    ...stageKeys(documents.state, documents.state),
  };
}

export function refusedNew(failure: Failure, plan?: NewPlan): CommandResult {
  const parts = plan === undefined ? {} : partsOfNew(plan);
  // A design that is only copied sends no workflow back.
  return resultOfFailure(COMMAND, failure, {
    ...parts,
    ...(failure.code === 'design.invalid' ? { outcome: 'refused' } : {}),
  });
}

export function resultOfNew(plan: NewPlan, { stage, created }: MadeFiles): CommandResult {
  const { files, location, detected, tasks, lacks, warnings, documents } = plan;
  const file = designFileOf(files.id);
  const where = detected === null ? location : `${location}: ${detected}`;
  const done =
    created.length === 0
      ? `The experiment ${files.id} is there already`
      : `Created the experiment ${files.id} (${where})${tasks === null ? '' : `, with ${tasks.words}`}`;
  const problems = [...warnings, ...lacks.map(({ problem }) => problem)];
  const made = [...(files.copy === null ? [] : [files.copy.path]), file, BACKLOG, STATE];
  const { max_stage_attempts, stage_attempt } = documents.state;
  const after = { stage, stage_attempt: created.length === 0 ? stage_attempt : 0, max_stage_attempts };
  return succeed(
    COMMAND,
    { message: `${done}, at the stage ${stage}. Its design: ${file}`, hint: hintOf(stage, lacks, tasks) },
    {
      ...partsOfNew(plan),
      ...stageKeys(documents.state, after),
      problems,
      details: { created: created.length === 0 ? [] : made, design: file, location, tasks: tasks?.told ?? null },
    },
  );
}

function hintOf(stage: string, lacks: readonly Lack[], tasks: TasksOfNew | null): string {
  const [first] = lacks;
  const command = commandOfStage(stage) ?? 'autolab status';
  const begins = tasks?.first ?? null;
  const look = begins === null ? 'Look at the design' : `Look at the design (the first task: ${begins})`;
  return `${first === undefined ? look : first.advice}, then: ${command}`;
}
