import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { farFactsArgv, parseFarFacts } from './far-facts.ts';
import { endProcessesArgv, gatherArgv, parseGathered, placeOnceArgv, receiptedArgv } from './far-files.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'far files '));
  folders.push(made);
  return made;
}

function call(argv: readonly string[], input = ''): { status: number | null; stdout: string; stderr: string } {
  const [command = '', ...words] = argv;
  return spawnSync(command, words, { input, encoding: 'utf8' });
}

describe('acts on the files of another host', () => {
  it('makes a file that no other caller has made', () => {
    const at = folder();
    const path = join(at, 'claim');
    expect(call(placeOnceArgv(path), 'first').stdout).toBe('mine\n');
    expect(call(placeOnceArgv(path), 'second').stdout).toBe('taken\n');
    expect(readFileSync(path, 'utf8')).toBe('first');
    expect(call(placeOnceArgv(join(at, 'missing/claim')), 'x').status).toBe(1);
    expect(call(['ls', '-A', at]).stdout).toBe('claim\n');
  });

  it('keeps the answer of a command in receipts, and gives it here', () => {
    const at = folder();
    const receipt = join(at, 'made here/submit.1');
    const argv = ['sh', '-c', 'echo "$1"; echo err >&2; exit 7', 'sh', "it's"];
    const ran = call(receiptedArgv({ receipt, folders: [join(at, 'made here')], seconds: 10, argv }));
    expect([ran.status, ran.stdout, ran.stderr]).toEqual([7, "it's\n", 'err\n']);
    expect(['begun', 'out', 'err', 'status'].map((name) => existsSync(`${receipt}.${name}`))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(readFileSync(`${receipt}.status`, 'utf8')).toBe('7\n');
    expect(call(receiptedArgv({ receipt: '/proc/x', folders: [], seconds: 10, argv })).status).toBe(125);
  });

  it('ends a command that takes too long', () => {
    const at = folder();
    const ran = call(receiptedArgv({ receipt: join(at, 's'), folders: [], seconds: 1, argv: ['sleep', '60'] }));
    expect(ran.status).toBe(124);
  });

  it('ends the processes that have a word, and no others', async () => {
    const word = `--job-name=autolab-${process.pid}`;
    const program = 'setInterval(() => {}, 1000); console.log("up")';
    const [meant, spared] = [word, `${word}-2`].map((name) => spawn(process.execPath, ['-e', program, '--', name]));
    await Promise.all([meant, spared].map((child) => new Promise((up) => child?.stdout.once('data', up))));
    const ended = new Promise((resolve) =>
      meant?.once('exit', (_, signal) => {
        resolve(signal);
      }),
    );
    expect(call(endProcessesArgv(word)).stdout).toBe('1\n');
    expect(await ended).toBe('SIGKILL');
    expect(spared?.exitCode).toBeNull();
    spared?.kill('SIGKILL');
  });

  it('gathers a folder, a file and a link, and says what is missing or fails', () => {
    const at = folder();
    const from = folder();
    mkdirSync(join(from, 'ckpt/deep'), { recursive: true });
    writeFileSync(join(from, 'ckpt/deep/-x'), '1');
    symlinkSync('/etc/passwd', join(from, 'ckpt/link'));
    writeFileSync(join(from, 'one'), '2');
    writeFileSync(join(at, 'in the way'), '');
    const orders = [
      { from: join(from, 'ckpt'), toFolder: 'checkpoints', toFile: 'checkpoints/ckpt' },
      { from: join(from, 'one'), toFolder: 'a/b', toFile: 'a/b' },
      { from: join(from, 'none'), toFolder: 'c', toFile: 'c' },
      { from: join(from, 'one'), toFolder: 'in the way/d', toFile: 'in the way/d' },
    ];
    const gathered = parseGathered(call(gatherArgv(at, orders)).stdout);
    expect(gathered.map(({ kind }) => kind)).toEqual(['done', 'done', 'missing', 'failed']);
    expect(readFileSync(join(at, 'checkpoints/deep/-x'), 'utf8')).toBe('1');
    expect(lstatSync(join(at, 'checkpoints/link')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(at, 'a/b'), 'utf8')).toBe('2');
  });
});

describe('what a host says of itself', () => {
  it('names its folder without links, its programs, its variables and its free space', () => {
    const at = folder();
    writeFileSync(join(at, 'state'), 'x');
    symlinkSync(at, join(folder(), 'link'));
    const facts = parseFarFacts(call(farFactsArgv(at, 'state')).stdout);
    expect(facts).toMatchObject({ exists: true, writable: true, base: at });
    expect(facts.witness).toMatch(/^[0-9a-f]{64}$/);
    expect(facts.tools).toContain('sha256sum');
    expect(facts.variables).toContain('PATH');
    expect(facts.freeBytes).toBeGreaterThan(0);
    expect(Math.abs((facts.time ?? 0) - Date.now() / 1000)).toBeLessThan(60);
  });

  it('names the signs that are there among those that are asked about', () => {
    const signs = { paths: ['/bin/s[h]', '/nowhere/*.conf'], programs: ['sh', 'no-such-program'] };
    const facts = parseFarFacts(call(farFactsArgv(folder(), '', signs)).stdout);
    expect(facts.signs).toEqual(['/bin/sh', 'sh']);
  });

  it('says that the folder is missing', () => {
    const facts = parseFarFacts(call(farFactsArgv('/nowhere/at all', '')).stdout);
    expect(facts).toMatchObject({ exists: false, writable: false, base: null, freeBytes: null, witness: null });
  });
});
