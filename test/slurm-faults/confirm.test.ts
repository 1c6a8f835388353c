import { describe, expect, it } from 'vitest';
import { parseJson, startAutolab } from '../support/autolab.ts';
import { runIds, until } from '../support/project.ts';
import { begun, hasClaim, letEnd, manifestOf, stoppedAt, WAITING } from '../support/runs.ts';
import { callsOf, expectEnd, failed, launch, world } from '../support/slurm-faults.ts';

/** The books lag, lie, are closed or were thrown away: a run is completed only where somebody says that its job is (R15). */

describe.concurrent('books that are late', () => {
  it('hang: the answer is given up, and they are asked again', async () => {
    const site = world([{ command: 'sacct', nth: 1, fault: 'hang' }], { confirmSeconds: 300 });
    expect(expectEnd(site, await launch(site))['confirmation']).toMatchObject({ source: 'sacct' });
  });

  it('say RUNNING for some time', async () => {
    const site = world([{ command: 'job', fault: 'accounting_lag', seconds: 15 }]);
    const slurm = expectEnd(site, await launch(site));
    expect(slurm).toMatchObject({ state: 'COMPLETED', confirmation: { source: 'sacct' } });
    expect(callsOf(site, 'sacct').length).toBeGreaterThan(1);
  });

  it.each([
    ['do not answer', 'down'],
    ['have no record of the job', 'none'],
    ['know an old job of this id only', 'other_job'],
  ])('%s at first', async (_what, fault) => {
    const site = world([{ command: 'sacct', nth: [1, 2, 3], fault }]);
    const slurm = expectEnd(site, await launch(site));
    expect(slurm).toMatchObject({ state: 'COMPLETED', exit_code: '0:0', confirmation: { source: 'sacct' } });
  });
});

describe.concurrent('books that never say it', () => {
  it.each([
    ['they do not answer', 'down'],
    ['they know an old job of this id only, which failed', 'other_job'],
  ])('%s: the controller decides', async (_what, fault) => {
    const site = world([{ command: 'sacct', fault }], { confirmSeconds: 3 });
    const slurm = expectEnd(site, await launch(site));
    expect(slurm).toMatchObject({ state: 'COMPLETED', exit_code: '0:0', confirmation: { source: 'scontrol' } });
    expect(slurm['evidence'][0]).toContain('accounting did not answer for the job');
  });

  it('they say RUNNING for ever: the run is undetermined', async () => {
    const site = world([{ command: 'sacct', fault: 'lag' }], { confirmSeconds: 2 });
    const end = await launch(site);
    expect([end.status, end.json['outcome'], end.json['code']], end.stderr).toEqual([
      14,
      'undetermined',
      'slurm.undetermined',
    ]);
    expect(end.json['message']).toContain('RUNNING');
    expect(hasClaim(site.root)).toBe(true);
    site.fake.faults([]);
    expectEnd(site, await launch(site));
  });

  it.each([
    ['they have no record of the job', [{ command: 'sacct', fault: 'none' }], {}],
    ['there are none', [], { accounting: false }],
  ] as const)('%s, and the job is in the queue after all: it is waited for', async (_what, faults, config) => {
    const site = world([{ command: 'squeue', fault: 'empty' }, ...faults], {
      confirmSeconds: 5,
      config,
      entrypoint: WAITING,
    });
    const driver = await stoppedAt(site.root, ['launch', '--json'], 'journal.confirm.step.intent.after', site.fake.env);
    const runId = await begun(site.root);
    const asked = callsOf(site, 'squeue').length;
    site.fake.faults(faults);
    driver.go();
    await until('the queue is asked again', () => callsOf(site, 'squeue').length > asked);
    letEnd(site.root, runId);
    const end = await driver.ended;
    const slurm = expectEnd(site, { ...end, json: parseJson(end) });
    expect(slurm).toMatchObject({ state: 'COMPLETED', confirmation: { source: 'scontrol' } });
  });

  it('there are none, and somebody renamed the job: its script tells that it is the one', async () => {
    const site = world([], { config: { accounting: false }, entrypoint: WAITING });
    const driver = startAutolab(site.root, ['launch', '--json'], { env: site.fake.env });
    const runId = await begun(site.root);
    await site.fake.run('scontrol', ['update', 'JobId=1', 'JobName=mine']);
    letEnd(site.root, runId);
    const end = await driver.ended;
    const slurm = expectEnd(site, { ...end, json: parseJson(end) });
    expect(slurm['confirmation']).toMatchObject({ source: 'scontrol' });
    expect(slurm['evidence'].join('\n')).toMatch(/the job was submitted as autolab-\S+, and Slurm calls it mine/);
  });

  it('there are none: the controller decides at once, a bad end as well as a good one', async () => {
    const site = world([], { config: { accounting: false } });
    expect(expectEnd(site, await launch(site))['confirmation']).toMatchObject({ source: 'scontrol' });
    const bad = world([], {
      config: { accounting: false },
      entrypoint: 'echo started >> "$AUTOLAB_RUN_DIR/marker"; exit 3',
    });
    const slurm = expectEnd(bad, await launch(bad), failed('slurm.failed'));
    expect(slurm).toMatchObject({ exit_code: '3:0', confirmation: { source: 'scontrol' } });
  });

  it('there are none, and the controller has forgotten: only a person can end the run, and is told how', async () => {
    const site = world([{ command: 'job', fault: 'purged' }], { config: { accounting: false } });
    const end = await launch(site);
    expect([end.status, end.json['code']], end.stderr).toEqual([14, 'slurm.undetermined']);
    const hint = String(end.json['hint']);
    expect(hint).toContain('another call cannot help');
    expect(hint).toContain('autolab cancel --force');
    expect(hint).not.toMatch(/when `?sacct/i);
    const given = await launch(site, ['cancel', '--force', '--by', 'ada', '--note', 'no books']);
    expect(given.json['code'], given.stderr).toBe('run.abandoned');
  });

  it('there are none, and the controller is away: the hint is to ask it again, which helps', async () => {
    const site = world([], { config: { accounting: false }, entrypoint: WAITING });
    const driver = startAutolab(site.root, ['launch', '--json'], { env: site.fake.env });
    const runId = await begun(site.root);
    site.fake.faults([{ command: 'scontrol', fault: 'unreachable' }]);
    letEnd(site.root, runId);
    const end = await driver.ended;
    expect([end.status, parseJson(end)['code']], end.stderr).toEqual([14, 'slurm.undetermined']);
    const hint = String(parseJson(end)['hint']);
    expect(hint).toContain('run the command again when `scontrol show job 1` answers');
    expect(hint).toContain('autolab cancel --force');
    site.fake.faults([]);
    expect(expectEnd(site, await launch(site, ['resume']))['confirmation']).toMatchObject({ source: 'scontrol' });
  });

  it('they were purged, and the controller has forgotten: nothing is called completed, nor running, until they answer', async () => {
    const site = world(
      [
        { command: 'sacct', fault: 'none' },
        { command: 'job', fault: 'purged' },
      ],
      { confirmSeconds: 2 },
    );
    const end = await launch(site);
    expect([end.status, end.json['code']], end.stderr).toEqual([14, 'slurm.undetermined']);
    expect(manifestOf(site.root, runIds(site.root)[0] ?? '')).toMatchObject({
      outcome: null,
      timestamps: { ended_at: null },
      slurm: { state: null, confirmation: null },
    });
    site.fake.faults([]);
    expect(expectEnd(site, await launch(site, ['resume']))['confirmation']).toMatchObject({ source: 'sacct' });
    expect(callsOf(site, 'sbatch')).toHaveLength(1);
  });
});

describe.concurrent('an exit code 0 that is no success', () => {
  it.each([
    [
      'the job was killed because it ran out of memory',
      { fault: 'out_of_memory' },
      'slurm.out_of_memory',
      'OUT_OF_MEMORY',
    ],
    ['a step of it was', { fault: 'step_out_of_memory' }, 'slurm.out_of_memory', 'COMPLETED'],
    ['its time was over', { fault: 'state', state: 'TIMEOUT', exit_code: '0:0' }, 'slurm.timeout', 'TIMEOUT'],
  ])('%s', async (_what, fault, code, state) => {
    const site = world([{ command: 'job', ...fault }]);
    const end = await launch(site);
    expect(expectEnd(site, end, failed(code))['state']).toBe(state);
    expect(end.json['recommendations']).toHaveLength(1);
  });
});
