import type { AnalysedTasks } from './analysis-schema.ts';

/** What the values of a run with tasks are, in words. Pure. */

/** To follow `are`: `the mean of 3 tasks with lr=0.1, the best of 4 settings`. */
export function valueOfWords(
  tasks: Pick<AnalysedTasks, 'value_of' | 'metrics' | 'best_setting' | 'settings' | 'completed'>,
): string {
  const { value_of, metrics, best_setting: setting, settings } = tasks;
  if (value_of === 'all_tasks') return 'the mean of all tasks';
  if (value_of === 'best_setting' && setting !== null) {
    if (settings === 1) return `the mean of ${taskCount(setting.n)}`;
    const words = paramWords(setting.params);
    return `the mean of ${taskCount(setting.n)} with ${words}, the best of ${settings} settings`;
  }
  const best = metrics[0]?.best ?? null;
  return best === null ? 'not known' : `those of the best task, ${best.index}${withWords(best.params)}`;
}

function taskCount(count: number): string {
  return count === 1 ? '1 task' : `${count} tasks`;
}

function withWords(params: Readonly<Record<string, string>>): string {
  const words = paramWords(params);
  return words === '' ? '' : `: ${words}`;
}

/** `lr=0.1, seed=3`. */
function paramWords(params: Readonly<Record<string, string>>): string {
  return Object.entries(params)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
}
