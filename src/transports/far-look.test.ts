import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type FarLook, lookArgv, NO_FOLDER, parseLook, type Question } from './far-look.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'far look '));
  folders.push(made);
  mkdirSync(join(made, 'receipt'));
  mkdirSync(join(made, 'logs'));
  return made;
}

interface Looking {
  readonly offset?: number;
  readonly question?: Question;
  readonly beside?: number;
  readonly waitSeconds?: number;
}

function look(at: string, known: string, looking: Looking = {}): FarLook {
  const { offset = 0, question = null, beside = null, waitSeconds = 0 } = looking;
  const [command = '', ...words] = lookArgv({
    folder: at,
    small: 'receipt',
    wanted: ['claim', 'claim.*', 'exit.json'],
    known,
    growing: [{ path: 'logs/a b.out', offset }],
    beside: beside === null ? null : { path: 'receipt/usage.jsonl', offset: beside },
    receipts: null,
    waitSeconds,
    calmSeconds: 0,
    question,
  });
  return parseLook(spawnSync(command, words).stdout.toString('utf8'));
}

describe('a look into a folder of another host', () => {
  it('brings what is new, once', () => {
    const at = folder();
    writeFileSync(join(at, 'receipt/claim'), '{"a":"ü\\n"}\n');
    writeFileSync(join(at, 'receipt/other'), 'x');
    writeFileSync(join(at, 'receipt/claim.1 2'), 'x');
    symlinkSync('/etc/passwd', join(at, 'receipt/exit.json'));
    const first = look(at, '');
    expect([...(first.small ?? [])].map(([name, bytes]) => [name, bytes.toString()])).toEqual([
      ['claim', '{"a":"ü\\n"}\n'],
    ]);
    expect(look(at, first.known)).toEqual({ known: first.known, small: null, grown: [], receipts: null, answer: null });
    rmSync(join(at, 'receipt/exit.json'));
    writeFileSync(join(at, 'receipt/.exit'), '{}');
    renameSync(join(at, 'receipt/.exit'), join(at, 'receipt/exit.json'));
    expect([...(look(at, first.known).small?.keys() ?? [])]).toEqual(['claim', 'exit.json']);
  });

  it('brings of a file that grows what is not here yet', () => {
    const at = folder();
    writeFileSync(join(at, 'logs/a b.out'), Buffer.from([1, 0, 2, 10]));
    const { known, grown } = look(at, '');
    expect(grown).toEqual([{ path: 'logs/a b.out', offset: 0, bytes: Buffer.from([1, 0, 2, 10]) }]);
    appendFileSync(join(at, 'logs/a b.out'), 'more');
    expect(look(at, known, { offset: 4 }).grown).toEqual([
      { path: 'logs/a b.out', offset: 4, bytes: Buffer.from('more') },
    ]);
    expect(look(at, known, { offset: 8 }).grown).toEqual([]);
  });

  it('brings what is new of the file beside, which wakes nobody, and all of one that began again', () => {
    const at = folder();
    const series = join(at, 'receipt/usage.jsonl');
    writeFileSync(join(at, 'receipt/claim'), '{}');
    const { known } = look(at, '', { beside: 0 });
    writeFileSync(series, 'one\ntwo\n');
    const began = Date.now();
    const later = look(at, known, { beside: 4, waitSeconds: 2 });
    expect(Date.now() - began).toBeGreaterThanOrEqual(1000);
    const came = (offset: number, text: string) => [{ path: 'receipt/usage.jsonl', offset, bytes: Buffer.from(text) }];
    expect(later).toEqual({ known, small: null, grown: came(4, 'two\n'), receipts: null, answer: null });
    expect(look(at, known, { beside: 8 }).grown).toEqual([]);
    writeFileSync(series, 'new\n');
    expect(look(at, known, { beside: 8 }).grown).toEqual(came(0, 'new\n'));
  });

  it('brings the answer to a question: when it is due, or when a file that matters is new', () => {
    const at = folder();
    const argv = ['sh', '-c', 'printf "%s\\n" "it\'s" "$1"; echo oh >&2; exit 3', 'sh', 'a  b'];
    const later = { argv, afterSeconds: 9, with: 'exit.json' };
    const said = { exitCode: 3, timedOut: false, stdout: "it's\na  b\n", stderr: 'oh' };
    expect(look(at, '', { question: { ...later, afterSeconds: 0 } }).answer).toEqual(said);
    const { known, answer } = look(at, '', { question: later });
    expect(answer).toBeNull();
    writeFileSync(join(at, 'receipt/claim'), '{}');
    expect(look(at, known, { question: later }).answer).toBeNull();
    writeFileSync(join(at, 'receipt/exit.json'), '{}');
    const ended = look(at, known, { question: later });
    expect([[...(ended.small?.keys() ?? [])], ended.answer]).toEqual([['claim', 'exit.json'], said]);
    expect(look(at, ended.known, { question: later }).answer).toBeNull();
  });

  it('says that the folder is missing', () => {
    const [command = '', ...words] = lookArgv({
      folder: '/nowhere/at/all',
      small: 'receipt',
      wanted: ['claim'],
      known: '',
      growing: [],
      beside: null,
      receipts: null,
      waitSeconds: 0,
      calmSeconds: 0,
      question: null,
    });
    expect(spawnSync(command, words).status).toBe(NO_FOLDER);
  });

  it('takes an answer that was never given for none, and no name that leads elsewhere', () => {
    expect(parseLook('answer  \nknown 1-2\n').answer?.exitCode).toBeNull();
    expect(parseLook('answer bm8gc3RhdHVz \n').answer?.exitCode).toBeNull();
    expect([...(parseLook('small ../../x e30=\nsmall .. e30=\nsmall claim e30=\n').small?.keys() ?? [])]).toEqual([
      'claim',
    ]);
  });
});
