import { spawnSync } from 'node:child_process';
import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { lookArgv, parseLook } from './far-look.ts';
import { type FarReceipts, type KnownReceipts, knownReceipts } from './far-receipts.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'far receipts '));
  folders.push(made);
  mkdirSync(join(made, 'receipt'));
  mkdirSync(join(made, 'receipts'));
  return made;
}

const NOTHING: KnownReceipts = { claims: [], started: [], exits: [], names: [] };

interface Looking {
  readonly stamp?: string;
  readonly waitSeconds?: number;
}

function look(at: string, known: KnownReceipts, { stamp = '', waitSeconds = 0 }: Looking = {}): FarReceipts {
  const receipts = { folder: 'receipts', stamp, calmSeconds: 0, known: knownReceipts(known) };
  const [command = '', ...words] = lookArgv({
    ...{ folder: at, small: 'receipt', wanted: ['claim'], known: NONE_YET, growing: [], beside: null, receipts },
    ...{ waitSeconds, calmSeconds: 0, question: null },
  });
  const { stdout } = spawnSync(command, words, { input: receipts.known });
  const found = parseLook(stdout.toString('utf8')).receipts;
  if (found === null) throw new Error(`no receipts in ${stdout.toString('utf8')}`);
  return found;
}

/** What the state of the small files is called while there are none. */
const NONE_YET = execFileSync('sh', ['-c', "printf '' | cksum | tr ' \\t' '--'"], { encoding: 'utf8' }).trim();

const textsOf = ({ texts }: FarReceipts): Readonly<Record<string, string>> => Object.fromEntries(texts);

describe('a look at the receipts of many tasks', () => {
  it('brings the new ones alone, and nothing that a task called like one', () => {
    const at = folder();
    const write = (name: string, text: string): void => {
      writeFileSync(join(at, 'receipts', name), text);
    };
    for (let index = 0; index < 12; index += 1) write(`claim.${index}.0`, `{"n":"${index}"}\n`);
    write('3.exit', '{"x":"a: b"}\nmore\n');
    write('3.started', '');
    write('claim.4.1', '{}\n');
    write('element.12_3.0', '{"e":1}\n');
    write('huge.exit', 'x');
    write('5.exit', 'x'.repeat(100_000));
    write('stop', '{}');
    write('6.exit\nclaim.7.0', '{}');
    mkdirSync(join(at, 'receipts/own.1_2'));
    mkdirSync(join(at, 'receipts/8.exit'));
    symlinkSync('/etc/passwd', join(at, 'receipts/9.exit'));
    execFileSync('mkfifo', [join(at, 'receipts/10.exit')]);
    const first = look(at, { ...NOTHING, claims: [0, 1, 2, 5, 6, 7, 9, 10, 11] });
    expect(textsOf(first)).toEqual({
      'claim.3.0': '{"n":"3"}\n',
      'claim.4.0': '{"n":"4"}\n',
      'claim.8.0': '{"n":"8"}\n',
      'claim.4.1': '{}\n',
      '3.exit': '{"x":"a: b"}\n',
      '3.started': '',
      'element.12_3.0': '{"e":1}\n',
      '5.exit': '',
    });
    expect(first.more).toBe(false);
    const claims = Array.from({ length: 12 }, (_, index) => index);
    const known = { claims, started: [3], exits: [3, 5], names: ['claim.4.1', 'element.12_3.0'] };
    expect(textsOf(look(at, known, first))).toEqual({});
  });

  it('ends its wait when one is made, linked or replaced', () => {
    const at = folder();
    const receipts = join(at, 'receipts');
    writeFileSync(join(receipts, '0.exit'), '{"attempt":0}\n');
    const { stamp } = look(at, NOTHING);
    expect(look(at, NOTHING, { stamp, waitSeconds: 0 }).stamp).toBe(stamp);
    mkdirSync(join(receipts, 'own.1'));
    writeFileSync(join(receipts, 'own.1/claim'), '{"k":1}\n');
    linkSync(join(receipts, 'own.1/claim'), join(receipts, 'claim.0.1'));
    writeFileSync(join(receipts, 'own.1/0.exit'), '{"attempt":1}\n');
    renameSync(join(receipts, 'own.1/0.exit'), join(receipts, '0.exit'));
    // It would wait a minute for nothing.
    const began = process.hrtime.bigint();
    expect(textsOf(look(at, NOTHING, { stamp, waitSeconds: 60 }))).toEqual({
      'claim.0.1': '{"k":1}\n',
      '0.exit': '{"attempt":1}\n',
    });
    expect(process.hrtime.bigint() - began).toBeLessThan(60_000_000_000n);
  });

  it('says that there is more than one answer holds, and how what is known is written', () => {
    const at = folder();
    for (let index = 0; index < 5_003; index += 1)
      writeFileSync(join(at, 'receipts', `${index}.exit`), `{"i":${index}}\n`);
    const first = look(at, NOTHING);
    expect([first.texts.size, first.more]).toEqual([5_000, true]);
    const exits = [...first.texts.keys()].map((name) => Number(name.replace('.exit', ''))).sort((a, b) => a - b);
    const rest = look(at, { ...NOTHING, exits });
    expect([rest.texts.size, rest.more]).toEqual([3, false]);
    expect(knownReceipts({ claims: [0, 1, 2, 7, 9, 10], started: [5], exits: [], names: ['claim.1.1'] })).toBe(
      'c 0 2\nc 7 7\nc 9 10\ns 5 5\nn claim.1.1\n',
    );
  });
});
