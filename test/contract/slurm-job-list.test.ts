import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { call } from '../support/contract.ts';
import { json, read, temporaryFolder, write } from '../support/project.ts';

const manifestOf = (parts: Readonly<Record<string, unknown>>): string =>
  json({
    run_id: 'r1',
    iteration_id: 'iter1',
    launch_mode: 'slurm',
    job_id: '123',
    timestamps: { submitted_at: '2026-11-24T03:15:00.000Z' },
    slurm: { cluster: null },
    ...parts,
  });

const words = (verb: string, manifest = 'm.json'): readonly string[] => ['slurm-job-list', verb, '--manifest', manifest, '--doc', 'docs/list.md'];

describe('slurm-job-list (R24)', () => {
  it('appends a run once, and finds it by its whole id', async () => {
    const root = temporaryFolder();
    write(root, 'docs/list.md', '# Slurm jobs\n');
    write(root, 'm.json', manifestOf({ run_id: 'r10', job_id: '7' }));
    write(root, 'm1.json', manifestOf({}));
    expect((await call(root, words('append'))).json).toMatchObject({ outcome: 'ok', appended: true });
    // r10 stands there already, and r1 is not r10.
    expect((await call(root, words('verify', 'm1.json'))).json).toMatchObject({ code: 'ledger.mismatch' });
    expect((await call(root, words('append', 'm1.json'))).json).toMatchObject({ appended: true, job_id: '123' });
    const after = read(root, 'docs/list.md');
    expect((await call(root, words('append', 'm1.json'))).json).toMatchObject({ appended: false });
    expect(read(root, 'docs/list.md')).toBe(after);
    expect(after.split('\n').filter((line) => line.startsWith('- '))).toEqual([
      '- 2026-11-24 | job_id=7 | iteration_id=iter1 | run_id=r10 | status=submitted',
      '- 2026-11-24 | job_id=123 | iteration_id=iter1 | run_id=r1 | status=submitted',
    ]);
    expect((await call(root, words('verify', 'm1.json'))).status).toBe(0);
  });

  it('has nothing to do for a local run', async () => {
    const root = temporaryFolder();
    write(root, 'm.json', manifestOf({ launch_mode: 'local', job_id: null }));
    const ended = await call(root, words('append'));
    expect(ended.status).toBe(0);
    expect(ended.json).toMatchObject({ appended: false });
    expect(() => read(root, 'docs/list.md')).toThrow();
  });

  it.each([
    ['no job id', manifestOf({ job_id: null }), 'ledger.no_job_id'],
    ['no timestamps', json({ run_id: 'r1', iteration_id: 'i', launch_mode: 'slurm', job_id: '1' }), 'ledger.invalid'],
    ['no JSON', 'nonsense', 'ledger.invalid'],
    ['another document', '[1, 2]', 'ledger.invalid'],
  ])('fails for a Slurm manifest with %s', async (_what, text, code) => {
    const root = temporaryFolder();
    write(root, 'm.json', text);
    const ended = await call(root, words('append'));
    expect(ended.status).toBe(10);
    expect(ended.json['code']).toBe(code);
  });

  it('says which words are missing', async () => {
    const ended = await call(temporaryFolder(), ['slurm-job-list', 'append', '--manifest', join('a', 'b')]);
    expect(ended.status).toBe(2);
    expect(ended.json['message']).toContain('--doc');
  });
});
