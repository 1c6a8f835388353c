import { describe, expect, it } from 'vitest';
import { cpuMs } from '../../test/support/campaign.ts';
import { fc } from '../../test/support/properties.ts';
import {
  appendRow,
  checkManifestForLedger,
  compareLedger,
  type LedgerManifest,
  type LedgerRow,
  ledgerRow,
  parseLedger,
  rowsOfRun,
} from './ledger.ts';

const ROW: LedgerRow = { date: '2026-11-24', job_id: '123', iteration_id: 'iter1', run_id: 'r1', cluster: null };
const LINE = '- 2026-11-24 | job_id=123 | iteration_id=iter1 | run_id=r1 | status=submitted';
const MANIFEST: LedgerManifest = {
  run_id: 'r1',
  iteration_id: 'iter1',
  launch_mode: 'slurm',
  job_id: '123',
  timestamps: { submitted_at: '2026-11-24T03:15:00.000Z' },
  slurm: { cluster: null },
};

describe('ledgerRow', () => {
  it('writes the line as the format says', () => {
    expect(ledgerRow(ROW)).toBe(LINE);
    expect(ledgerRow({ ...ROW, cluster: 'gpu' })).toBe(`${LINE} | cluster=gpu`);
  });

  it('is read back whatever the values hold, as one line', () => {
    const value = fc.string({
      unit: fc.constantFrom('a', '|', ' ', '=', '%', '\n', '\r', '\u2028', 'é', '0', '-'),
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(
        fc.record({ job_id: value, iteration_id: value, run_id: value, cluster: fc.option(value) }),
        (values) => {
          const row = { date: '2026-11-24', ...values };

          expect(parseLedger(`x\n${ledgerRow(row)}\ny`)).toEqual([row]);
          expect(rowsOfRun(appendRow('', row).text, row.run_id)).toEqual([row]);
        },
      ),
    );
  });
});

describe('appendRow', () => {
  it('begins a ledger with a heading', () => {
    expect(appendRow('', ROW).text).toMatch(/^# Slurm jobs\n[^]*\n- 2026-11-24 \| job_id=123 .*\n$/);
  });

  it('adds a line once (R24)', () => {
    const once = appendRow('# Jobs\n', ROW);

    expect(once).toEqual({ text: `# Jobs\n${LINE}\n`, appended: true });
    expect(appendRow(once.text, { ...ROW, job_id: '124', date: '2026-11-25' })).toEqual({
      text: once.text,
      appended: false,
    });
  });

  it.each(['r10', 'xr1', 'r1.2'])('does not take run %s for r1', (other) => {
    const text = `${ledgerRow({ ...ROW, run_id: other })}\n`;

    expect(appendRow(text, ROW)).toEqual({ text: `${text}${LINE}\n`, appended: true });
  });

  it('does not take a value of another field, or a sentence, for the run', () => {
    const text = `${ledgerRow({ ...ROW, run_id: 'r2', iteration_id: 'run_id=r1' })}\nSee | run_id=r1 | for more.\n`;

    expect(appendRow(text, ROW).appended).toBe(true);
  });

  it('mends a line that was torn at any place, and has every run once', () => {
    const whole = `# Jobs\n${ledgerRow({ ...ROW, run_id: 'r0' })}\n`;
    const last = `${ledgerRow({ ...ROW, cluster: 'gpu' })}\n`;
    for (let cut = 0; cut < last.length; cut += 1) {
      const { text } = appendRow(whole + last.slice(0, cut), { ...ROW, cluster: 'gpu' });

      expect(text).toBe(whole + last);
    }
  });

  it('takes out the torn line of another run, which that run appends again', () => {
    const { text } = appendRow(`# Jobs\n${LINE.slice(0, 40)}`, { ...ROW, run_id: 'r2' });

    expect(text).toBe(`# Jobs\n${ledgerRow({ ...ROW, run_id: 'r2' })}\n`);
  });

  it.each(['a note of mine', LINE, '- a list', '-- x'])(
    'keeps a last line without LF that is whole or not ours: %s',
    (line) => {
      expect(appendRow(`# Jobs\n${line}`, { ...ROW, run_id: 'r2' }).text).toBe(
        `# Jobs\n${line}\n${ledgerRow({ ...ROW, run_id: 'r2' })}\n`,
      );
    },
  );

  it('finds its run among 100,000', () => {
    const text = Array.from({ length: 100_000 }, (_, index) => `${ledgerRow({ ...ROW, run_id: `r${index}` })}\n`).join(
      '',
    );

    expect(appendRow(text, { ...ROW, run_id: 'r99999' })).toEqual({ text, appended: false });
    expect(appendRow(text, { ...ROW, run_id: 'r100000' }).appended).toBe(true);
    expect(parseLedger(text)).toHaveLength(100_000);
  });
});

describe('checkManifestForLedger', () => {
  it('wants nothing for a local run, and a row for one of Slurm', () => {
    expect(checkManifestForLedger({ ...MANIFEST, launch_mode: 'local', job_id: null })).toEqual({
      ok: true,
      value: null,
    });
    expect(checkManifestForLedger({ ...MANIFEST, slurm: { cluster: 'gpu' } })).toEqual({
      ok: true,
      value: { ...ROW, cluster: 'gpu' },
    });
  });

  it.each([
    ['ledger.no_job_id', { job_id: null }],
    ['ledger.no_job_id', { job_id: ' ' }],
    ['ledger.invalid', { timestamps: { submitted_at: null } }],
    ['ledger.invalid', { run_id: '' }],
  ])('fails with %s for %o', (code, change) => {
    expect(checkManifestForLedger({ ...MANIFEST, ...change })).toMatchObject({ ok: false, failure: { code } });
  });
});

describe('verifyLedger', () => {
  it('accepts one equal line, and anything for a local run', () => {
    expect(compareLedger(`# Jobs\n${LINE}\n`, MANIFEST).ok).toBe(true);
    expect(compareLedger('', { ...MANIFEST, launch_mode: 'local' }).ok).toBe(true);
  });

  it.each([
    ['has no line', '# Jobs\n'],
    ['has no line', `${ledgerRow({ ...ROW, run_id: 'r10' })}\n`],
    ['has 2 lines', `${LINE}\n${LINE}\n`],
    ['says: - 2026-11-24 | job_id=9', `${ledgerRow({ ...ROW, job_id: '9' })}\n`],
  ])('says that the ledger %s', (message, text) => {
    expect(compareLedger(text, MANIFEST)).toMatchObject({
      ok: false,
      failure: { code: 'ledger.mismatch', message: expect.stringContaining(message) as string },
    });
  });
});

describe('hostile input', () => {
  it('adds a line once whatever the ids are made of, also when the file was written and read', () => {
    const value = fc.string({ unit: 'binary', minLength: 1, maxLength: 8 });
    const values = fc.record({ job_id: value, iteration_id: value, run_id: value, cluster: fc.option(value) });
    const onDisk = (text: string): string => Buffer.from(text, 'utf8').toString('utf8');
    fc.assert(
      fc.property(values, (ids) => {
        const row = { date: '2026-11-24', ...ids };
        const once = onDisk(appendRow('# Jobs\n', row).text);
        expect(once.split('\n')).toHaveLength(3);
        expect(appendRow(once, row)).toEqual({ text: once, appended: false });
      }),
    );
    expect(onDisk(ledgerRow({ ...ROW, run_id: '\ud800' }))).toContain('run_id=%d800');
  });

  it('has one line for two arrays of a run, of which a crashed controller gave the id of the first to the second', () => {
    const job = (job_id: string, hour: number) => ({ job_id, submitted_at: `2026-11-24T${hour}:00:00.000Z` });
    const manifest = { ...MANIFEST, slurm: { cluster: null, jobs: [job('123', 10), job('124', 11), job('123', 12)] } };
    const both = appendRow(`${LINE}\n`, { ...ROW, job_id: '124' }, true).text;
    expect(appendRow(both, ROW, true).appended).toBe(false);
    expect(compareLedger(both, manifest)).toMatchObject({ ok: true, value: [ROW, { job_id: '124' }] });
    expect(compareLedger(`${LINE}\n`, manifest).ok).toBe(false);
  });

  it('takes no time that is none, no id of a megabyte, and no cluster without a name', () => {
    const refused = (parts: Partial<LedgerManifest>) => {
      const checked = checkManifestForLedger({ ...MANIFEST, ...parts });
      return checked.ok ? checked.value : checked.failure.code;
    };
    expect(refused({ timestamps: { submitted_at: '\n- 2026-11-' } })).toBe('ledger.invalid');
    expect(refused({ job_id: '1'.repeat(1_000_000) })).toBe('ledger.invalid');
    expect(refused({ run_id: '1'.repeat(1_000_000) })).toBe('ledger.invalid');
    expect(refused({ slurm: { cluster: '' } })).toEqual({ ...ROW, cluster: null });
  });

  it('looks at a line once, however often it has the run in it', () => {
    const long = ' | run_id=r1 | '.repeat(100_000);
    const began = cpuMs();
    expect(rowsOfRun(`${long}\n${LINE}\n${long}`, 'r1')).toEqual([ROW]);
    expect(cpuMs() - began).toBeLessThan(5_000);
  });
});
