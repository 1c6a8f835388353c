import { describe, expect, it } from 'vitest';
import { fc } from '../../test/support/properties.ts';
import { sha256 } from '../platform/ids.ts';
import { FIRST_PREV, formatEntry, type JournalEntry, parseJournal, tailIsClosed } from './journal.ts';

function journalOf(events: readonly { readonly event: string; readonly data: Record<string, unknown> }[]): string {
  let prev = FIRST_PREV;
  return events
    .map(({ event, data }, index) => {
      const entry: JournalEntry = {
        seq: index + 1,
        at: '2026-11-24T03:15:00.000Z',
        driver: 'd',
        epoch: 1,
        step: 'close',
        event,
        data,
        prev,
      };
      const line = formatEntry(entry);
      prev = sha256(line);
      return `${line}\n`;
    })
    .join('');
}

const three = journalOf([
  { event: 'run.opened', data: { run_id: 'r1' } },
  { event: 'step.intent', data: { text: 'a "quoted" \n line' } },
  { event: 'run.closed', data: { code: 'run.completed' } },
]);

describe('parseJournal', () => {
  it('reads an intact journal and its head', () => {
    const read = parseJournal(three);
    expect(read).toMatchObject({
      kind: 'intact',
      torn: null,
      head: { lines: 3, head: sha256(three.trimEnd().split('\n').at(-1) ?? '') },
    });
  });

  it('tells a torn last line from a break in the middle, at every cut', () => {
    const ends = Array.from(three.matchAll(/\n/g), (match) => match.index + 1);
    for (let cut = 0; cut < three.length; cut += 1) {
      const read = parseJournal(three.slice(0, cut));
      expect(read.kind).toBe('intact');
      if (read.kind !== 'intact') continue;
      expect(read.entries).toHaveLength(ends.filter((end) => end <= cut).length);
      expect(read.torn === null).toBe(cut === 0 || ends.includes(cut));
    }
  });

  it('finds any changed character of a whole line but the last', () => {
    const first = three.indexOf('\n');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: first - 1 }), fc.constantFrom('x', '0', ' ', '"'), (at, character) => {
        fc.pre(three[at] !== character);
        expect(parseJournal(three.slice(0, at) + character + three.slice(at + 1)).kind).toBe('corrupt');
      }),
    );
  });

  it('names the line where the chain breaks', () => {
    const lines = three.split('\n');
    expect(parseJournal([lines[0], lines[2], ''].join('\n'))).toMatchObject({ kind: 'corrupt', line: 2 });
    expect(parseJournal(`${lines[0] ?? ''}\nnot json\n`)).toEqual({
      kind: 'corrupt',
      line: 2,
      reason: 'the line is not JSON',
    });
  });
});

describe('tailIsClosed', () => {
  it('agrees with the whole journal, from its end alone', () => {
    expect(tailIsClosed(three.slice(-300))).toBe(true);
    expect(tailIsClosed(three.slice(0, -1))).toBe(false);
    expect(tailIsClosed('')).toBe(false);
  });

  it('is not fooled by data that looks like an event', () => {
    const text = journalOf([
      {
        event: 'step.outcome',
        data: { message: '","event":"run.closed","prev":"' + '0'.repeat(64) + '","seq":1,"step":"close"}' },
      },
    ]);
    expect(tailIsClosed(text)).toBe(false);
  });
});
