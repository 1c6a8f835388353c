import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { selfIdentity } from '../platform/host.ts';
import { type LedgerRow, ledgerRow, parseLedger } from './ledger.ts';
import { appendToLedger } from './ledger-file.ts';

const row = (run_id: string): LedgerRow => ({
  date: '2026-11-24',
  job_id: '1',
  iteration_id: 'iter1',
  run_id,
  cluster: null,
});
const BEFORE = `# Jobs\n${ledgerRow(row('r0'))}\n`;

let root: string;
let folder: string;
let ledger: string;
let count = 0;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'autolab-ledger-'));
  const source = fileURLToPath(new URL('./ledger-file.ts', import.meta.url));
  await build({
    entryPoints: [source],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: join(root, 'ledger-file.mjs'),
    logLevel: 'error',
  });
  writeFileSync(
    join(root, 'writer.mjs'),
    `import { appendToLedger } from './ledger-file.mjs';
const [path, ...runs] = process.argv.slice(2);
for (const run_id of runs) {
  const result = await appendToLedger(path, { date: '2026-11-24', job_id: '1', iteration_id: 'iter1', run_id, cluster: null });
  if (!result.ok) throw new Error(result.failure.message);
}
`,
  );
});
afterAll(() => {
  rmSync(root, { recursive: true });
});
beforeEach(() => {
  count += 1;
  folder = join(root, `docs${count}`);
  mkdirSync(folder);
  ledger = join(folder, 'slurm_job_list.md');
  writeFileSync(ledger, BEFORE);
});

async function writer(runs: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<unknown> {
  const child = spawn(process.execPath, [join(root, 'writer.mjs'), ledger, ...runs], {
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  const [status, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return status ?? signal;
}
const runs = (): string[] => parseLedger(readFileSync(ledger, 'utf8')).map((one) => one.run_id);

describe('appendToLedger', () => {
  it('adds a line once, without touching what stands, and leaves no lock behind', async () => {
    const inode = statSync(ledger).ino;

    expect(await appendToLedger(ledger, row('r1'))).toEqual({ ok: true, value: true });
    expect(await appendToLedger(ledger, row('r1'))).toEqual({ ok: true, value: false });

    expect(readFileSync(ledger, 'utf8')).toBe(`${BEFORE}${ledgerRow(row('r1'))}\n`);
    expect(statSync(ledger).ino).toBe(inode);
    expect(readdirSync(folder)).toEqual(['slurm_job_list.md']);
  });

  it('makes the file with its heading where there is none', async () => {
    rmSync(ledger);

    expect((await appendToLedger(ledger, row('r1'))).ok).toBe(true);
    expect(readFileSync(ledger, 'utf8')).toMatch(/^# Slurm jobs\n/);
    expect(runs()).toEqual(['r1']);
  });

  it('loses and doubles nothing when processes write at once (R24)', async () => {
    const mine = Array.from({ length: 40 }, (_, index) => `a${index}`);
    const theirs = Array.from({ length: 40 }, (_, index) => `b${index}`);
    const both = Array.from({ length: 40 }, (_, index) => `both${index}`);

    const ends = await Promise.all([
      writer([...mine, ...both]),
      writer([...theirs, ...both]),
      writer([...both].reverse()),
    ]);

    expect(ends).toEqual([0, 0, 0]);
    expect(runs().sort()).toEqual(['r0', ...mine, ...theirs, ...both].sort());
    expect(readFileSync(ledger, 'utf8').startsWith(BEFORE)).toBe(true);
    expect(readdirSync(folder)).toEqual(['slurm_job_list.md']);
  });

  it.each(['lock..slurm_job_list.md.lock.taken', 'ledger.append', 'link..slurm_job_list.md.lock.1.linked'])(
    'goes on after a writer was killed at %s',
    async (point) => {
      expect(await writer(['r1'], { AUTOLAB_CRASH_AT: point })).toBe('SIGKILL');

      const ends = await Promise.all([writer(['r1', 'r2']), writer(['r1', 'r3'])]);

      expect(ends).toEqual([0, 0]);
      expect(runs().sort()).toEqual(['r0', 'r1', 'r2', 'r3']);
      expect(readdirSync(folder).filter((name) => name.includes('.lock.') && !name.endsWith('.tmp'))).toEqual([]);
    },
  );

  it('does not take the lock of a process on another host, and says who holds it', async () => {
    const { withFileLock } = await import('./file-lock.ts');
    const lock = join(folder, '.slurm_job_list.md.lock');
    writeFileSync(`${lock}.1`, JSON.stringify({ ...selfIdentity(), host: 'elsewhere', token: 'x' }));

    expect(await withFileLock(lock, () => 'done', { timeoutMs: 100 })).toMatchObject({
      ok: false,
      message: expect.stringContaining('on elsewhere holds the lock') as string,
    });
    expect(readdirSync(folder).sort()).toEqual(['.slurm_job_list.md.lock.1', 'slurm_job_list.md']);
  });

  it('refuses what is no text file', async () => {
    rmSync(ledger);
    mkdirSync(ledger);

    expect(await appendToLedger(ledger, row('r1'))).toMatchObject({ ok: false, failure: { code: 'ledger.invalid' } });
  });
});
