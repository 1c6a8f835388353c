import type { OpenedData } from '../../../records/run-data.ts';
import type { Objection } from '../../../run/objection.ts';

/** Reasons against tasks at a site, or null: their receipts are looked at every second, in the project's own folder. */
export function farTasksObjection({ tasks, remote }: Pick<OpenedData, 'tasks' | 'remote'>): Objection | null {
  const mode = remote?.mode ?? 'shared_fs';
  if (tasks === undefined || mode === 'shared_fs') return null;
  return {
    code: 'design.invalid',
    message: `The design has tasks, and this version starts them only where the project itself lies (the profile ${remote?.profile ?? ''} has mode ${mode}).`,
    hint: 'Launch on a login node of the cluster, use a profile with mode: shared_fs, or leave `tasks` out.',
  };
}
