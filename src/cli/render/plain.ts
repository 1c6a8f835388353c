import { whereOf } from '../../errors/problem.ts';
import type { LaunchEvent } from '../../events/events.ts';
import { visible } from './visible.ts';

/** One event, one line. Pure. Returns null for an event that only a live screen shows. */
export function plainLine(event: LaunchEvent): string | null {
  switch (event.type) {
    case 'run':
      return `${event.resumed ? 'continuing run' : 'run'} ${event.run_id} (${event.mode}): ${event.run_dir}`;
    case 'todo':
      return [
        `${event.tasks.length} open task(s) mapped to launch:`,
        ...event.tasks.map((task) => `  ${visible(task.task_id)}: ${visible(task.text)}`),
      ].join('\n');
    case 'warning':
      return `warning: ${visible(whereOf(event.problem))}: ${visible(event.problem.message)}`;
    case 'note':
      return visible(event.message);
    case 'step':
      if (event.status === 'started' || event.status === 'skipped')
        return event.status === 'started' ? `${event.step} ...` : `${event.step}: skipped`;
      return `${event.step}: ${event.status}${event.message === null ? '' : ` (${visible(event.message)})`}`;
    case 'progress':
      return null;
  }
}
