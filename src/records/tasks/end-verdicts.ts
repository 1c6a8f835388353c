import type { TaskEnd } from './task-end.ts';

/**
 * What every judge of how a task ended says in the same words: while the run is followed, or by the receipts alone. Records
 * hold these sentences: a change of one shows in new records only. Pure.
 */
export type EndVerdict = Pick<TaskEnd, 'state' | 'code' | 'message'>;

export const COMPLETED: EndVerdict = { state: 'completed', code: null, message: null };
export const CANCELLED_BEFORE: EndVerdict = {
  state: 'cancelled',
  code: 'run.cancelled',
  message: 'It was cancelled before it began.',
};

/** Without the end of the sentence. */
export const PERHAPS_BEGUN = 'It was claimed, and nothing says whether it began';

export function taskEndUnknown(message: string): EndVerdict {
  return { state: 'end_unknown', code: 'tasks.end_unknown', message };
}

export function taskNotStarted(message: string): EndVerdict {
  return { state: 'not_started', code: 'tasks.not_started', message };
}

export function taskCancelled(message: string): EndVerdict {
  return { state: 'cancelled', code: 'run.cancelled', message };
}

export function couldNotStart(words: string): string {
  return `It could not be started: ${words}.`;
}
