import type { Manifest } from './manifest-schema.ts';
import type { RunView } from './run-view.ts';

/** The manifest's `tasks`: left out if the run has one, without parameters. Pure. */
export function projectTasks({ opened: { tasks }, closed }: RunView): Pick<Manifest, 'tasks'> {
  if (tasks === undefined) return {};
  const { parameters, ...order } = tasks;
  const result = closed?.tasks ?? null;
  return {
    tasks: {
      ...order,
      parameters: [...parameters],
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
