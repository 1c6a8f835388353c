import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseJournal } from '../records/journal.ts';
import { replay, type RunView } from '../records/run-view.ts';
import { mayLackTheirEnd } from './news.ts';

function viewOf(record: string): RunView {
  const read = parseJournal(readFileSync(`test/fixtures/records/${record}/journal.jsonl`, 'utf8'));
  const view = read.kind === 'corrupt' ? null : replay(read.entries, read.head);
  if (view === null) throw new Error(`${record} has no run`);
  return view;
}

describe('logs of a closed run', () => {
  it('are whole here if the run was here, or if what was brought back was compared', () => {
    const whole = ['local-failed', 'slurm-completed', 'ssh-completed', 'ssh-failed', 'ssh-cancelled'];
    expect(readdirSync('test/fixtures/records/format-2')).toEqual(expect.arrayContaining(whole));
    expect(whole.filter((name) => mayLackTheirEnd(viewOf(`format-2/${name}`)))).toEqual([]);
  });

  it('may be longer there if that was not so', () => {
    expect(mayLackTheirEnd(viewOf('format-1/ssh-abandoned'))).toBe(true);
    const view = viewOf('format-2/ssh-failed');
    const steps = new Map([...view.steps].filter(([name]) => name !== 'salvage'));
    expect(mayLackTheirEnd({ ...view, steps })).toBe(true);
  });
});
