import type { AnalysedTasks } from './analysis-schema.ts';
import type { MeasuredTasks, Setting, ValuedTask } from './measured-tasks.ts';

/** The tasks of a run as its analysis has them. Pure. */

export interface AnalysedParts {
  readonly measured: MeasuredTasks;
  /** All tasks, by their index. */
  readonly valued: readonly ValuedTask[];
  readonly completed: number;
  readonly unmeasured: number;
  readonly file: string;
}

const MOST_SETTINGS = 200;

export function analysedTasks({ measured, valued, completed, unmeasured, file }: AnalysedParts): AnalysedTasks {
  const { repetitions, valueOf, best, settings } = measured;
  const isRepeated = repetitions.length > 0;
  return {
    ...{ count: valued.length, completed, unmeasured, file },
    repetitions: [...repetitions],
    value_of: valueOf,
    metrics: measured.metrics.map(({ name, statistics, best: task }) => ({
      ...{ name, ...statistics },
      best: task === null ? null : { ...task, params: { ...valued[task.index]?.params } },
    })),
    settings: settings.length,
    best_setting: isRepeated && best !== null ? (settingPart(best)[0] ?? null) : null,
    by_setting: isRepeated ? settings.flatMap(settingPart).slice(0, MOST_SETTINGS) : [],
  };
}

/** Empty if no task of it has a value. */
function settingPart({ params, indices, statistics }: Setting): AnalysedTasks['by_setting'] {
  return statistics === null ? [] : [{ params: { ...params }, tasks: indices.length, ...statistics }];
}
