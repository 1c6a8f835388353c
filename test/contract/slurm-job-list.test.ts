import { describe, expect, it } from 'vitest';
import { call, callWithoutTrace } from '../support/contract.ts';
import { json, makeProject, read, temporaryFolder, write } from '../support/project.ts';

/** R24: the ledger of submissions. It needs no project: manifest and document are named. */

const DOC = 'docs/slurm_job_list.md';
const HEADING = '# Slurm jobs\n\nOurs.\n\n';

function manifest(runId: string, changes: Readonly<Record<string, unknown>> = {}): string {
  return json({
    schema_version: '1.0',
    run_id: runId,
    iteration_id: 'iter1',
    launch_mode: 'slurm',
    job_id: '123',
    slurm: { job_id: '123', cluster: null },
    timestamps: { started_at: '2026-11-23T23:59:00.000Z', submitted_at: '2026-11-24T00:00:01.000Z' },
    ...changes,
  });
}

function folder(ledger: string | null, ...manifests: readonly (readonly [string, string])[]): string {
  const root = temporaryFolder();
  if (ledger !== null) write(root, DOC, ledger);
  else write(root, 'docs/.keep', '');
  for (const [name, text] of manifests) write(root, name, text);
  return root;
}

const words = (verb: 'append' | 'verify', name: string): string[] => [
  'slurm-job-list',
  verb,
  '--manifest',
  name,
  '--doc',
  DOC,
];

describe('autolab slurm-job-list append', () => {
  it('adds one line a run, once, with the date of the submission', async () => {
    const root = folder(HEADING, ['m.json', manifest('r1')]);

    const first = await call(root, words('append', 'm.json'));
    const again = await callWithoutTrace(root, words('append', 'm.json'));

    expect(first).toMatchObject({ status: 0, json: { outcome: 'ok', run_id: 'r1', job_id: '123', appended: true } });
    expect(again).toMatchObject({ status: 0, json: { appended: false } });
    expect(read(root, DOC)).toBe(
      `${HEADING}- 2026-11-24 | job_id=123 | iteration_id=iter1 | run_id=r1 | status=submitted\n`,
    );
  });

  it('is not misled by a run whose name begins with ours', async () => {
    const root = folder(
      HEADING,
      ['m10.json', manifest('r10', { job_id: '10' })],
      ['m1.json', manifest('r1', { job_id: '1' })],
    );

    await call(root, words('append', 'm10.json'));
    const early = await call(root, words('verify', 'm1.json'));
    await call(root, words('append', 'm1.json'));

    expect(early).toMatchObject({ status: 10, json: { code: 'ledger.mismatch' } });
    expect(read(root, DOC).match(/^- .*$/gm)).toEqual([
      expect.stringContaining('run_id=r10 |'),
      expect.stringContaining('run_id=r1 |'),
    ]);
  });

  it('names the cluster where there is one', async () => {
    const root = folder(HEADING, ['m.json', manifest('r1', { slurm: { job_id: '123', cluster: 'gpu' } })]);

    await call(root, words('append', 'm.json'));

    expect(read(root, DOC)).toMatch(/status=submitted \| cluster=gpu\n$/);
  });

  it('keeps to a line each, whatever stands in the manifest', async () => {
    const root = folder(HEADING, [
      'm.json',
      manifest('r1', { iteration_id: 'a | run_id=r2 | b\n- 2026-01-01 | job_id=9' }),
    ]);

    await call(root, words('append', 'm.json'));

    expect(read(root, DOC).slice(HEADING.length).trimEnd().split('\n')).toHaveLength(1);
    expect(await call(root, words('verify', 'm.json'))).toMatchObject({ status: 0 });
  });

  it('does nothing for a local run, also a real one', async () => {
    const root = makeProject();
    const before = read(root, DOC);
    await call(root, ['launch', '--run-id', 'r1']);

    const real = await callWithoutTrace(root, words('append', 'experiments/iter1/runs/r1/run_manifest.json'));

    expect(real).toMatchObject({ status: 0, json: { outcome: 'ok', appended: false } });
    expect(read(root, DOC)).toBe(before);
  });

  it.each([
    ['has no job id', manifest('r1', { job_id: null, slurm: { cluster: null } }), 'ledger.no_job_id'],
    ['is of an unknown mode', manifest('r1', { launch_mode: 'cloud' }), 'ledger.invalid'],
    ['is no manifest', '{"a": 1}\n', 'ledger.invalid'],
    ['is no JSON', 'r1\n', 'ledger.invalid'],
  ])('fails where the manifest %s, and adds nothing', async (_, text, code) => {
    const root = folder(HEADING, ['m.json', text]);

    for (const verb of ['append', 'verify'] as const) {
      const failed = await callWithoutTrace(root, words(verb, 'm.json'));
      expect(failed, verb).toMatchObject({ status: 10, json: { code } });
    }
  });

  it('fails where the manifest is missing', async () => {
    const failed = await callWithoutTrace(folder(HEADING), words('append', 'none.json'));

    expect(failed).toMatchObject({ status: 10, json: { code: 'ledger.invalid' } });
  });

  it('makes the document where there is none, and mends an end that was torn off', async () => {
    const made = folder(null, ['m.json', manifest('r1')]);
    const torn = folder(`${HEADING}- 2026-11-24 | job_id=9 | iteration_id=iter1 | run_id=r0 | status=submitted`, [
      'm.json',
      manifest('r1'),
    ]);

    await call(made, words('append', 'm.json'));
    await call(torn, words('append', 'm.json'));

    expect(read(made, DOC)).toMatch(/^# .*\n(?:.*\n)*- 2026-11-24 .*run_id=r1 .*\n$/);
    expect(read(torn, DOC).slice(HEADING.length).split('\n')).toEqual([
      expect.stringMatching(/run_id=r0 /),
      expect.stringMatching(/^- .*run_id=r1 /),
      '',
    ]);
  });

  it('is safe with several writers at once', async () => {
    const ids = ['r1', 'r2', 'r3', 'r4'];
    const root = folder(
      HEADING,
      ...ids.map((id, index): [string, string] => [`${id}.json`, manifest(id, { job_id: String(index + 1) })]),
    );

    // Each run twice: one line all the same.
    await Promise.all([...ids, ...ids].map((id) => call(root, words('append', `${id}.json`))));

    const rows = read(root, DOC).slice(HEADING.length).trimEnd().split('\n').sort();
    expect(rows).toEqual(
      ids.map(
        (id, index) => `- 2026-11-24 | job_id=${index + 1} | iteration_id=iter1 | run_id=${id} | status=submitted`,
      ),
    );
  });
});

describe('a manifest that another program wrote', () => {
  const foreign = (fields: object): string =>
    json({ schema_version: '1.0', run_id: '20261124T031500Z_3fa9c1', iteration_id: 'iter1', ...fields });
  const line = (job: string, date = '2026-11-24'): string =>
    `- ${date} | job_id=${job} | iteration_id=iter1 | run_id=20261124T031500Z_3fa9c1 | status=submitted\n`;

  it.each([
    ['the id at the root', { launch_mode: 'slurm', job_id: '7' }, line('7')],
    ['the id under slurm, as a number', { host_mode: 'slurm', slurm: { job_id: 7 } }, line('7')],
    ['the id under resource_request', { host_mode: 'slurm', resource_request: { job_id: '7' } }, line('7')],
    ['the id deeper, and no mode', { resource_request: { slurm: { job_id: '7' } } }, line('7')],
    ['the same id twice', { host_mode: 'SLURM', job_id: 7, slurm: { job_id: '7' } }, line('7')],
    [
      'its time at the root',
      { host_mode: 'slurm', job_id: '7', started_at: '2026-11-25T01:00:00+02:00' },
      line('7', '2026-11-24'),
    ],
    [
      'its time under timestamps',
      { host_mode: 'slurm', job_id: '7', timestamps: { started_at: '2026-11-26T01:00:00Z' } },
      line('7', '2026-11-26'),
    ],
    [
      'a time without a zone',
      { host_mode: 'slurm', job_id: '7', timestamp_utc: '2026-11-27 01:00' },
      line('7', '2026-11-27'),
    ],
    ['only an end', { host_mode: 'slurm', job_id: '7', completed_at: '2026-11-28T01:00:00Z' }, line('7', '2026-11-28')],
  ])('is read: %s', async (_, fields, expected) => {
    const root = folder(HEADING, ['m.json', foreign(fields)]);

    const appended = await call(root, words('append', 'm.json'));

    expect(appended, appended.stderr).toMatchObject({ status: 0, json: { appended: true, job_id: '7' } });
    expect(read(root, DOC)).toBe(`${HEADING}${expected}`);
    expect((await call(root, words('verify', 'm.json'))).status).toBe(0);
  });

  it('is a local run if it was launched locally, whatever its host is', async () => {
    const root = folder(HEADING, ['m.json', foreign({ launch_mode: 'local', host_mode: 'slurm' })]);

    expect(await callWithoutTrace(root, words('append', 'm.json'))).toMatchObject({
      status: 0,
      json: { appended: false },
    });
  });

  it.each([
    ['names two jobs', { job_id: '7', slurm: { job_id: '8' } }, HEADING],
    ['names another job than the ledger', { slurm: { job_id: '8' } }, `${HEADING}${line('7')}`],
  ])('is a problem that has both ids if it %s', async (_, fields, ledger) => {
    const root = folder(ledger, ['m.json', foreign({ host_mode: 'slurm', ...fields })]);

    const failed = await callWithoutTrace(root, words('append', 'm.json'));

    expect(failed).toMatchObject({ status: 10, json: { code: 'ledger.mismatch' } });
    expect(failed.json['message']).toMatch(/\b7\b/);
    expect(failed.json['message']).toMatch(/\b8\b/);
  });

  it('says when nothing has a date, and where one is read', async () => {
    const root = folder(HEADING, ['m.json', foreign({ run_id: 'r1', host_mode: 'slurm', job_id: '7' })]);

    const failed = await callWithoutTrace(root, words('append', 'm.json'));

    expect(failed).toMatchObject({ status: 10, json: { code: 'ledger.invalid' } });
    for (const key of ['timestamps.submitted_at', 'timestamps.started_at', 'created_at', 'timestamp_utc'])
      expect(failed.json['hint']).toContain(key);
    expect(read(root, DOC)).toBe(HEADING);
  });

  it('is listed once, also by a line that has its status', async () => {
    const listed = line('7').replace('submitted', 'completed');
    const root = folder(`${HEADING}${listed}`, ['m.json', foreign({ host_mode: 'slurm', job_id: '7' })]);

    expect(await callWithoutTrace(root, words('append', 'm.json'))).toMatchObject({
      status: 0,
      json: { appended: false },
    });
    expect((await call(root, words('verify', 'm.json'))).status).toBe(0);
  });
});

describe('autolab slurm-job-list verify', () => {
  it('tells a line that says something else', async () => {
    const root = folder(HEADING, ['m.json', manifest('r1')]);
    await call(root, words('append', 'm.json'));
    write(root, 'm.json', manifest('r1', { job_id: '124' }));

    const differs = await callWithoutTrace(root, words('verify', 'm.json'));

    expect(differs).toMatchObject({ status: 10, json: { code: 'ledger.mismatch', run_id: 'r1' } });
    for (const id of ['123', '124']) expect(differs.json['message']).toContain(id);
  });
});
