import { join } from 'node:path';
import { readTextOrNull } from '../platform/files.ts';
import { STATE } from '../records/paths.ts';
import type { PositionData } from '../records/run-data.ts';
import { leavesTasks } from './tasks/left-tasks.ts';

/** The few keys of state.json that a glance needs, without the checks (and the start-up time) of project/state.ts. */
export interface LightState {
  readonly iteration_id: string;
  readonly experiment_id: string | null;
  readonly stage: string;
  readonly stage_attempt: number;
  readonly max_stage_attempts: number | null;
  readonly last_run_id: string | null;
  readonly pending_run_id: string | null;
  readonly sync_status: string | null;
  /** The last run ended without all of its tasks. */
  readonly leaves_tasks: boolean;
}

/** Returns null if the file is missing or invalid; the full reader says why. */
export function lightState(root: string): LightState | null {
  try {
    const value = JSON.parse(readTextOrNull(join(root, STATE))?.replace(/^\uFEFF/, '') ?? 'null') as Record<
      string,
      unknown
    > | null;
    if (value === null || typeof value !== 'object') return null;
    const text = (name: string): string | null =>
      typeof value[name] === 'string' && value[name] !== '' ? value[name] : null;
    const count = (name: string): number | null => (typeof value[name] === 'number' ? value[name] : null);
    const iteration = text('iteration_id');
    const stage = text('stage');
    if (iteration === null || stage === null) return null;
    return {
      iteration_id: iteration,
      experiment_id: text('experiment_id'),
      stage,
      stage_attempt: count('stage_attempt') ?? 0,
      max_stage_attempts: count('max_stage_attempts'),
      last_run_id: text('last_run_id'),
      pending_run_id: text('pending_run_id'),
      sync_status: text('sync_status'),
      leaves_tasks: leavesTasks(value['history'], text('last_run_id')),
    };
  } catch {
    return null;
  }
}

/** Where the workflow stands; at the launch if the file does not say. */
export function lightPosition(root: string): PositionData {
  const { stage = 'launch', stage_attempt = 0, max_stage_attempts = null } = lightState(root) ?? {};
  return { stage, stage_attempt, max_stage_attempts: max_stage_attempts ?? 0 };
}
