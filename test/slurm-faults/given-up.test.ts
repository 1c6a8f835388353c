import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { autolab, autolabJson, parseJson, startAutolab } from '../support/autolab.ts';
import { json, keepUntilEnd, read, runIds, startsOf, temporaryFolder, until, write } from '../support/project.ts';
import { begun, eventsOf, hasClaim, letEnd, WAITING } from '../support/runs.ts';
import { callsOf, expectEnd, failed, launch, type World, world, type WorldOptions } from '../support/slurm-faults.ts';

/** A person cancels, gives up or decides, while a job of the run may be alive. */

const FORCE = ['cancel', '--force', '--by', 'ada', '--note', 'stuck'];

/** sbatch took the job, and its driver died before it had read that. */
async function diedAfterSbatch(options: WorldOptions, faults: Parameters<typeof world>[0] = []): Promise<World> {
  const site = world(faults, options);
  const env = { ...site.fake.env, AUTOLAB_CRASH_AT: 'submit.answered' };
  expect((await autolab(site.root, ['launch'], { env })).signal).toBe('SIGKILL');
  return site;
}

describe.concurrent('cancel --force', () => {
  it('gives up no run whose job runs, though nobody has read the answer of sbatch', async () => {
    const site = await diedAfterSbatch({ hold: false, entrypoint: WAITING });
    await begun(site.root);
    const refused = await launch(site, FORCE);
    expect([refused.json['code'], hasClaim(site.root)], refused.stdout).toEqual(['run.not_abandonable', true]);
    expect(refused.json['message']).toContain('Job 1 is known to be alive');
    expectEnd(site, await launch(site, ['cancel']), failed('run.cancelled', { status: 0 }));
    expect(site.fake.jobs().map(({ state }) => state)).toEqual(['CANCELLED']);
  });

  it('gives up no run whose job is held', async () => {
    const site = await diedAfterSbatch({});
    expect((await launch(site, FORCE)).json['code']).toBe('run.not_abandonable');
    expectEnd(site, await launch(site, ['cancel']), failed('run.cancelled', { status: 0, starts: 0, ran: 0 }));
    expect(site.fake.jobs().map(({ state }) => state)).toEqual(['CANCELLED']);
  });

  it('takes one empty answer of squeue for none', async () => {
    const site = world([], { entrypoint: WAITING });
    expect((await launch(site, ['launch', '--detach'])).json['outcome']).toBe('submitted');
    const runId = await begun(site.root);
    const asked = site.fake.calls().filter(({ command }) => command === 'squeue').length;
    site.fake.faults([{ command: 'squeue', nth: [asked + 1, asked + 2], fault: 'empty' }]);
    expect((await launch(site, FORCE)).json['code']).toBe('run.not_abandonable');
    letEnd(site.root, runId);
    expectEnd(site, await launch(site, ['resume']));
  });

  it('leaves a run alone that its driver ends meanwhile', async () => {
    const site = world([{ command: 'scontrol', fault: 'slow', seconds: 4 }], { entrypoint: WAITING });
    const driver = startAutolab(site.root, ['launch', '--json'], { env: site.fake.env });
    const runId = await begun(site.root);
    const force = startAutolab(site.root, [...FORCE, '--json'], { env: site.fake.env });
    letEnd(site.root, runId);
    const [end, given] = await Promise.all([driver.ended, force.ended]);
    expectEnd(site, { ...end, json: parseJson(end) });
    expect(parseJson(given)['code'], given.stdout).not.toBe('run.abandoned');
    expect(eventsOf(site.root, runId).filter((event) => ['run.closed', 'run.abandon'].includes(event))).toEqual([
      'run.closed',
    ]);
  });
});

describe.concurrent('cancel', () => {
  it.each([
    ['the site lets jobs go', { hold: false }, []],
    ['the site ignores --hold', {}, ['hold_ignored']],
  ])('of a lost sbatch whose job comes later, and %s: it starts nothing', async (_what, options, faults) => {
    const site = await diedAfterSbatch(options, [
      { command: 'sbatch', nth: 1, fault: 'accepted_late', seconds: 30 },
      ...faults.map((fault) => ({ command: 'sbatch' as const, nth: 1, fault })),
    ]);
    const cancelled = await launch(site, ['cancel']);
    expect([cancelled.status, cancelled.json['code']], cancelled.stderr).toEqual([0, 'run.cancelled']);
    expect(cancelled.json['message']).toContain('a copy that turns up later will not run');
    const [runId = ''] = runIds(site.root);
    await until('the late job is there', () => site.fake.jobs().length === 1);
    expect(await site.fake.ended(1)).toMatchObject({ state: 'FAILED', exit_code: 98 });
    expect([startsOf(site.root, runId), hasClaim(site.root)]).toEqual([0, false]);
  });
});

describe.concurrent('a run that is carried on', () => {
  it('under another name of the project finds its job, and submits no other', async () => {
    const site = world([]);
    const link = join(keepUntilEnd(temporaryFolder()), 'link');
    symlinkSync(site.root, link);
    const env = { ...site.fake.env, AUTOLAB_CRASH_AT: 'submit.answered' };
    expect((await autolab(site.root, ['-C', link, 'launch'], { env })).signal).toBe('SIGKILL');
    expect(expectEnd(site, await launch(site, ['resume']))).toMatchObject({ job_id: '1', adopted: true });
    expect([callsOf(site, 'sbatch').length, site.fake.jobs().length]).toEqual([1, 1]);
  });

  it('detached, after a requeue: the receipt of the first start is not waited upon', async () => {
    const site = world([], {
      entrypoint: WAITING.replace('echo started', 'echo "started $SLURM_RESTART_COUNT"'),
      compute: { requeue: true },
    });
    expect((await launch(site, ['launch', '--detach'])).json['outcome']).toBe('submitted');
    const runId = await begun(site.root);
    await site.fake.run('scontrol', ['requeue', '1']);
    await until('it began again', () =>
      read(site.root, `experiments/iter1/runs/${runId}/marker`).includes('started 1'),
    );
    const left = await launch(site, ['resume', '--detach']);
    expect([left.status, left.json['code']], left.stderr).toEqual([0, 'run.submitted']);
    letEnd(site.root, runId);
    await site.fake.ended(1);
    expect((await launch(site, ['resume'])).json['code']).toBe('run.completed');
  });
});

describe.concurrent('review', () => {
  it('passes an open Slurm run whose outputs are here', async () => {
    const site = world([], {
      entrypoint: 'echo started >> "$AUTOLAB_RUN_DIR/marker"\n',
      state: { max_stage_attempts: 1 },
    });
    const waiting = await launch(site);
    expect([waiting.json['code'], waiting.json['artifact_sync_status']]).toEqual(['artifacts.missing', 'ok']);
    const passed = await launch(site, ['review', 'pass', '--by', 'ada', '--note', 'good enough']);
    expect([passed.status, passed.json['stage_after'], hasClaim(site.root)], passed.stdout).toEqual([
      0,
      'extract_results',
      false,
    ]);
  });

  it('stops no run whose job may be alive', async () => {
    const site = world([], { entrypoint: WAITING });
    expect((await launch(site, ['launch', '--detach'])).json['outcome']).toBe('submitted');
    await begun(site.root);
    const state = JSON.parse(read(site.root, '.autolab/state.json')) as Record<string, unknown>;
    write(site.root, '.autolab/state.json', json({ ...state, stage: 'human_review' }));
    const stop = ['review', 'stop', '--by', 'ada', '--note', 'enough'];
    const refused = await launch(site, stop);
    expect([refused.json['code'], hasClaim(site.root)], refused.stdout).toEqual(['run.not_abandonable', true]);
    const cancelled = await autolabJson(site.root, ['cancel'], { env: site.fake.env });
    expect(cancelled.json['code'], cancelled.stdout).toBe('run.cancelled');
    expect(site.fake.job(1).state).toBe('CANCELLED');
  });
});
