/** The last lines of a script for many tasks. `command`: one task, as `autolab_run …`. Pure. */
export function tasksBlock(command: string): string {
  return `autolab_task() {
  ${command}
}
autolab_tasks`;
}
