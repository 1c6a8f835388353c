import { appendFileSync } from 'node:fs';
import { basename } from 'node:path';

/**
 * Named places at which a test can kill the program: AUTOLAB_CRASH_AT=name, or name#3 for the third passage. The signal
 * is SIGKILL, so that no handler runs; nothing happens unless the variable is set. AUTOLAB_STOP_AT, with the same
 * names, stops the program there with SIGSTOP, so that a test can change files before it continues. AUTOLAB_CRASH_LOG=file lists the
 * places that were passed, one `program name` per line, so that a test can visit all of them.
 */
const wanted = process.env['AUTOLAB_CRASH_AT'];
const stop = process.env['AUTOLAB_STOP_AT'];
const log = process.env['AUTOLAB_CRASH_LOG'];
const passages = new Map<string, number>();

/** `first` runs before the kill, for example half of a write. */
export function crashPoint(name: string, first?: () => void): void {
  if (log !== undefined) appendFileSync(log, `${basename(process.argv[1] ?? '')} ${name}\n`);
  if (wanted === undefined && stop === undefined) return;
  const passage = (passages.get(name) ?? 0) + 1;
  passages.set(name, passage);
  if ((stop === name && passage === 1) || stop === `${name}#${passage}`) process.kill(process.pid, 'SIGSTOP');
  if (wanted !== name && wanted !== `${name}#${passage}`) return;
  first?.();
  process.kill(process.pid, 'SIGKILL');
}
