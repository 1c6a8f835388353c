import { AppendFile } from '../platform/append-file.ts';
import { crashPoint } from '../platform/crash-points.ts';
import { readTextOrNull, truncateFile } from '../platform/files.ts';
import { sha256 } from '../platform/ids.ts';
import { now } from '../platform/time.ts';
import { formatEntry, type JournalEntry, type JournalHead, parseJournal } from './journal.ts';
import type { EventName, JournalEvents } from './journal-events.ts';

/** The journal of one run, open for appending by the one driver that holds the lease. */

export interface JournalAuthor {
  readonly driver: string;
  readonly epoch: number;
  /** Called before every line: throws if the lease was lost, so that a driver that was taken over writes nothing. */
  readonly assertHeld: () => void;
  /** Called if another process changed the file while it was open; must throw. */
  readonly stop: (damage: JournalDamage) => never;
}

export interface JournalDamage {
  readonly line: number;
  readonly reason: string;
}

export type JournalOpen =
  { readonly ok: true; readonly journal: JournalWriter } | ({ readonly ok: false } & JournalDamage);

export class JournalWriter {
  readonly entries: JournalEntry[];
  private current: JournalHead;
  private readonly path: string;
  private readonly file: AppendFile;
  private readonly author: JournalAuthor;

  private constructor(path: string, author: JournalAuthor, entries: JournalEntry[], head: JournalHead) {
    this.path = path;
    this.file = AppendFile.open(path);
    this.author = author;
    this.entries = entries;
    this.current = head;
  }

  /** Opens and replays. A torn last line is truncated, and that it was is written down. */
  static open(path: string, author: JournalAuthor): JournalOpen {
    const text = readTextOrNull(path) ?? '';
    const read = parseJournal(text);
    if (read.kind === 'corrupt') return { ok: false, line: read.line, reason: read.reason };
    if (read.torn !== null) {
      author.assertHeld();
      // By bytes, because the torn rest may have been cut inside a character.
      truncateFile(path, Buffer.byteLength(text.slice(0, text.length - read.torn.length), 'utf8'));
    }
    const writer = new JournalWriter(path, author, [...read.entries], read.head);
    if (read.torn !== null && read.entries.length > 0) {
      writer.append('journal', 'journal.truncated', { characters: read.torn.length });
    }
    return { ok: true, journal: writer };
  }

  get head(): JournalHead {
    return this.current;
  }

  /** Writes one durable line. The crash points stand before it, in the middle of it, and after it. */
  append<Name extends EventName>(step: string, event: Name, data: JournalEvents[Name]): void {
    this.author.assertHeld();
    this.assertIntact();
    crashPoint(`journal.${step}.${event}.before`);
    const entry: JournalEntry = {
      seq: this.current.lines + 1,
      at: now(),
      driver: this.author.driver,
      epoch: this.author.epoch,
      step,
      event,
      // Through JSON once, so that what is in memory is what a replay would read.
      data: JSON.parse(JSON.stringify(data)) as Record<string, unknown>,
      prev: this.current.head,
    };
    const line = formatEntry(entry);
    crashPoint(`journal.${step}.${event}.torn`, () => {
      this.file.append(line.slice(0, line.length >> 1));
    });
    this.file.append(`${line}\n`);
    crashPoint(`journal.${step}.${event}.after`);
    this.entries.push(entry);
    this.current = { lines: entry.seq, head: sha256(line) };
  }

  /** Stops the driver if the file is not what it left: nothing is ever added to a broken chain. */
  assertIntact(): void {
    const damage = this.findDamage();
    if (damage !== null) this.author.stop(damage);
  }

  private findDamage(): JournalDamage | null {
    const since = this.file.sinceLeft();
    if (since === 'as left') return null;
    if (since === 'gone') return { line: 1, reason: 'the journal of the active run is gone' };
    const changed = {
      line: this.current.lines,
      reason: 'another process changed the journal while a driver had it open',
    };
    if (since === 'replaced') return changed;
    // Perhaps only a time stamp changed: the chain shows it.
    const read = parseJournal(readTextOrNull(this.path) ?? '');
    if (read.kind === 'corrupt') return read;
    if (read.torn !== null || read.head.head !== this.current.head) return changed;
    this.file.remember();
    return null;
  }

  close(): void {
    this.file.close();
  }
}
