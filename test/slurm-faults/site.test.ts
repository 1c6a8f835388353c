import { renameSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseJson, startAutolab } from '../support/autolab.ts';
import { keepUntilEnd, startsOf, until } from '../support/project.ts';
import { begun, letEnd, WAITING } from '../support/runs.ts';
import { callsOf, COMPLETED, expectEnd, failed, launch, type World, world } from '../support/slurm-faults.ts';

/** What `scontrol` was asked, such as `show job`; the cluster's name first. */
function scontrolCalls(site: World): readonly string[] {
  return callsOf(site, 'scontrol').map((call) => call.words.slice(0, 2).join(' '));
}

/** A site that changes the job, and users that set variables or call twice. */

describe.concurrent('a site that changes the job', () => {
  it.each([
    ['answers', []],
    ['loses its answer', [{ command: 'sbatch' as const, nth: 1, fault: 'accepted_timeout' }]],
  ])('does not hold it, and sbatch %s', async (_what, lost) => {
    const site = world([{ command: 'sbatch', fault: 'hold_ignored' }, ...lost], { entrypoint: WAITING });
    const driver = startAutolab(site.root, ['launch', '--json'], { env: site.fake.env });
    const runId = await begun(site.root);
    await until('the hold was looked at', () => scontrolCalls(site).includes('show job'));
    letEnd(site.root, runId);
    const end = await driver.ended;
    const slurm = expectEnd(site, { ...end, json: parseJson(end) });
    expect(slurm['adopted']).toBe(lost.length > 0);
    expect(slurm['evidence']).toContain('the job was not held when autolab checked it: the site changed it');
    expect(callsOf(site, 'sbatch')).toHaveLength(1);
    // At the end the controller is asked once for a notice of preemption.
    expect(scontrolCalls(site)).toEqual(['show config', 'show job', 'show job']);
  });

  it('gives it another name', async () => {
    const site = world([{ command: 'sbatch', fault: 'renamed', name: 'site-job' }]);
    const slurm = expectEnd(site, await launch(site));
    expect(slurm['confirmation']).toMatchObject({ source: 'sacct' });
    expect(site.fake.job(1).name).toBe('site-job');
  });

  it('gives one of two copies another name: it is the one that runs, and the other one is cancelled', async () => {
    const site = world([{ command: 'sbatch', nth: 1, fault: 'accepted_twice' }], { entrypoint: WAITING });
    const detached = await launch(site, ['launch', '--detach']);
    expect(detached.json['outcome'], detached.stderr).toBe('submitted');
    const runId = await begun(site.root);
    await site.fake.run('scontrol', ['update', 'JobId=1', 'JobName=site-job']);
    letEnd(site.root, runId);
    await site.fake.ended(1);
    expect(expectEnd(site, await launch(site, ['resume']))['job_id']).toBe('1');
    expect(site.fake.job(2)).toMatchObject({ state: 'CANCELLED', started_at: null });
  });

  it('gives it another name and lets it go, and it has ended before anybody looks', async () => {
    const site = world(
      [
        { command: 'sbatch', fault: 'renamed', name: 'site-job' },
        { command: 'sbatch', fault: 'hold_ignored' },
        { command: 'scontrol', nth: 2, fault: 'slow', seconds: 4 },
      ],
      { confirmSeconds: 3 },
    );
    expect(expectEnd(site, await launch(site))['confirmation']).toMatchObject({ source: 'sacct' });
  });

  it('gives it another name, and the answer is lost: one of two jobs runs, the other one is cancelled', async () => {
    const site = world([
      { command: 'sbatch', nth: 1, fault: 'renamed', name: 'site-job' },
      { command: 'sbatch', nth: 1, fault: 'accepted_timeout' },
    ]);
    const slurm = expectEnd(site, await launch(site));
    expect(slurm['job_id']).toBe('2');
    expect(slurm['evidence']).toContain('job 1, another copy of the job, was still in the queue: it was cancelled');
    expect(site.fake.job(1)).toMatchObject({ state: 'CANCELLED', started_at: null });
  });

  it('gives it another name and lets it go, and the answer is lost: its claim names it', async () => {
    const site = world(
      [
        { command: 'sbatch', nth: 1, fault: 'renamed', name: 'site-job' },
        { command: 'sbatch', nth: 1, fault: 'hold_ignored' },
        { command: 'sbatch', nth: 1, fault: 'accepted_timeout' },
      ],
      { confirmSeconds: 3, reconcileSeconds: 8 },
    );
    expect(expectEnd(site, await launch(site))).toMatchObject({ job_id: '1', adopted: true });
    expect(site.fake.jobs()).toHaveLength(1);
  });

  it('holds it itself: it is left to the site, and a person can cancel it', async () => {
    const site = world([{ command: 'job', fault: 'hold_admin' }]);
    const detached = await launch(site, ['launch', '--detach']);
    expect([detached.status, detached.json['outcome']], detached.stderr).toEqual([0, 'submitted']);
    expect((await launch(site, ['status'])).json).toMatchObject({ queue_state: 'PENDING', job_id: '1' });
    expect(scontrolCalls(site)).toEqual(['show config', 'show job']);
    const end = await launch(site, ['cancel']);
    expectEnd(site, end, failed('run.cancelled', { status: 0, starts: 0, ran: 0 }));
  });
});

describe.concurrent('a person who', () => {
  it('has a backslash in the path of the project: is told to move it, since no script helps', async () => {
    const site = world([]);
    const root = keepUntilEnd(`${site.root}\\x`);
    renameSync(site.root, root);
    const end = await launch({ ...site, root });
    expect([end.status, end.json['code']], end.stderr).toEqual([10, 'script.invalid']);
    expect(end.json['message']).toContain('has a backslash');
    expect(end.json['hint']).toContain('Rename or move the project');
  });

  it('launches twice at once: one run, one job, and the other one is told', async () => {
    const site = world([]);
    const ends = await Promise.all([launch(site), launch(site)]);
    const [won, lost] = ends[0].status === 0 ? ends : ([ends[1], ends[0]] as const);
    expect([lost.status, lost.json['outcome']]).toEqual([13, 'conflict']);
    expectEnd(site, won);
    expect(site.fake.jobs()).toHaveLength(1);
  });

  it('has set variables of Slurm: its commands do not see them, and the manifest names them', async () => {
    const site = world([]);
    const set = {
      SACCT_FORMAT: 'JobID',
      SBATCH_HOLD: '1',
      SBATCH_TIMELIMIT: '1',
      SLURM_CLUSTERS: 'fake',
      SLURM_TIME_FORMAT: 'relative',
      SQUEUE_FORMAT: '%i',
      SQUEUE_STATES: 'PD',
    };
    const slurm = expectEnd(site, await launch(site, ['launch'], set));
    expect(slurm['removed_variables']).toEqual(Object.keys(set));
  });

  it('has set variables of scancel and scontrol: a cancel reaches the job', async () => {
    const site = world([], { entrypoint: WAITING });
    const set = { SCANCEL_STATE: 'PENDING', SCANCEL_INTERACTIVE: '1', SCONTROL_ALL: '1' };
    const detached = await launch(site, ['launch', '--detach'], set);
    expect(detached.json['outcome'], detached.stderr).toBe('submitted');
    const runId = await begun(site.root);
    const end = await launch(site, ['cancel'], set);
    const slurm = expectEnd(site, end, failed('run.cancelled', { status: 0 }));
    expect(slurm['removed_variables']).toEqual(Object.keys(set).sort());
    expect([startsOf(site.root, runId), site.fake.job(1).state]).toEqual([COMPLETED.starts, 'CANCELLED']);
  });
});
