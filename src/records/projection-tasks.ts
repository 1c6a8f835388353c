import type { Manifest } from './manifest-schema.ts';
import type { TasksReuse } from './run-data.ts';
import type { RunView } from './run-view.ts';

/** The manifest's `tasks`: left out if the run has one, without parameters. Pure. */
export function projectTasks({ opened: { tasks }, observed, closed }: RunView): Pick<Manifest, 'tasks'> {
  if (tasks === undefined) return {};
  const { parameters, reuse, ...order } = tasks;
  const result = closed?.tasks ?? null;
  return {
    tasks: {
      ...order,
      parameters: [...parameters],
      ...(reuse === undefined ? {} : { reuse: projectReuse(reuse, observed?.environment?.fingerprint ?? null) }),
      result:
        result === null
          ? null
          : {
              ...result,
              by_state: { ...result.by_state },
              by_code: { ...result.by_code },
              first_failures: [...result.first_failures],
            },
    },
  };
}

/** `environment`: the fingerprint of this run's, which is known only after it ran. */
function projectReuse(reuse: TasksReuse, environment: string | null): NonNullable<Manifest['tasks']>['reuse'] {
  const { environment_fingerprint: earlier, differences, ...others } = reuse;
  const differs = earlier === null || environment === null ? null : earlier !== environment;
  return {
    ...others,
    environment_fingerprint: earlier,
    environment_differs: differs,
    differences: [...differences],
  };
}
