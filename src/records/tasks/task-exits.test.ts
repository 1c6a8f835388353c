import { expect, it } from 'vitest';
import { formatTaskExits, type KnownTask, parseTaskExits } from './task-exits.ts';

const ENDED: KnownTask = {
  index: 3,
  claimed_at: '2026-11-24T03:15:00.000Z',
  exit: {
    ...{ attempt: 0, exit_code: 1, signal: null, ended_by: null, start_error: null, oom: null },
    ...{ started_at: '2026-11-24T03:15:00.000Z', ended_at: '2026-11-24T03:15:01.000Z' },
    ...{ wall_seconds: 1, cpu_seconds: 0.5, max_rss_bytes: 1024 },
  },
};
const BEGUN: KnownTask = { index: 4, claimed_at: '2026-11-24T03:15:01.000Z', exit: null };

it('says of each task what its supervisor knew, and nothing of what is no receipt', () => {
  const text = formatTaskExits([ENDED, BEGUN]);
  expect(parseTaskExits(text)).toEqual([ENDED, BEGUN]);
  const strange = [null, 7, 'ended', [], { attempt: 'one' }].map((exit) => JSON.stringify({ ...BEGUN, exit }));
  expect(parseTaskExits(`${strange.join('\n')}\n`)?.map(({ exit }) => exit)).toEqual([null, null, null, null, null]);
  expect(parseTaskExits(`${text}{"index": 5}\n`)).toBeNull();
});
