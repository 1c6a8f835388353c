import { describe, expect, it } from 'vitest';
import type { JournalEntry } from './journal.ts';
import { allOf, EVENT_NAMES, eventOf, lastOf } from './journal-events.ts';
import type { JournalWriter } from './journal-file.ts';

const line = (event: string, data: Readonly<Record<string, unknown>> = {}, at = '2026-11-24T10:00:00.000Z') =>
  ({ seq: 1, at, driver: 'd', epoch: 1, step: 'wait', event, data, prev: '' }) satisfies JournalEntry;

describe('an event', () => {
  it('is typed by its name', () => {
    const event = eventOf(line('job.hopeless', { reason: 'BadConstraints' }));
    expect(event?.event === 'job.hopeless' ? event.data.reason : null).toBe('BadConstraints');
  });

  it.each(['job.painted', 'constructor', '__proto__', ''])('of another version is not guessed at: "%s"', (name) => {
    expect(eventOf(line(name))).toBeNull();
  });

  it('is found by its name, the last one or all of them', () => {
    const lines = [line('submit.tried', { attempt: 1 }), line('job.releasing'), line('submit.tried', { attempt: 2 })];
    expect(lastOf(lines, 'submit.tried')?.data.attempt).toBe(2);
    expect(lastOf(lines, 'job.released')).toBeNull();
    expect(allOf(lines, 'submit.tried').map(({ data }) => data.attempt)).toEqual([1, 2]);
  });

  it('has a name that ends what it is about', () => {
    expect(EVENT_NAMES.filter((name) => !/^[a-z]+\.[a-z_]+$/.test(name))).toEqual([]);
  });
});

/** Never called: the compiler checks what stands behind `@ts-expect-error`, and `npm run check -- types` runs it. */
export function wrongAppends(journal: JournalWriter): void {
  journal.append('wait', 'job.hopeless', { reason: 'BadConstraints' });
  // @ts-expect-error no such event
  journal.append('wait', 'job.painted', {});
  // @ts-expect-error no such data
  journal.append('wait', 'job.hopeless', { words: 'BadConstraints' });
  // @ts-expect-error more than the event has
  journal.append('submit', 'job.released', { job_id: '7' });
  // @ts-expect-error less than the event has
  journal.append('submit', 'job.submitted', { job_id: '7' });
  // @ts-expect-error another event's data
  journal.append('wait', 'cancel.requested', { reason: 'BadConstraints' });
  // @ts-expect-error an answer that `sbatch` cannot give
  journal.append('submit', 'submit.settled', { found: 'one' });
}
