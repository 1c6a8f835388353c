/** Whether the last run ended without all of its tasks, as the history in state.json says. Pure. */
export function leavesTasks(history: unknown, lastRunId: string | null): boolean {
  if (!Array.isArray(history) || lastRunId === null) return false;
  const entries = history as readonly ({ readonly run_id?: unknown; readonly code?: unknown } | null | undefined)[];
  const code = entries.findLast((entry) => entry?.run_id === lastRunId)?.code;
  return code === 'tasks.failed' || code === 'tasks.unfinished';
}
