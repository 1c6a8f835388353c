import { cpSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { autolab, autolabJson, inRun, parseJson, startAutolab } from '../support/autolab.ts';
import { keepUntilEnd, runIds, temporaryFolder } from '../support/project.ts';
import { begun, hasClaim, letEnd, stateOf, WAITING } from '../support/runs.ts';
import { callsOf, expectEnd, launch, type World, world } from '../support/slurm-faults.ts';

/** A project that is copied or moved while a job of its run is on its way. */

const FORCE = ['cancel', '--force', '--by', 'ada', '--note', 'stuck'];

/** As `mv`. */
function move(site: World): World {
  const root = join(keepUntilEnd(temporaryFolder()), 'moved');
  renameSync(site.root, root);
  return { ...site, root };
}

describe.concurrent('in a copy of the project', () => {
  it.each([
    ['runs', WAITING, {}],
    ['is held', WAITING, { AUTOLAB_CRASH_AT: 'submit.answered' }],
  ])('the job that %s is left alone, whatever is done there', async (what, entrypoint, crash) => {
    const site = world([], { entrypoint });
    await autolab(site.root, ['launch', '--detach'], { env: { ...site.fake.env, ...crash } });
    const [runId = ''] = runIds(site.root);
    if (what === 'runs') await begun(site.root);
    const copy = join(keepUntilEnd(temporaryFolder()), 'copy');
    cpSync(site.root, copy, { recursive: true });
    const [job] = site.fake.jobs();
    for (const words of [['launch'], ['resume'], ['cancel']]) {
      const refused = await autolabJson(copy, words, { env: site.fake.env });
      expect([refused.status, refused.json['code']], words.join(' ')).toEqual([13, 'run.copied']);
    }
    const given = await autolabJson(copy, FORCE, { env: site.fake.env });
    expect([given.status, given.json['code'], hasClaim(copy)], given.stderr).toEqual([10, 'run.abandoned', false]);
    expect((await autolab(copy, ['manifest', '--check'])).status).toBe(0);
    expect([callsOf(site, 'scancel'), site.fake.jobs()]).toEqual([[], [job]]);
    const resumed = startAutolab(site.root, ['resume', '--json'], { env: site.fake.env });
    await begun(site.root);
    letEnd(site.root, runId);
    const end = await resumed.ended;
    expectEnd(site, { ...end, json: parseJson(end) });
  });
});

describe.concurrent('a project that was moved', () => {
  it('before its job was submitted ends the run, and is asked for no attempt', async () => {
    const site = world([]);
    await autolab(site.root, ['launch'], { env: { ...site.fake.env, AUTOLAB_CRASH_AT: 'claim.pending_noted' } });
    const moved = move(site);
    const ended = await launch(moved, ['resume']);
    expect([ended.status, ended.json['code'], callsOf(site, 'sbatch')], ended.stdout).toEqual([10, 'run.moved', []]);
    expect([stateOf(moved.root)['stage'], stateOf(moved.root)['stage_attempt']]).toEqual(['launch', 0]);
    expect((await launch(moved)).json['code']).toBe('run.completed');
    expect(runIds(moved.root)).toHaveLength(2);
  });

  it('and its journal damaged: no run is given up whose job runs', async () => {
    const site = world([], { entrypoint: WAITING });
    await launch(site, ['launch', '--detach']);
    const runId = await begun(site.root);
    const moved = move(site);
    const journal = inRun(moved.root, 'iter1', runId, 'journal.jsonl');
    writeFileSync(journal, readFileSync(journal, 'utf8').replace('step.intent', 'step.imtent'));
    const refused = await launch(moved, FORCE);
    expect([refused.status, refused.json['code']], refused.stdout).toEqual([12, 'run.not_abandonable']);
    expect(refused.json['message']).toContain('The run is alive: job 1');
    await site.fake.run('scancel', ['1']);
  });
});
