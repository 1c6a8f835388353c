import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { runPaths } from '../../records/paths.ts';
import { type MirroredReceipts, mirroredReceipts } from './mirrored-receipts.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function receiptsOf(count: number): { readonly folder: string; readonly again: () => MirroredReceipts } {
  const root = mkdtempSync(join(tmpdir(), 'mirrored '));
  folders.push(root);
  const here = runPaths(root, 'i', 'r');
  const again = (): MirroredReceipts => {
    const made = mirroredReceipts(here, { count });
    if (made === null) throw new Error('the run has tasks');
    return made;
  };
  return { folder: join(here.folder, 'receipts'), again };
}

const came = (texts: Readonly<Record<string, string>>, more = false) => ({
  stamp: 's',
  texts: new Map(Object.entries(texts)),
  more,
});

const exit = (attempt: number): string =>
  `${JSON.stringify({ attempt, exit_code: 0, signal: null, ended_at: '2026-01-01T00:00:00Z' })}\n`;

describe('receipts that are mirrored', () => {
  it('are asked for once, also by the next driver', () => {
    const { folder, again } = receiptsOf(9);
    const first = again();
    expect(first.order().known).toBe('');
    expect(first.keep(came({ '1.exit': exit(0), 'claim.1.0': '{}\n', 'claim.2.0': '{}\n', '1.started': '{}\n' }))).toBe(
      false,
    );
    for (const mirror of [first, again()]) expect(mirror.order().known).toBe('c 1 2\ns 1 1\ne 1 1\n');
    expect(first.order().stamp).toBe('s');
    expect(readFileSync(join(folder, '1.exit'), 'utf8')).toBe(exit(0));
  });

  it('are read again if they are empty yet, or others take their place', () => {
    const { folder, again } = receiptsOf(9);
    const mirror = again();
    mirror.keep(came({ 'claim.3.0': '{}\n', '3.started': '', '3.exit': exit(0) }));
    expect(mirror.order().known).toBe('c 3 3\ne 3 3\n');
    mirror.keep(came({ '3.started': '{"attempt":0}\n', 'claim.3.1': '{}\n' }));
    // A requeued task begins again: the start and the end that are here are not its last ones.
    expect(mirror.order().known).toBe('c 3 3\nn claim.3.1\n');
    mirror.keep(came({ '3.exit': exit(1), '3.started': '{"attempt":1}\n' }));
    for (const one of [mirror, again()]) expect(one.order().known).toBe('c 3 3\ns 3 3\ne 3 3\nn claim.3.1\n');
    // What could not be read this time does not replace what is here.
    mirror.keep(came({ '3.exit': '' }));
    expect(readFileSync(join(folder, '3.exit'), 'utf8')).toBe(exit(1));
  });

  it('are those of the tasks there are, and go on as long as something comes', () => {
    const { folder, again } = receiptsOf(2);
    const mirror = again();
    expect(mirror.keep(came({ 'claim.1.0': '{}\n', 'claim.2.0': '{}\n' }, true))).toBe(true);
    expect(mirror.keep(came({ 'claim.1.0': '{}\n', 'claim.2.0': '{}\n' }, true))).toBe(false);
    writeFileSync(join(folder, 'cancel.0'), '{}');
    writeFileSync(join(folder, 'stop'), '{}');
    expect(again().order().known).toBe('c 1 1\n');
    expect(readdirSync(folder).sort()).toEqual(['cancel.0', 'claim.1.0', 'stop']);
  });

  it('are brought again until they are whole, and soon, because a line does not change the folder', () => {
    const { folder, again } = receiptsOf(9);
    const mirror = again();
    for (const text of ['', '{"attempt":0,"exit_c\n']) {
      mirror.keep(came({ 'claim.4.0': '{}\n', '4.exit': text }));
      expect(readFileSync(join(folder, '4.exit'), 'utf8')).toBe('');
      for (const one of [mirror, again()]) expect(one.order()).toMatchObject({ known: 'c 4 4\n', stamp: '' });
    }
    mirror.keep(came({ '4.exit': exit(0) }));
    expect(readFileSync(join(folder, '4.exit'), 'utf8')).toBe(exit(0));
    expect(mirror.order()).toMatchObject({ known: 'c 4 4\ne 4 4\n', stamp: 's' });
    // What is never whole is not waited for.
    for (let look = 0; look < 20; look += 1) mirror.keep(came({ '5.exit': 'none\n' }));
    expect(mirror.order()).toMatchObject({ known: 'c 4 4\ne 4 4\n', stamp: 's' });
  });
});
